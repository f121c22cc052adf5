/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>

#include "arguments.h"
#include "verb.h"

static const struct verb_option common[] = {
    {'h', "help", ARGUMENT_NONE, NULL, "this text", NULL},
    {'q', "quiet", ARGUMENT_NONE, NULL, "say only what was asked for", NULL},
    {'v', "verbose", ARGUMENT_NONE, NULL, "say what is being done", NULL},
    {0},
};

static void show_options(const struct verb_option *option)
{
    for (; option && option->id; option++) {
        char flags[64];
        const char *separator = option->argument && option->name ? "=" : option->argument ? " " : "";
        int at = option->id < 256 ? snprintf(flags, sizeof flags, "-%c%s", option->id, option->name ? ", " : "")
                                  : snprintf(flags, sizeof flags, "    ");
        snprintf(flags + at, sizeof flags - (size_t)at, "%s%s%s%s", option->name ? "--" : "",
                 option->name ? option->name : "", separator, option->argument ? option->argument : "");
        printf("  %-26s  %s\n", flags, option->help);
    }
}

void verb_help(const struct verb *verb)
{
    printf("usage: occ %s%s%s%s\n\n%s\n", verb->name, verb->options ? " [OPTION...]" : "", *verb->operands ? " " : "",
           verb->operands, verb->help);
    if (verb->options) printf("\n");
    show_options(verb->options);
    printf("\n");
    show_options(common);
    printf("\nThe manual is occ-%s(1).\n", verb->name);
}

void verb_list(void)
{
    printf("usage: occ VERB [OPTION...] [ARGUMENT...]\n\nWorks with the versions of the files on occfs mounts.\n\n");
    for (const struct verb *const *verb = verbs; *verb; verb++)
        if ((*verb)->summary) printf("  %-10s  %s\n", (*verb)->name, (*verb)->summary);
    printf("\n'occ help VERB' tells more of each. FILE@@N is version N of FILE.\n"
           "Exit codes: 0 done, 1 differences or no, 2 misuse, 69 not on occfs, 74 failed, 75 conflict.\n");
}

static int run(int argc, char *argv[])
{
    while (option_next(argc, argv) != -1)
        ;
    operands_check(argc, 0, 1);
    if (optind == argc) {
        verb_list();
        return EXIT_DONE;
    }
    const struct verb *verb = verb_find(argv[optind]);
    if (!verb || !verb->summary) return misuse("%s: no such verb", argv[optind]);
    verb_help(verb);
    return EXIT_DONE;
}

const struct verb verb_of_help = {
    .name = "help",
    .operands = "[VERB]",
    .summary = "tell what a verb does",
    .help = "Lists the verbs, or tells what one does and which options it has.",
    .operand = ARGUMENT_VERB,
    .run = run,
};
