/* SPDX-License-Identifier: Apache-2.0 */

/* Reading: tokens, versions, and history. */

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attribute.h"
#include "description.h"

void occfs_version_release(struct occfs_version *version)
{
    free(version->message);
    version->message = NULL;
}

int occfs_token(int dirfd, const char *path, char ret_token[OCCFS_TOKEN_SIZE])
{
    char *value;
    int error = attribute_get(dirfd, path, "user.occ.version", &value);
    if (error) return error;
    if (strlen(value) >= OCCFS_TOKEN_SIZE) error = -EPROTO;
    else strcpy(ret_token, value);
    free(value);
    return error;
}

/* What may stand behind `f@@/`. */
static bool is_version_name(const char *version)
{
    return version[0] != '\0' && version[0] != '.' && !strchr(version, '/') && strlen(version) < NAME_MAX;
}

static int version_path(int dirfd, const char *path, const char *version, char ret_path[ATTRIBUTE_PATH_SIZE])
{
    char suffix[NAME_MAX + 4];
    if (!is_version_name(version)) return -EINVAL;
    snprintf(suffix, sizeof suffix, "@@/%s", version);
    return attribute_path(dirfd, path, suffix, ret_path);
}

int occfs_version(int dirfd, const char *path, const char *version, struct occfs_version *ret_version)
{
    char where[ATTRIBUTE_PATH_SIZE], *json;
    int error = version ? version_path(dirfd, path, version, where) : 0;
    if (!error)
        error = version ? attribute_get(AT_FDCWD, where, "user.occ.commit", &json)
                        : attribute_get(dirfd, path, "user.occ.commit", &json);
    if (error) return error;
    error = description_version(json, ret_version);
    free(json);
    return error;
}

int occfs_version_open(int dirfd, const char *path, const char *version)
{
    char where[ATTRIBUTE_PATH_SIZE];
    int error = version_path(dirfd, path, version, where);
    if (error) return error;
    int fd = open(where, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return fd < 0 ? -errno : fd;
}

/* ---- history ---- */

struct occfs_history {
    char path[ATTRIBUTE_PATH_SIZE]; /* of f@@ */
    uint64_t next;                  /* ordinal */
    bool ended;
};

/* The newest ordinal in `f@@`: of a removed file there is nothing else to ask. */
static int newest_listed(const char *path, uint64_t *ret_ordinal)
{
    DIR *directory = opendir(path);
    bool found = false;
    if (!directory) return -errno;
    for (;;) {
        char *end;
        errno = 0;
        const struct dirent *entry = readdir(directory);
        if (!entry) break;
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
        uint64_t ordinal = strtoull(entry->d_name, &end, 10);
        if (*end || (found && ordinal < *ret_ordinal)) continue; /* N.killed */
        *ret_ordinal = ordinal;
        found = true;
    }
    int error = errno ? -errno : found ? 0 : -ENOENT;
    closedir(directory);
    return error;
}

int occfs_history_open(int dirfd, const char *path, struct occfs_history **ret_history)
{
    struct occfs_history *history = calloc(1, sizeof *history);
    char *value = NULL, *end;
    if (!history) return -ENOMEM;
    int error = attribute_path(dirfd, path, "@@", history->path);
    if (!error) error = attribute_get(dirfd, path, "user.occ.ordinal", &value);
    if (!error) {
        errno = 0;
        history->next = strtoull(value, &end, 10);
        if (errno || end == value || *end) error = -EPROTO;
    } else if (error == -ENOENT) {
        error = newest_listed(history->path, &history->next);
    }
    free(value);
    if (error) free(history);
    else *ret_history = history;
    return error;
}

int occfs_history_next(struct occfs_history *history, struct occfs_version *ret_version)
{
    char path[ATTRIBUTE_PATH_SIZE + 24], *json;
    if (history->ended) return 0;
    snprintf(path, sizeof path, "%s/%" PRIu64, history->path, history->next);
    int error = attribute_get(AT_FDCWD, path, "user.occ.commit", &json);
    if (error == -ENOENT) { /* older ones have been pruned */
        history->ended = true;
        return 0;
    }
    if (error) return error;
    error = description_version(json, ret_version);
    free(json);
    if (error) return error;
    history->ended = history->next == 0;
    history->next--;
    return 1;
}

void occfs_history_close(struct occfs_history *history)
{
    free(history);
}
