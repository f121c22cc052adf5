/* SPDX-License-Identifier: Apache-2.0 */

/* Reading: tokens, versions, and history. */

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attribute.h"
#include "description.h"

void occfs_version_release(struct occfs_version *version)
{
    free(version->message);
    version->message = NULL;
}

int occfs_token(int dirfd, const char *path, char ret_token[OCCFS_TOKEN_SIZE])
{
    char token[OCCFS_TOKEN_SIZE];
    int error = attribute_token(dirfd, path, "user.occ.version", token);
    if (!error) error = attribute_check(dirfd, path);
    if (!error) strcpy(ret_token, token);
    return error;
}

/* ---- the directory of a history ---- */

static int directory_open(const char *path)
{
    int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return directory < 0 ? -errno : directory;
}

/* That of the file to which a symbolic link leads. */
static int directory_open_followed(int dirfd, const char *path)
{
    char where[ATTRIBUTE_PATH_SIZE], real[PATH_MAX + 2];
    int error = attribute_path(dirfd, path, "", where);
    if (error) return error;
    if (!realpath(where, real)) return -errno;
    return directory_open(strcat(real, "@@"));
}

/* The kernel's word for where a descriptor's file is may be an old one. */
static int directory_check(int directory, int fd)
{
    char token[OCCFS_TOKEN_SIZE];
    int error = attribute_token_fd(fd, "user.occ.version", token);
    if (error) return error;
    return faccessat(directory, token, F_OK, 0) == 0 ? 0 : -errno;
}

/* Opens `f@@`. */
static int history_directory(int dirfd, const char *path)
{
    char where[ATTRIBUTE_PATH_SIZE];
    int error = attribute_path(dirfd, path, "@@", where);
    if (error) return error;
    int directory = directory_open(where);
    if (directory == -ENOENT && path[0] != '\0') directory = directory_open_followed(dirfd, path);
    if (directory == -ENOENT || directory == -ENOTDIR)
        return attribute_check(dirfd, path) == -EOPNOTSUPP ? -EOPNOTSUPP : -ENOENT;
    if (directory < 0 || path[0] != '\0') return directory;
    error = directory_check(directory, dirfd);
    if (!error) return directory;
    close(directory);
    return error;
}

/* What may stand in it. */
static bool is_version_name(const char *version)
{
    return version[0] != '\0' && version[0] != '.' && !strchr(version, '/');
}

static int version_describe(int directory, const char *version, struct occfs_version *ret_version)
{
    char *json;
    int error = attribute_get(directory, version, "user.occ.commit", &json);
    if (error) return error;
    error = description_version(json, ret_version);
    free(json);
    return error;
}

int occfs_version(int dirfd, const char *path, const char *version, struct occfs_version *ret_version)
{
    char *json;
    if (version && !is_version_name(version)) return -EINVAL;
    if (version) {
        int directory = history_directory(dirfd, path);
        int error = directory < 0 ? directory : version_describe(directory, version, ret_version);
        if (directory >= 0) close(directory);
        return error;
    }
    int error = attribute_get(dirfd, path, "user.occ.commit", &json);
    if (error) return error;
    error = description_version(json, ret_version);
    free(json);
    return error;
}

int occfs_version_open(int dirfd, const char *path, const char *version)
{
    if (!is_version_name(version)) return -EINVAL;
    int directory = history_directory(dirfd, path);
    if (directory < 0) return directory;
    int fd = openat(directory, version, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int error = -errno;
    close(directory);
    return fd < 0 ? error : fd;
}

/* ---- history ---- */

struct occfs_history {
    int directory; /* f@@: that of the same file also when the file is moved meanwhile */
    uint64_t next; /* ordinal */
    bool ended;
};

/* The largest ordinal in `f@@` up to that one. -ENOENT: none. */
static int newest_listed(int directory, uint64_t most, uint64_t *ret_ordinal)
{
    uint64_t newest = 0;
    bool found = false;
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    if (!list) {
        int error = -errno;
        if (fd >= 0) close(fd);
        return error;
    }
    for (;;) {
        char *end;
        errno = 0;
        const struct dirent *entry = readdir(list);
        if (!entry) break;
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
        uint64_t ordinal = strtoull(entry->d_name, &end, 10);
        if (*end || ordinal > most || (found && ordinal < newest)) continue; /* N.killed */
        newest = ordinal;
        found = true;
    }
    int error = errno ? -errno : found ? 0 : -ENOENT;
    closedir(list);
    if (!error) *ret_ordinal = newest;
    return error;
}

/* By path the file says it. A removed one does not, and a descriptor speaks of the version that it shows. */
static int newest(int dirfd, const char *path, int directory, uint64_t *ret_ordinal)
{
    char *value, *end;
    int error = path[0] ? attribute_get(dirfd, path, "user.occ.ordinal", &value) : -ENOENT;
    if (error == -ENOENT) return newest_listed(directory, UINT64_MAX, ret_ordinal);
    if (error) return error;
    errno = 0;
    uint64_t ordinal = strtoull(value, &end, 10);
    bool is_number = !errno && end != value && !*end;
    free(value);
    if (is_number) *ret_ordinal = ordinal;
    return is_number ? 0 : -EPROTO;
}

int occfs_history_open(int dirfd, const char *path, struct occfs_history **ret_history)
{
    int directory = history_directory(dirfd, path);
    if (directory < 0) return directory;
    struct occfs_history *history = calloc(1, sizeof *history);
    int error = history ? newest(dirfd, path, directory, &history->next) : -ENOMEM;
    if (error) {
        free(history);
        close(directory);
        return error;
    }
    history->directory = directory;
    *ret_history = history;
    return 0;
}

int occfs_history_next(struct occfs_history *history, struct occfs_version *ret_version)
{
    char name[24];
    int error;
    if (history->ended) return 0;
    for (;;) {
        snprintf(name, sizeof name, "%" PRIu64, history->next);
        error = version_describe(history->directory, name, ret_version);
        if (error != -ENOENT) break;
        /* That one has been pruned. */
        if (history->next > 0) error = newest_listed(history->directory, history->next - 1, &history->next);
        if (error) break;
    }
    history->ended = error == -ENOENT || (!error && history->next == 0);
    if (error) return error == -ENOENT ? 0 : error;
    history->next--;
    return 1;
}

void occfs_history_close(struct occfs_history *history)
{
    if (!history) return;
    close(history->directory);
    free(history);
}
