/* SPDX-License-Identifier: Apache-2.0 */
#include "attribute.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

int attribute_path(int dirfd, const char *path, const char *suffix, char ret_path[ATTRIBUTE_PATH_SIZE])
{
    int length;
    if (path[0] == '/' || (dirfd == AT_FDCWD && path[0] != '\0'))
        length = snprintf(ret_path, ATTRIBUTE_PATH_SIZE, "%s%s", path, suffix);
    else if (dirfd == AT_FDCWD) length = snprintf(ret_path, ATTRIBUTE_PATH_SIZE, ".%s", suffix);
    else
        length =
            snprintf(ret_path, ATTRIBUTE_PATH_SIZE, "/proc/self/fd/%d%s%s%s", dirfd, path[0] ? "/" : "", path, suffix);
    return length >= ATTRIBUTE_PATH_SIZE ? -ENAMETOOLONG : 0;
}

/* Either by path or, where that is NULL, by descriptor. */
static ssize_t get(const char *path, int fd, const char *name, void *value, size_t size)
{
    return path ? getxattr(path, name, value, size) : fgetxattr(fd, name, value, size);
}

/* Other filesystems have no user.occ.version, on no file. */
static bool is_on_occfs(const char *path, int fd)
{
    return get(path, fd, "user.occ.version", NULL, 0) > 0;
}

static int get_value(const char *path, int fd, const char *name, char **ret_value)
{
    char *value = malloc(ATTRIBUTE_SIZE_MAX + 1);
    if (!value) return -ENOMEM;
    ssize_t size = get(path, fd, name, value, ATTRIBUTE_SIZE_MAX);
    if (size < 0) {
        int error = errno == ENODATA && !is_on_occfs(path, fd) ? -EOPNOTSUPP : -errno;
        free(value);
        return error;
    }
    value[size] = '\0';
    char *fitting = realloc(value, (size_t)size + 1);
    *ret_value = fitting ? fitting : value;
    return 0;
}

int attribute_get(int dirfd, const char *path, const char *name, char **ret_value)
{
    char where[ATTRIBUTE_PATH_SIZE];
    if (path[0] == '\0' && dirfd != AT_FDCWD) return attribute_get_fd(dirfd, name, ret_value);
    int error = attribute_path(dirfd, path, "", where);
    return error ? error : get_value(where, -1, name, ret_value);
}

int attribute_get_fd(int fd, const char *name, char **ret_value)
{
    return get_value(NULL, fd, name, ret_value);
}

int attribute_set_fd(int fd, const char *name, const char *value)
{
    return fsetxattr(fd, name, value, strlen(value), 0) == 0 ? 0 : -errno;
}

int attribute_token_fd(int fd, const char *name, char ret_token[OCCFS_TOKEN_SIZE])
{
    char *value;
    int error = attribute_get_fd(fd, name, &value);
    if (error) return error;
    if (strlen(value) >= OCCFS_TOKEN_SIZE) error = -EPROTO;
    else strcpy(ret_token, value);
    free(value);
    return error;
}
