/* SPDX-License-Identifier: Apache-2.0 */
#include "arguments.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verb.h"

bool quiet, verbose;

enum { OPTIONS_MAX = 32, COMMON = 3 };

static const struct option common[COMMON] = {
    {"help", no_argument, NULL, 'h'}, {"quiet", no_argument, NULL, 'q'}, {"verbose", no_argument, NULL, 'v'}};

int misuse(const char *format, ...)
{
    va_list arguments;
    char text[1024];
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ') *c = '?';
    fprintf(stderr, "occ %s: %s (see 'occ help %s')\n", verb_running->name, text, verb_running->name);
    return EXIT_MISUSE;
}

/* What getopt_long wants to know, from the verb's table. */
static void options_collect(struct option *ret_long, char *ret_short)
{
    size_t count = 0, letters = 0;
    if (verb_running->takes_command) ret_short[letters++] = '+';
    ret_short[letters++] = ':'; /* tell a missing argument from an unknown option */
    for (const struct verb_option *option = verb_running->options; option && option->id; option++) {
        bool takes = option->kind != ARGUMENT_NONE;
        if (option->name)
            ret_long[count++] =
                (struct option){option->name, takes ? required_argument : no_argument, NULL, option->id};
        if (option->id > 255) continue;
        ret_short[letters++] = (char)option->id;
        if (takes) ret_short[letters++] = ':';
    }
    for (size_t i = 0; i < COMMON; i++) {
        ret_long[count++] = common[i];
        if (strchr(ret_short, common[i].val)) continue; /* the verb has another meaning for the letter */
        ret_short[letters++] = (char)common[i].val;
    }
    ret_long[count] = (struct option){0};
    ret_short[letters] = '\0';
}

int option_next(int argc, char *argv[])
{
    struct option long_options[OPTIONS_MAX + COMMON + 1];
    char short_options[2 * OPTIONS_MAX + COMMON + 3] = "";
    options_collect(long_options, short_options);
    opterr = 0;
    for (;;) {
        int at = optind ? optind : 1;
        int id = getopt_long(argc, argv, short_options, long_options, NULL);
        switch (id) {
        case 'h':
            verb_help(verb_running);
            exit(EXIT_DONE);
        case 'q':
            quiet = true;
            break;
        case 'v':
            verbose = true;
            break;
        case ':':
            exit(misuse("%s: an argument is missing", argv[at]));
        case '?':
            if (optopt && optopt < 256) exit(misuse("-%c: no such option", optopt));
            exit(misuse("%s: no such option", argv[at]));
        default:
            return id;
        }
    }
}

static int number_wrong(const char *what)
{
    return misuse("%s: not %s", optarg, what);
}

unsigned long option_number(unsigned long least, unsigned long most)
{
    char *end, what[80];
    errno = 0;
    unsigned long number = strtoul(optarg, &end, 10);
    snprintf(what, sizeof what, "a number from %lu to %lu", least, most);
    if (errno || end == optarg || *end || *optarg == '-' || number < least || number > most) exit(number_wrong(what));
    return number;
}

unsigned long option_duration_ms(void)
{
    static const struct {
        const char *suffix;
        double ms;
    } units[] = {{"", 1000}, {"s", 1000}, {"ms", 1}, {"m", 60000}, {"h", 3600000}};
    char *end;
    double number = strtod(optarg, &end);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (end != optarg && number >= 0 && number < 1e9 && strcmp(end, units[i].suffix) == 0)
            return (unsigned long)(number * units[i].ms);
    exit(number_wrong("a time, as 500ms, 5s or 2m"));
}

const char *option_message(void)
{
    enum { LONGEST = 4096 };
    if (!*optarg) exit(misuse("the message is empty"));
    if (strlen(optarg) > LONGEST) exit(misuse("the message is longer than %d bytes", LONGEST));
    return optarg;
}

const char *option_request(void)
{
    enum { LONGEST = 128 };
    bool printable = *optarg != '\0';
    for (const char *c = optarg; *c; c++)
        printable &= *c > ' ' && *c <= '~';
    if (!printable || strlen(optarg) > LONGEST)
        exit(misuse("%s: not an id: it has 1 to %d printable characters of ASCII, and no space", optarg, LONGEST));
    return optarg;
}

void operands_check(int argc, int least, int most)
{
    int count = argc - optind;
    if (count < least) exit(misuse("too few arguments"));
    if (most >= 0 && count > most) exit(misuse("too many arguments"));
}
