/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "bring_back.h"
#include "place.h"
#include "terminal.h"
#include "verb.h"

enum { OPTION_IF_MATCH = 256, OPTION_JSON };

static struct {
    const char *expected, *message;
    bool json;
} options;

/* Replaces the head that was seen, not one that has come since. Where that shows before anything is written, no sibling is made of
 * what stands in history anyway. */
static int replace(const struct bringing *bringing, const struct occfs_version *head, int source)
{
    char now[OCCFS_TOKEN_SIZE];
    bool ended;
    const char *expected = options.expected ? options.expected : head->token;
    int code, fd = occfs_open(AT_FDCWD, bringing->file, 0, 0, expected);
    if (fd == -EINVAL && options.expected) return misuse("%s: not a token of this file", options.expected);
    if (fd < 0) return failure(bringing->file, fd);
    int error = occfs_token(AT_FDCWD, bringing->file, now);
    if (!error && strcmp(now, expected) == 0) return bring_back(bringing, source, fd, &ended);
    if (error) {
        code = failure(bringing->file, error);
    } else {
        complain(bringing->file, "has a newer version ('occ log' shows it)");
        code = EXIT_CONFLICT;
    }
    close(fd);
    return code;
}

static int restore(const struct place *place)
{
    struct occfs_version head, source;
    char message[64];
    int error = occfs_version(AT_FDCWD, place->file, NULL, &head);
    if (error) return failure(place->file, error);
    error = place_version(place, &source);
    int fd = error ? error : occfs_version_open(AT_FDCWD, place->file, source.token);
    int code = EXIT_DONE;
    if (fd < 0) {
        code = failure(place->text, fd);
    } else {
        snprintf(message, sizeof message, "restore of %s", place->version);
        const struct bringing bringing = {.file = place->file,
                                          .source = &source,
                                          .verb = "restored",
                                          .message = options.message ? options.message : message,
                                          .message_wanted = options.message,
                                          .json = options.json};
        code = replace(&bringing, &head, fd);
        close(fd);
    }
    if (!error) occfs_version_release(&source);
    occfs_version_release(&head);
    return code;
}

static int run(int argc, char *argv[])
{
    struct place place;
    int id;
    while ((id = option_next(argc, argv)) != -1) {
        if (id == OPTION_IF_MATCH) options.expected = optarg;
        if (id == 'm') options.message = option_message();
        options.json |= id == OPTION_JSON;
    }
    operands_check(argc, 1, 1);
    int error = place_init(&place, argv[optind]);
    if (error) return place_failure(argv[optind], error);
    int code = place.version ? restore(&place) : misuse("%s: which version? (FILE@@N)", argv[optind]);
    place_release(&place);
    int end = pager_end();
    return code ? code : end;
}

const struct verb verb_of_restore = {
    .name = "restore",
    .operands = "FILE@@N",
    .summary = "make an old version the newest",
    .help = "Makes a new version of FILE with the content of version N. It is checked like any write: if the version\n"
            "that was the newest when this began is not any more, nothing is restored, and it exits with 75.",
    .options =
        (const struct verb_option[]){
            {OPTION_IF_MATCH, "if-match", ARGUMENT_TOKEN, "TOKEN", "only if that names the newest version", NULL},
            {OPTION_JSON, "json", ARGUMENT_NONE, NULL, "print a JSON object", NULL},
            {'m', "message", ARGUMENT_TEXT, "TEXT", "for history, instead of 'restore of N'", NULL},
            {0},
        },
    .operand = ARGUMENT_VERSION,
    .run = run,
};
