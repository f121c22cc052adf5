/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arguments.h"
#include "terminal.h"
#include "whole_content.h"

enum { LINKS_MAX = 40 }; /* as the kernel */

/* A file may have `@@` within its name. `f@@TOKEN` is a symbolic link. */
static bool is_file_of_that_name(const char *text, const char *version)
{
    struct stat status;
    return version[-1] != '/' && lstat(text, &status) == 0 && S_ISREG(status.st_mode);
}

/* The last `@@` that has a version behind it, and not another component of the path. */
static const char *find_version(const char *text)
{
    const char *found = NULL;
    for (const char *at = strstr(text, "@@"); at; at = strstr(at + 1, "@@"))
        if (at > text && at[-1] != '/') found = at;
    if (!found) return NULL;
    const char *version = found + 2 + (found[2] == '/');
    return strchr(version, '/') || is_file_of_that_name(text, version) ? NULL : found;
}

/* A symbolic link has no versions: the file that it leads to, or led to, has. */
static int follow(struct place *place)
{
    for (int links = 0; links < LINKS_MAX; links++) {
        char target[PATH_MAX], *path;
        ssize_t length = readlink(place->file, target, sizeof target - 1);
        if (length < 0) return 0; /* something else, or nothing that is there now */
        target[length] = '\0';
        const char *slash = strrchr(place->file, '/');
        int directory = slash && target[0] != '/' ? (int)(slash + 1 - place->file) : 0;
        if (asprintf(&path, "%.*s%s", directory, place->file, target) < 0) return -ENOMEM;
        free(place->file);
        place->file = path;
    }
    return -ELOOP;
}

int place_init(struct place *place, const char *text)
{
    const char *at = find_version(text);
    *place = (struct place){.text = text};
    place->file = at ? strndup(text, (size_t)(at - text)) : strdup(text);
    if (!place->file) return -ENOMEM;
    int error = follow(place);
    if (at && !error) {
        const char *version = at + 2 + (at[2] == '/');
        place->version = *version ? strdup(version) : NULL;
        if (!place->version) error = *version ? -ENOMEM : -EINVAL;
    }
    if (error) place_release(place);
    return error;
}

int place_failure(const char *text, int error)
{
    return error == -EINVAL ? misuse("%s: no version behind the @@", text) : failure(text, error);
}

void place_release(struct place *place)
{
    free(place->file);
    free(place->version);
    place->file = place->version = NULL;
}

int place_open(const struct place *place)
{
    if (place->version) return occfs_version_open(AT_FDCWD, place->file, place->version);
    int fd = open(place->file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return fd < 0 ? -errno : fd;
}

/* Of a removed file, what its history has as the newest. */
static int newest(const char *file, struct occfs_version *ret_version)
{
    struct occfs_history *history;
    int error = occfs_version(AT_FDCWD, file, NULL, ret_version);
    if (error != -ENOENT) return error;
    error = occfs_history_open(AT_FDCWD, file, &history);
    if (error) return error;
    error = occfs_history_next(history, ret_version);
    occfs_history_close(history);
    return error == 1 ? 0 : error == 0 ? -ENOENT : error;
}

int place_version(const struct place *place, struct occfs_version *ret_version)
{
    if (!place->version) return newest(place->file, ret_version);
    return occfs_version(AT_FDCWD, place->file, place->version, ret_version);
}

int version_content(const char *file, const char *version, struct occfs_content *ret_content)
{
    int fd = occfs_version_open(AT_FDCWD, file, version);
    if (fd < 0) return fd;
    int error = content_read(fd, ret_content);
    close(fd);
    return error;
}
