/* SPDX-License-Identifier: Apache-2.0 */

/* What has become of a file, the newest version first. Each is printed before the next is looked for: of a file with many versions the first
 * lines stand there at once. */

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "described.h"
#include "place.h"
#include "terminal.h"
#include "text_diff.h"
#include "verb.h"

enum { OPTION_JSON = 256, OPTION_ONELINE, OPTION_GRAPH };

static struct {
    bool json, oneline, graph, patch;
    unsigned long limit; /* 0: none */
} options;

/* ---- for people ---- */

/* What stands before a line of a version's description. */
static void print_rail(bool first)
{
    if (options.graph) fputs(first ? "* " : "| ", stdout);
}

static void print_message(const char *message)
{
    while (*message) {
        char line[4200];
        int length = (int)strcspn(message, "\n");
        print_rail(false);
        printf("    ");
        snprintf(line, sizeof line, "%.*s", length, message);
        print_text(line);
        putchar('\n');
        message += length + (message[length] == '\n');
    }
}

static void print_oneline(const struct occfs_version *version)
{
    char when[TIME_TEXT_SIZE], subject[128] = "";
    const char *message = version->message ? version->message : "";
    snprintf(subject, sizeof subject, "%.*s", (int)strcspn(message, "\n"), message);
    time_text_short(version->time, when);
    print_rail(true);
    printf("%s%llu%s %s %s ", colour(COLOUR_YELLOW), (unsigned long long)version->ordinal, colour(COLOUR_NONE), when,
           user_name(version->writer.uid));
    print_text(version->writer.pid > 0 ? version->writer.command : "-");
    printf(" %s %llu%s", version->operation, (unsigned long long)version->size, *subject ? " " : "");
    print_text(subject);
    putchar('\n');
}

static void print_parents(const struct occfs_version *version)
{
    if (version->parent_count == 0) return;
    print_rail(false);
    printf(version->parent_count == 1 ? "Parent:  " : "Parents: ");
    for (unsigned i = 0; i < version->parent_count; i++)
        printf("%s%s", i ? " " : "", version->parents[i]);
    putchar('\n');
}

static void print_long(const struct occfs_version *version)
{
    char who[WHO_TEXT_SIZE], when[TIME_TEXT_SIZE];
    writer_text(&version->writer, who);
    time_text(version->time, when);
    print_rail(true);
    printf("%sversion %llu %s%s\n", colour(COLOUR_YELLOW), (unsigned long long)version->ordinal, version->token,
           colour(COLOUR_NONE));
    print_parents(version);
    print_rail(false);
    printf("Author:  ");
    print_text(who);
    putchar('\n');
    print_rail(false);
    printf("Date:    %s\n", when);
    print_rail(false);
    printf("Change:  %s, %llu bytes\n", version->operation, (unsigned long long)version->size);
    if (version->message) {
        print_rail(false);
        putchar('\n');
        print_message(version->message);
    }
}

/* The second parent is a version of another file, whose content went into this one: the source of a rename, or a sibling. */
static void print_join(const struct occfs_version *version)
{
    if (!options.graph || version->parent_count < 2) return;
    printf("|\\\n| o %s%s%s of another file\n", colour(COLOUR_YELLOW), version->parents[1], colour(COLOUR_NONE));
}

/* ---- the differences ---- */

/* The content of a version's first parent. Of a sibling's first version that is one of the file that it is beside. */
static int parent_content(const char *file, const struct occfs_version *version, struct occfs_content *ret_content)
{
    struct occfs_conflict conflict;
    char target[PATH_MAX];
    *ret_content = (struct occfs_content){0};
    if (version->parent_count == 0) return 0;
    int error = version_content(file, version->parents[0], ret_content);
    if (error != -ENOENT && error != -EINVAL) return error;
    error = occfs_conflict(AT_FDCWD, file, &conflict);
    if (error) return -ENOENT;
    const char *slash = strrchr(file, '/');
    snprintf(target, sizeof target, "%.*s%s", slash ? (int)(slash + 1 - file) : 0, file, conflict.target);
    occfs_conflict_release(&conflict);
    return version_content(target, version->parents[0], ret_content);
}

static int print_patch(const char *file, const struct occfs_version *version)
{
    struct occfs_content old, new = {0};
    char ordinal[24], detail[40];
    int error = parent_content(file, version, &old);
    if (error == -ENOENT) {
        printf("(the version before is not kept any more)\n\n");
        return 0;
    }
    snprintf(ordinal, sizeof ordinal, "%llu", (unsigned long long)version->ordinal);
    snprintf(detail, sizeof detail, "version %s", ordinal);
    if (!error) error = version_content(file, ordinal, &new);
    if (!error) {
        int result = text_diff_print(
            stdout, &(struct diff_side){.name = file, .detail = "before", .data = old.data, .size = old.size},
            &(struct diff_side){.name = file, .detail = detail, .data = new.data, .size = new.size});
        if (result > 0) putchar('\n');
        error = result < 0 ? result : 0;
    }
    free(old.data);
    free(new.data);
    return error;
}

/* ---- the verb ---- */

static int print_version(const char *file, const struct occfs_version *version)
{
    if (options.json) return json_print(json_of_version(version));
    if (options.oneline) print_oneline(version);
    else print_long(version);
    print_join(version);
    if (!options.oneline) printf(options.graph ? "|\n" : "\n");
    int error = options.patch ? print_patch(file, version) : 0;
    return error ? failure(file, error) : EXIT_DONE;
}

static int print_history(const char *file)
{
    struct occfs_history *history;
    struct occfs_version version;
    unsigned long count = 0;
    int code = EXIT_DONE;
    int error = occfs_history_open(AT_FDCWD, file, &history);
    if (error) return failure(file, error);
    /* Who leaves the pager has seen enough. */
    while (!code && !ferror(stdout) && !(options.limit && count == options.limit) &&
           (error = occfs_history_next(history, &version)) == 1) {
        code = print_version(file, &version);
        if (count++ == 0) fflush(stdout);
        occfs_version_release(&version);
    }
    if (error < 0) code = failure(file, error);
    occfs_history_close(history);
    return code;
}

static int log_file(const char *operand)
{
    struct place place;
    int error = place_init(&place, operand);
    if (error) return place_failure(operand, error);
    int code = place.version ? misuse("%s: a file is wanted, not one of its versions", operand) : EXIT_DONE;
    if (!code) {
        if (!options.json) pager_begin();
        code = print_history(place.file);
        int end = pager_end();
        if (!code) code = end;
    }
    place_release(&place);
    return code;
}

static int run(int argc, char *argv[])
{
    int id;
    while ((id = option_next(argc, argv)) != -1) {
        if (id == 'n') options.limit = option_number(1, 1000000000);
        options.json |= id == OPTION_JSON;
        options.oneline |= id == OPTION_ONELINE;
        options.graph |= id == OPTION_GRAPH;
        options.patch |= id == 'p';
    }
    operands_check(argc, 1, 1);
    if (options.json && (options.oneline || options.graph || options.patch))
        return misuse("--json goes with none of --oneline, --graph and --patch");
    return log_file(argv[optind]);
}

const struct verb verb_of_log = {
    .name = "log",
    .operands = "FILE",
    .summary = "show the versions of a file",
    .help = "Shows the versions of FILE, the newest first: which they replaced, who made them, when, how and why.\n"
            "FILE may have been removed.",
    .options =
        (const struct verb_option[]){
            {OPTION_GRAPH, "graph", ARGUMENT_NONE, NULL, "draw where content of another file came in", NULL},
            {OPTION_JSON, "json", ARGUMENT_NONE, NULL, "one JSON object a line", NULL},
            {'n', "number", ARGUMENT_NUMBER, "N", "not more than N versions", NULL},
            {OPTION_ONELINE, "oneline", ARGUMENT_NONE, NULL, "one line for each version", NULL},
            {'p', "patch", ARGUMENT_NONE, NULL, "with the difference to the version before", NULL},
            {0},
        },
    .operand = ARGUMENT_PATH,
    .run = run,
};
