/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "arguments.h"
#include "described.h"
#include "mountpoints.h"
#include "terminal.h"
#include "verb.h"

/* The device of the nearest directory on the way to a file that is still there. */
static int device_near(const char *file, dev_t *ret_device)
{
    struct stat status;
    char *path = strdup(file);
    int result = path ? stat(path, &status) : -1;
    while (path && result != 0) {
        char *slash = strrchr(path, '/');
        if (slash) *slash = '\0';
        result = stat(slash ? *path ? path : "/" : ".", &status);
        if (!slash || !*path) break;
    }
    free(path);
    if (result == 0) *ret_device = status.st_dev;
    return result;
}

static const char *root_of_device(const struct mountpoint_list *list, dev_t device)
{
    for (size_t i = 0; i < list->count; i++)
        if (makedev(list->mounts[i].major, list->mounts[i].minor) == device)
            return mountpoint_root(list, &list->mounts[i]);
    return NULL;
}

/* `path` from the root of the mount that the file is on. */
static char *path_on_mount(const char *file, const char *path)
{
    struct mountpoint_list list;
    dev_t device;
    char *whole = NULL;
    if (device_near(file, &device) != 0 || mountpoint_list_init(&list) != 0) return strdup(path);
    const char *root = root_of_device(&list, device);
    if (asprintf(&whole, "%s/%s", root ? root : "", path) < 0) whole = NULL;
    mountpoint_list_release(&list);
    return whole;
}

char *outcome_sibling(const char *file, const struct occfs_conflict *conflict)
{
    const char *slash = strrchr(file, '/');
    int directory = slash ? (int)(slash + 1 - file) : 0;
    char *path;
    if (!conflict->sibling) return NULL;
    if (strchr(conflict->sibling, '/')) return path_on_mount(file, conflict->sibling);
    return asprintf(&path, "%.*s%s", directory, file, conflict->sibling) < 0 ? NULL : path;
}

static const char *result_name(enum occfs_result result)
{
    return result == OCCFS_COMMITTED ? "committed" : result == OCCFS_CONFLICT ? "conflict" : "unchanged";
}

static int print(const char *file, const struct occfs_outcome *outcome, const char *sibling, bool json)
{
    if (json)
        return json_print(json_pack("{s:o, s:s, s:s, s:I, s:o}", "file", json_of_text(file), "result",
                                    result_name(outcome->result), "token", outcome->token, "tries",
                                    (json_int_t)outcome->tries, "sibling", json_of_text(sibling)));
    if (outcome->result != OCCFS_CONFLICT && !quiet) puts(outcome->token);
    return EXIT_DONE;
}

int outcome_tell(const char *file, const struct occfs_outcome *outcome, bool json)
{
    bool conflict = outcome->result == OCCFS_CONFLICT;
    char *sibling = conflict ? outcome_sibling(file, &outcome->conflict) : NULL;
    int code = print(file, outcome, sibling, json), end = pager_end();
    if (conflict && sibling)
        complain(file, "somebody else was faster (what was to be written is in %s; 'occ resolve %s' merges it)",
                 sibling, file);
    else if (conflict) complain(file, "somebody else was faster (nothing had to be kept)");
    free(sibling);
    if (code == EXIT_DONE) code = end;
    return code ? code : conflict ? EXIT_CONFLICT : EXIT_DONE;
}
