/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_ATTRIBUTE_H
#define OCC_ATTRIBUTE_H

#include <limits.h>
#include <stddef.h>

#include "occfs.h"

/* The extended attributes by which a mount and its clients talk (occfs(7)), and paths from a directory's descriptor, for which Linux has
 * no getxattrat(2) that could be relied on. */

enum {
    ATTRIBUTE_PATH_SIZE = PATH_MAX + 32, /* /proc/self/fd/N/ before a path */
    ATTRIBUTE_SIZE_MAX = 65536,
};

/*
 * A path that leads where `path` leads from `dirfd`, with `suffix` behind it. -ENAMETOOLONG, -EBADF. Of an empty path with a suffix: where the
 * kernel says that the descriptor's file is; -ENOENT if it has no name any more.
 */
int attribute_path(int dirfd, const char *path, const char *suffix, char ret_path[ATTRIBUTE_PATH_SIZE]);

/* Where the kernel says that a descriptor's file is. It may have been moved by others, and have lost its name. -ENAMETOOLONG, -EBADF. */
int attribute_own_path(int fd, char ret_path[ATTRIBUTE_PATH_SIZE]);

/* The value, NUL-terminated, in memory that the caller frees. -EOPNOTSUPP: this is no file of an occfs mount (which answers -ENODATA for
 * what a file of its does not have). */
int attribute_get(int dirfd, const char *path, const char *name, char **ret_value);
int attribute_get_fd(int fd, const char *name, char **ret_value);
int attribute_set_fd(int fd, const char *name, const char *value);

/* A token attribute into a fixed array. -EPROTO if it is longer than tokens are. */
int attribute_token(int dirfd, const char *path, const char *name, char ret_token[OCCFS_TOKEN_SIZE]);
int attribute_token_fd(int fd, const char *name, char ret_token[OCCFS_TOKEN_SIZE]);

/* 0, or -EOPNOTSUPP. A copy elsewhere may carry the token along, but no other attribute of a version. */
int attribute_check(int dirfd, const char *path);
int attribute_check_fd(int fd);

#endif
