/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What may stand next on a command line, for the completions of the shells: `occ complete WORD...`, where the last word is the one that is
 * being typed, prints a candidate a line. The first line says what the shell is to add by itself: `files`, `directories`,
 * `command` or `nothing`.
 */

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "place.h"
#include "verb.h"

/* What has been typed of `--name=VALUE` before the value. */
static const char *assignment = "";
static size_t assignment_length;

static void offer(const char *prefix, const char *word, const char *begin)
{
    if (strncmp(word, begin, strlen(begin)) == 0)
        printf("%.*s%s%s\n", (int)assignment_length, assignment, prefix, word);
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
    if (!at) return;
    const char *name = at + 2 + (at[2] == '/');
    if (snprintf(directory, sizeof directory, "%.*s", (int)(name - begin), begin) >= (int)sizeof directory) return;
    DIR *versions = opendir(directory);
    if (!versions) return;
    for (const struct dirent *entry; (entry = readdir(versions)) != NULL;)
        if (entry->d_name[0] != '.') offer(directory, entry->d_name, name);
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

/* Of the files that the command line names. */
static void offer_tokens(const char *begin, char *words[], int count)
{
    for (int i = 0; i < count; i++) {
        struct place place;
        struct occfs_version version;
        if (words[i][0] == '-' || place_init(&place, words[i]) != 0) continue;
        if (place_version(&place, &version) == 0) {
            offer("", version.token, begin);
            occfs_version_release(&version);
        }
        place_release(&place);
    }
}

/* What is being completed: the last word, and those between it and the verb. */
struct typing {
    const struct verb *verb;
    char **before;
    int count;
    const char *typed;
};

static void offer_argument(const struct typing *typing, enum argument_kind kind, const char *words)
{
    const char *begin = typing->typed;
    bool version = kind == ARGUMENT_VERSION && strstr(begin, "@@");
    if (kind == ARGUMENT_PATH || (kind == ARGUMENT_VERSION && !version)) puts("files");
    else puts(kind == ARGUMENT_DIRECTORY ? "directories" : kind == ARGUMENT_COMMAND ? "command" : "nothing");
    if (version) offer_versions(begin);
    if (kind == ARGUMENT_VERB) offer_verbs(begin);
    if (kind == ARGUMENT_WORD) offer_words(words, begin);
    if (kind == ARGUMENT_TOKEN) offer_tokens(begin, typing->before, typing->count);
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

/* The option of `--name=VALUE`, whose value is then what is being typed; NULL if it is none. */
static const struct verb_option *assigned(struct typing *typing)
{
    const char *typed = typing->typed, *equals = strchr(typed, '=');
    if (strncmp(typed, "--", 2) != 0 || !equals) return NULL;
    size_t length = (size_t)(equals - typed) - 2;
    for (const struct verb_option *option = typing->verb->options; option && option->id; option++) {
        if (!option->argument || !option->name || strlen(option->name) != length) continue;
        if (strncmp(typed + 2, option->name, length) != 0) continue;
        assignment = typed;
        assignment_length = length + 3;
        typing->typed = equals + 1;
        return option;
    }
    return NULL;
}

static void offer_operand(const struct typing *typing)
{
    bool first = typing->verb->words != NULL;
    for (int i = 0; i < typing->count; i++)
        if (typing->before[i][0] != '-') first = false;
    if (first) offer_argument(typing, ARGUMENT_WORD, typing->verb->words);
    else offer_argument(typing, typing->verb->operand, NULL);
}

static int run(int argc, char *argv[])
{
    if (argc <= 2) {
        puts("nothing");
        offer_verbs(argc > 1 ? argv[1] : "");
        return EXIT_DONE;
    }
    struct typing typing = {verb_find(argv[1]), argv + 2, argc - 3, argv[argc - 1]};
    if (!typing.verb) return EXIT_DONE;
    const struct verb_option *option = typing.count > 0 ? awaiting(typing.verb, typing.before[typing.count - 1]) : NULL;
    if (!option) option = assigned(&typing);
    if (option) {
        offer_argument(&typing, option->kind, option->words);
    } else if (typing.typed[0] == '-') {
        puts("nothing");
        offer_options(typing.verb, typing.typed);
    } else {
        offer_operand(&typing);
    }
    return EXIT_DONE;
}

const struct verb verb_of_complete = {.name = "complete", .run = run};
