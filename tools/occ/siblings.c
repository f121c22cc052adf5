/* SPDX-License-Identifier: Apache-2.0 */
#include "siblings.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "described.h"

static const char suffix[] = ".conflict";

static void sibling_release(struct sibling *sibling)
{
    free(sibling->path);
    free(sibling->target);
    occfs_conflict_release(&sibling->conflict);
}

void sibling_list_release(struct sibling_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        sibling_release(&list->siblings[i]);
    free(list->siblings);
    *list = (struct sibling_list){0};
}

/* As much of a path as leads to its directory, with the slash. */
static int directory_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (int)(slash + 1 - path) : 0;
}

/* Conflicts are told in JSON, in which a name that is not UTF-8 is not what it is. */
static bool is_told_as(const char *name, const char *told)
{
    json_t *text = json_of_text(name);
    bool same = text && strcmp(json_string_value(text), told) == 0;
    json_decref(text);
    return same;
}

/* Cuts `.conflict`, then a number before it, off a path as long as what is left is not the one that is told. */
static char *target_of(const char *path, const char *told)
{
    size_t directory = (size_t)directory_length(path), length = strlen(path) - (sizeof suffix - 1);
    char *target;
    for (int cuts = 0; cuts < 2 && length > directory; cuts++) {
        target = strndup(path, length);
        if (!target || is_told_as(target + directory, told)) return target;
        free(target);
        while (length > directory && path[length - 1] != '.')
            length--;
        length -= length > directory;
    }
    return asprintf(&target, "%.*s%s", (int)directory, path, told) < 0 ? NULL : target;
}

/* Takes the conflict. */
static int append(struct sibling_list *list, const char *path, struct occfs_conflict *conflict)
{
    struct sibling sibling = {.path = strdup(path), .conflict = *conflict};
    struct sibling *more = reallocarray(list->siblings, list->count + 1, sizeof *more);
    if (more) list->siblings = more;
    sibling.target = target_of(path, conflict->target);
    if (!more || !sibling.path || !sibling.target) {
        sibling_release(&sibling);
        return -ENOMEM;
    }
    list->siblings[list->count++] = sibling;
    return 0;
}

/* Appends the file if it is a sibling, and of `name` unless that is NULL. */
static int look_at(struct sibling_list *list, const char *path, const char *name)
{
    struct occfs_conflict conflict;
    int error = occfs_conflict(AT_FDCWD, path, &conflict);
    if (error == -ENODATA || (name && (error == -ENOENT || error == -EOPNOTSUPP))) return 0;
    if (error) return error;
    if (!name || is_told_as(name, conflict.target)) return append(list, path, &conflict);
    occfs_conflict_release(&conflict);
    return 0;
}

static bool is_called_sibling(const char *name)
{
    size_t length = strlen(name);
    return length > sizeof suffix - 1 && strcmp(name + length - (sizeof suffix - 1), suffix) == 0;
}

/* The numbers may have gaps, and long stems are cut: what a sibling is one of stands in it alone. */
static int look_beside(struct sibling_list *list, const char *file)
{
    char path[PATH_MAX];
    int length = directory_length(file), error = 0;
    if (snprintf(path, sizeof path, "%.*s", length, file) >= (int)sizeof path) return -ENAMETOOLONG;
    DIR *directory = opendir(length ? path : ".");
    if (!directory) return -errno;
    for (const struct dirent *entry; !error && (entry = readdir(directory)) != NULL;) {
        if (!is_called_sibling(entry->d_name)) continue;
        if (snprintf(path, sizeof path, "%.*s%s", length, file, entry->d_name) < (int)sizeof path)
            error = look_at(list, path, file + length);
    }
    closedir(directory);
    return error;
}

static int by_number(const void *a, const void *b)
{
    const char *left = ((const struct sibling *)a)->path, *right = ((const struct sibling *)b)->path;
    size_t left_length = strlen(left), right_length = strlen(right);
    if (left_length != right_length) return left_length < right_length ? -1 : 1; /* the first has no number */
    return strcmp(left, right);
}

int sibling_list_init(struct sibling_list *list, const char *file)
{
    *list = (struct sibling_list){0};
    int error = look_at(list, file, NULL);
    if (error == -ENOENT) error = 0; /* a removed file has siblings, too */
    if (!error && list->count == 0) error = look_beside(list, file);
    if (error) sibling_list_release(list);
    else if (list->count > 1) qsort(list->siblings, list->count, sizeof *list->siblings, by_number);
    return error;
}
