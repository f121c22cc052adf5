/* SPDX-License-Identifier: Apache-2.0 */
#include "attribute.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

int attribute_own_path(int fd, char ret_path[ATTRIBUTE_PATH_SIZE])
{
    static const char gone[] = " (deleted)";
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, ret_path, ATTRIBUTE_PATH_SIZE);
    if (length < 0) return errno == ENOENT ? -EBADF : -errno;
    if (length >= ATTRIBUTE_PATH_SIZE) return -ENAMETOOLONG;
    ret_path[length] = '\0';
    /* Of one that has lost its name it says so behind the path. */
    size_t before = (size_t)length - (length < (ssize_t)sizeof gone ? (size_t)length : sizeof gone - 1);
    /* Of a name that was expired it says so as well, and the name is still there. */
    if (strcmp(ret_path + before, gone) == 0 && access(ret_path, F_OK) != 0) ret_path[before] = '\0';
    return 0;
}

int attribute_path(int dirfd, const char *path, const char *suffix, char ret_path[ATTRIBUTE_PATH_SIZE])
{
    char own[ATTRIBUTE_PATH_SIZE] = "";
    int length;
    if (path[0] != '\0' && (path[0] == '/' || dirfd == AT_FDCWD)) {
        length = snprintf(ret_path, ATTRIBUTE_PATH_SIZE, "%s%s", path, suffix);
    } else if (dirfd == AT_FDCWD) {
        return -ENOENT;
    } else if (fcntl(dirfd, F_GETFD) < 0) {
        return -EBADF;
    } else if (path[0] == '\0' && suffix[0] != '\0') {
        int error = attribute_own_path(dirfd, own);
        if (error) return error;
        length = snprintf(ret_path, ATTRIBUTE_PATH_SIZE, "%s%s", own, suffix);
    } else {
        length =
            snprintf(ret_path, ATTRIBUTE_PATH_SIZE, "/proc/self/fd/%d%s%s%s", dirfd, path[0] ? "/" : "", path, suffix);
    }
    return length >= ATTRIBUTE_PATH_SIZE ? -ENAMETOOLONG : 0;
}

/* Either by path or, where that is NULL, by descriptor. */
static ssize_t get(const char *path, int fd, const char *name, void *value, size_t size)
{
    return path ? getxattr(path, name, value, size) : fgetxattr(fd, name, value, size);
}

/* Where the file has it not, or the filesystem has no attributes at all. */
static int check(const char *path, int fd)
{
    if (get(path, fd, "user.occ.ordinal", NULL, 0) > 0) return 0;
    return errno == ENODATA || errno == EPERM ? -EOPNOTSUPP : -errno;
}

static int get_value(const char *path, int fd, const char *name, char **ret_value)
{
    char *value = malloc(ATTRIBUTE_SIZE_MAX + 1);
    if (!value) return -ENOMEM;
    ssize_t size = get(path, fd, name, value, ATTRIBUTE_SIZE_MAX);
    if (size < 0) {
        int error = -errno;
        if (error == -ENODATA && check(path, fd) == -EOPNOTSUPP) error = -EOPNOTSUPP;
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

/* Takes the value over. */
static int token_of(char *value, char ret_token[OCCFS_TOKEN_SIZE])
{
    bool fits = strlen(value) < OCCFS_TOKEN_SIZE;
    if (fits) strcpy(ret_token, value);
    free(value);
    return fits ? 0 : -EPROTO;
}

int attribute_token(int dirfd, const char *path, const char *name, char ret_token[OCCFS_TOKEN_SIZE])
{
    char *value;
    int error = attribute_get(dirfd, path, name, &value);
    return error ? error : token_of(value, ret_token);
}

int attribute_token_fd(int fd, const char *name, char ret_token[OCCFS_TOKEN_SIZE])
{
    char *value;
    int error = attribute_get_fd(fd, name, &value);
    return error ? error : token_of(value, ret_token);
}

int attribute_check(int dirfd, const char *path)
{
    char where[ATTRIBUTE_PATH_SIZE];
    if (path[0] == '\0' && dirfd != AT_FDCWD) return attribute_check_fd(dirfd);
    int error = attribute_path(dirfd, path, "", where);
    return error ? error : check(where, -1);
}

int attribute_check_fd(int fd)
{
    return check(NULL, fd);
}
