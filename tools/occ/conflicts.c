/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "described.h"
#include "description.h"
#include "mountpoints.h"
#include "table.h"
#include "terminal.h"
#include "verb.h"

enum { OPTION_JSON = 256, COLUMNS = 5 };

/* What is asked for, and what was found. */
struct listing {
    bool json;
    char here[PATH_MAX]; /* the current directory; "" if it has no name */
    struct table table;
    size_t count;
    int code; /* of the worst that went wrong */
};

static void fail(struct listing *listing, int code)
{
    if (code > listing->code) listing->code = code;
}

/* ---- one conflict ---- */

/* A path below the mountpoint as one from the root; NULL stays NULL. To be freed. -ENOMEM. */
static int absolute(const char *point, const json_t *below, char **ret_path)
{
    const char *text = json_string_value(below), *at = strcmp(point, "/") == 0 ? "" : point;
    *ret_path = NULL;
    return text && asprintf(ret_path, "%s/%s", at, text) < 0 ? -ENOMEM : 0;
}

/* Shorter, where the file is below the current directory. */
static const char *seen_from(const char *here, const char *path)
{
    size_t length = strlen(here);
    if (!path) return "?";
    return length > 1 && strncmp(path, here, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}

static int tell_row(struct listing *listing, const char *line, const char *file, const char *sibling)
{
    struct occfs_conflict conflict;
    char who[WHO_TEXT_SIZE], when[TIME_TEXT_SIZE], size[24];
    int error = description_conflict(line, &conflict);
    if (error) return error;
    snprintf(who, sizeof who, "%s (%s)", user_name(conflict.writer.uid), conflict.writer.command);
    time_text_short(conflict.time, when);
    snprintf(size, sizeof size, "%" PRIu64, conflict.size);
    const char *const cells[COLUMNS] = {seen_from(listing->here, file), seen_from(listing->here, sibling), who, when,
                                        size};
    occfs_conflict_release(&conflict);
    return table_add(&listing->table, cells);
}

static int tell_json(json_t *object, const char *point, const char *file, const char *sibling)
{
    json_object_set_new(object, "path", json_of_text(file));
    json_object_set_new(object, "sibling", json_of_text(sibling));
    json_object_set_new(object, "mount", json_of_text(point));
    return json_print(json_incref(object)) == EXIT_DONE ? 0 : -EIO;
}

static bool is_below(const char *path, const char *directory)
{
    size_t length = strlen(directory);
    return length == 0 ||
           (path && strncmp(path, directory, length) == 0 && (path[length] == '/' || path[length] == '\0'));
}

/* A line of .occ/conflicts, if its file or sibling is below a directory: "" is the whole mount. */
static int consider(struct listing *listing, const char *point, const char *directory, const char *line)
{
    json_t *object = json_loads(line, 0, NULL);
    const json_t *file = json_object_get(object, "path"), *sibling = json_object_get(object, "sibling");
    char *file_path = NULL, *sibling_path = NULL;
    int error = json_is_object(object) ? 0 : -EPROTO;
    if (!error && (is_below(json_string_value(file), directory) || is_below(json_string_value(sibling), directory))) {
        listing->count++;
        error = absolute(point, file, &file_path);
        if (!error) error = absolute(point, sibling, &sibling_path);
        if (!error && listing->json) error = tell_json(object, point, file_path, sibling_path);
        else if (!error) error = tell_row(listing, line, file_path, sibling_path);
    }
    free(file_path);
    free(sibling_path);
    json_decref(object);
    return error;
}

/* ---- mounts and directories ---- */

/* Of the filesystem whose root is at `point`. */
static void list_below(struct listing *listing, const char *point, const char *directory)
{
    char path[PATH_MAX + sizeof "/.occ/conflicts"], *line = NULL;
    size_t size = 0;
    int error = 0;
    snprintf(path, sizeof path, "%s/.occ/conflicts", point);
    FILE *conflicts = fopen(path, "re");
    if (!conflicts) {
        fail(listing, failure(point, -errno));
        return;
    }
    while (!error && getline(&line, &size, conflicts) >= 0)
        error = consider(listing, point, directory, line);
    if (!error && ferror(conflicts)) error = -EIO;
    if (error) fail(listing, failure(path, error));
    free(line);
    fclose(conflicts);
}

/* Lists what is below a path on a mount. */
static int list_path(struct listing *listing, const struct mountpoint_list *mounts, const char *path)
{
    char real[PATH_MAX], directory[2 * PATH_MAX];
    const struct mountpoint *mount;
    int error = mountpoint_of(mounts, path, &mount);
    if (!error && !realpath(path, real)) error = -errno;
    if (error) return failure(path, error);
    const char *point = mountpoint_root(mounts, mount);
    if (!point) {
        complain(path, "only a part of its filesystem is mounted (mount the whole to see its conflicts)");
        return EXIT_NOWHERE;
    }
    const char *part = strcmp(mount->root, "/") == 0 ? "" : mount->root, *rest = real + strlen(mount->point);
    snprintf(directory, sizeof directory, "%s/%s", part, rest + (*rest == '/'));
    size_t length = strlen(directory);
    if (length > 0 && directory[length - 1] == '/') directory[length - 1] = '\0';
    list_below(listing, point, directory + (directory[0] == '/'));
    return EXIT_DONE;
}

/* Each filesystem once, however often it is mounted. */
static int list_all(struct listing *listing, const struct mountpoint_list *mounts)
{
    if (mounts->count == 0) {
        complain(NULL, "no occfs filesystem is mounted");
        return EXIT_NOWHERE;
    }
    for (size_t i = 0; i < mounts->count; i++)
        if (mountpoint_root(mounts, &mounts->mounts[i]) == mounts->mounts[i].point)
            list_below(listing, mounts->mounts[i].point, "");
    return EXIT_DONE;
}

static int list(struct listing *listing, const char *path)
{
    struct mountpoint_list mounts;
    const struct mountpoint *here;
    int code, error = mountpoint_list_init(&mounts);
    if (error) return failure("/proc/self/mountinfo", error);
    const char *point = mountpoint_of(&mounts, ".", &here) == 0 ? mountpoint_root(&mounts, here) : NULL;
    if (path) {
        code = list_path(listing, &mounts, path);
    } else if (point) {
        list_below(listing, point, "");
        code = EXIT_DONE;
    } else {
        code = list_all(listing, &mounts);
    }
    mountpoint_list_release(&mounts);
    return code;
}

static int run(int argc, char *argv[])
{
    static const char *const titles[COLUMNS] = {"FILE", "SIBLING", "WHO", "WHEN", "SIZE"};
    struct listing listing = {0};
    int id;
    while ((id = option_next(argc, argv)) != -1)
        listing.json |= id == OPTION_JSON;
    operands_check(argc, 0, 1);
    if (!getcwd(listing.here, sizeof listing.here)) listing.here[0] = '\0';
    table_init(&listing.table, titles, COLUMNS);
    if (!listing.json) pager_begin();
    fail(&listing, list(&listing, argv[optind]));
    table_print(&listing.table);
    table_release(&listing.table);
    fail(&listing, pager_end());
    return listing.code ? listing.code : listing.count > 0 ? EXIT_NO : EXIT_DONE;
}

const struct verb verb_of_conflicts = {
    .name = "conflicts",
    .operands = "[DIR]",
    .summary = "list unresolved conflicts",
    .help = "Lists the conflicts below DIR that nobody has resolved: the file, the sibling that keeps what was to be\n"
            "written, who it was, when, and how many bytes. Without DIR those of the mount of the current directory;\n"
            "outside any, those of all mounts. Exits with 0 if there are none, with 1 if there are some.",
    .options =
        (const struct verb_option[]){
            {OPTION_JSON, "json", ARGUMENT_NONE, NULL, "one JSON object a line", NULL},
            {0},
        },
    .operand = ARGUMENT_DIRECTORY,
    .run = run,
};
