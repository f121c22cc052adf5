/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "place.h"
#include "sibling_resolution.h"
#include "siblings.h"
#include "terminal.h"
#include "verb.h"

enum {
    OPTION_MINE = 256,
    OPTION_THEIRS,
    OPTION_MERGE,
    OPTION_BOTH,
    OPTION_TOOL,
    OPTION_AS,
    OPTION_EDIT,
    OPTION_ALL,
};

struct request {
    struct resolution resolution;
    bool mode_given, all;
    unsigned long number; /* as in f.N.conflict, where f.conflict is 1; 0: none was named */
};

/* ---- which of the siblings ---- */

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* A long name may have been cut: what stands between the last dots before the suffix counts. */
static unsigned long number_of(const struct sibling *sibling)
{
    const char *name = name_of(sibling->path), *target = name_of(sibling->target);
    size_t length = strlen(target);
    if (strncmp(name, target, length) == 0 && strcmp(name + length, ".conflict") == 0) return 1;
    const char *end = strrchr(name, '.'), *digits = end;
    while (digits && digits > name && digits[-1] >= '0' && digits[-1] <= '9')
        digits--;
    return digits && digits < end && digits > name && digits[-1] == '.' ? strtoul(digits, NULL, 10) : 1;
}

/* A directory that has gone has left its siblings there. */
static bool is_lost(const struct sibling *sibling)
{
    static const char place[] = "/.occ/lost+found/";
    char *real = realpath(sibling->path, NULL);
    bool lost = real && strstr(real, place) && !strchr(strstr(real, place) + sizeof place - 1, '/');
    free(real);
    return lost;
}

static int resolve_one(const struct sibling *sibling, const struct request *request)
{
    if (!is_lost(sibling)) return resolve_sibling(sibling, &request->resolution);
    complain(sibling->path, "the directory of %s has gone (move this file to where it belongs, with mv)",
             sibling->conflict.target);
    return EXIT_NO;
}

static int choose(const char *operand, const struct sibling_list *list, const struct request *request)
{
    int code = EXIT_DONE;
    size_t done = 0;
    if (list->count > 1 && !request->all && request->number == 0) {
        complain(operand, "has %zu conflicts (name one: 'occ resolve %s N', or all: --all)", list->count, operand);
        return EXIT_MISUSE;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (request->number != 0 && number_of(&list->siblings[i]) != request->number) continue;
        int one = resolve_one(&list->siblings[i], request);
        if (one > code) code = one;
        done++;
    }
    if (done > 0) return code;
    if (list->count > 0) complain(operand, "has no conflict %lu ('occ conflicts' lists them)", request->number);
    else complain(operand, "has no conflict");
    return EXIT_NO;
}

static int resolve(const char *operand, const struct request *request)
{
    struct place place;
    struct sibling_list list;
    int error = place_init(&place, operand);
    if (error) return failure(operand, error);
    error = place.version ? -EINVAL : sibling_list_init(&list, place.file);
    int code = error == -EINVAL ? misuse("%s: a version has no conflicts; name the file", operand)
               : error          ? failure(operand, error)
                                : choose(operand, &list, request);
    if (!error) sibling_list_release(&list);
    place_release(&place);
    return code;
}

/* ---- the command line ---- */

static void choose_mode(struct request *request, enum resolution_mode mode)
{
    if (request->mode_given && request->resolution.mode != mode) exit(misuse("more than one way to resolve"));
    request->mode_given = true;
    request->resolution.mode = mode;
}

static void read_options(int argc, char *argv[], struct request *request)
{
    struct resolution *resolution = &request->resolution;
    for (int id; (id = option_next(argc, argv)) != -1;) {
        if (id == OPTION_MINE) choose_mode(request, RESOLUTION_MINE);
        else if (id == OPTION_THEIRS) choose_mode(request, RESOLUTION_THEIRS);
        else if (id == OPTION_MERGE) choose_mode(request, RESOLUTION_MERGE);
        else if (id == OPTION_BOTH) choose_mode(request, RESOLUTION_BOTH);
        else if (id == OPTION_TOOL) choose_mode(request, RESOLUTION_TOOL);
        if (id == OPTION_TOOL) resolution->tool = optarg;
        else if (id == OPTION_AS) resolution->name = optarg;
        else if (id == OPTION_EDIT) resolution->edit = true;
        else if (id == OPTION_ALL) request->all = true;
        else if (id == 'm') resolution->message = optarg;
        else if (id == 'o') resolution->output = optarg;
    }
}

static void check_options(const struct request *request)
{
    const struct resolution *resolution = &request->resolution;
    if (resolution->name && resolution->mode != RESOLUTION_BOTH) exit(misuse("--as is for --both"));
    if (resolution->name && (!*resolution->name || strchr(resolution->name, '/')))
        exit(misuse("--as: %s: not a name beside the file", resolution->name));
    if (resolution->name && request->all) exit(misuse("--as names one file; it does not go with --all"));
    if ((resolution->edit || resolution->output) && resolution->mode != RESOLUTION_MERGE)
        exit(misuse("--edit and --output are for --merge"));
    if (resolution->edit && resolution->output) exit(misuse("--edit and --output exclude each other"));
    if (request->all && request->number != 0) exit(misuse("N and --all exclude each other"));
    if (resolution->message && resolution->mode == RESOLUTION_BOTH)
        exit(misuse("--both makes no version that could have a message"));
}

static bool is_number(const char *text)
{
    return *text && strspn(text, "0123456789") == strlen(text);
}

static int run(int argc, char *argv[])
{
    struct request request = {0};
    read_options(argc, argv, &request);
    operands_check(argc, 1, 2);
    const char *file = argv[optind], *number = argv[optind + 1];
    if (number && is_number(file) && !is_number(number)) { /* --mine N FILE */
        file = number;
        number = argv[optind];
    }
    if (number) {
        optarg = (char *)number;
        request.number = option_number(1, 1000000000);
    }
    check_options(&request);
    return resolve(file, &request);
}

const struct verb verb_of_resolve = {
    .name = "resolve",
    .operands = "FILE [N]",
    .summary = "resolve a conflict",
    .help =
        "Decides a conflict of FILE, which may also be the sibling. The outcome becomes the file's next version, with\n"
        "the version that was there and the sibling's as its parents; the sibling is removed in the same step.\n"
        "Of several siblings N names one, as in FILE.N.conflict; FILE.conflict is 1.\n"
        "Without an option a three-way merge: if others have changed the same lines, nothing is done, and it exits "
        "with\n"
        "75.",
    .options =
        (const struct verb_option[]){
            {OPTION_MERGE, "merge", ARGUMENT_NONE, NULL, "merge what both have changed since the base", NULL},
            {OPTION_MINE, "mine", ARGUMENT_NONE, NULL, "take what is in the sibling", NULL},
            {OPTION_THEIRS, "theirs", ARGUMENT_NONE, NULL, "leave the file as it is", NULL},
            {OPTION_BOTH, "both", ARGUMENT_NONE, NULL, "leave the file; the sibling becomes FILE.mine", NULL},
            {OPTION_AS, "as", ARGUMENT_TEXT, "NAME", "with --both: the name that the sibling gets", NULL},
            {OPTION_TOOL, "tool", ARGUMENT_TEXT, "TOOL", "merge with a tool of git mergetool", NULL},
            {OPTION_EDIT, "edit", ARGUMENT_NONE, NULL, "open a merge with conflicts in an editor", NULL},
            {'o', "output", ARGUMENT_PATH, "PATH", "write a merge with conflicts there (- is standard output)", NULL},
            {OPTION_ALL, "all", ARGUMENT_NONE, NULL, "all conflicts of FILE, one after the other", NULL},
            {'m', "message", ARGUMENT_TEXT, "TEXT", "for the version's history", NULL},
            {0},
        },
    .operand = ARGUMENT_PATH,
    .run = run,
};
