/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What may stand next on a command line, for the completions of the shells: `occ complete WORD...`, where the last word is the one that is
 * being typed, prints a candidate a line. The first line says what the shell is to add by itself: `files`, `directories`,
 * `command` or `nothing`.
 */

#include <dirent.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "verb.h"

static void offer(const char *prefix, const char *word, const char *begin)
{
    if (strncmp(word, begin, strlen(begin)) == 0) printf("%s%s\n", prefix, word);
}

static void offer_verbs(const char *begin)
{
    for (const struct verb *const *verb = verbs; *verb; verb++)
        if ((*verb)->summary) offer("", (*verb)->name, begin);
}

static void offer_options(const struct verb *verb, const char *begin)
{
    for (const struct verb_option *option = verb->options; option && option->id; option++) {
        char word[64];
        if (option->name) snprintf(word, sizeof word, "--%s%s", option->name, option->argument ? "=" : "");
        else snprintf(word, sizeof word, "-%c", option->id);
        offer("", word, begin);
    }
    offer("", "--help", begin);
    offer("", "--quiet", begin);
    offer("", "--verbose", begin);
}

/* The versions of `FILE@@`. */
static void offer_versions(const char *begin)
{
    const char *at = strstr(begin, "@@");
    char directory[4096];
    if (!at || snprintf(directory, sizeof directory, "%.*s", (int)(at + 2 - begin), begin) >= (int)sizeof directory)
        return;
    DIR *versions = opendir(directory);
    if (!versions) return;
    for (const struct dirent *entry; (entry = readdir(versions)) != NULL;)
        if (entry->d_name[0] != '.') offer(directory, entry->d_name, at + 2 + (at[2] == '/'));
    closedir(versions);
}

static void offer_words(const char *words, const char *begin)
{
    while (words && *words) {
        size_t length = strcspn(words, "|");
        char word[64];
        snprintf(word, sizeof word, "%.*s", (int)length, words);
        offer("", word, begin);
        words += length + (words[length] == '|');
    }
}

static void offer_argument(enum argument_kind kind, const char *words, const char *begin)
{
    bool version = kind == ARGUMENT_VERSION && strstr(begin, "@@");
    if (kind == ARGUMENT_PATH || (kind == ARGUMENT_VERSION && !version)) puts("files");
    else puts(kind == ARGUMENT_DIRECTORY ? "directories" : kind == ARGUMENT_COMMAND ? "command" : "nothing");
    if (version) offer_versions(begin);
    if (kind == ARGUMENT_VERB) offer_verbs(begin);
    if (kind == ARGUMENT_WORD) offer_words(words, begin);
}

/* The option whose argument is being typed; NULL if none is. */
static const struct verb_option *awaiting(const struct verb *verb, const char *before)
{
    for (const struct verb_option *option = verb->options; option && option->id; option++) {
        if (option->kind == ARGUMENT_NONE || before[0] != '-') continue;
        if (before[1] == '-' && option->name && strcmp(before + 2, option->name) == 0) return option;
        if (before[1] == option->id && before[2] == '\0') return option;
    }
    return NULL;
}

static int run(int argc, char *argv[])
{
    const char *typed = argc > 1 ? argv[argc - 1] : "";
    const struct verb *verb = argc > 2 ? verb_find(argv[1]) : NULL;
    if (argc <= 2) {
        puts("nothing");
        offer_verbs(typed);
    }
    if (!verb) return EXIT_DONE;
    const struct verb_option *option = argc > 3 ? awaiting(verb, argv[argc - 2]) : NULL;
    if (option) {
        offer_argument(option->kind, option->words, typed);
    } else if (typed[0] == '-') {
        puts("nothing");
        offer_options(verb, typed);
    } else {
        offer_argument(verb->operand, NULL, typed);
    }
    return EXIT_DONE;
}

const struct verb verb_of_complete = {.name = "complete", .run = run};
