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

/* A path that leads where `path` leads from `dirfd`, with `suffix` behind it. -ENAMETOOLONG. */
int attribute_path(int dirfd, const char *path, const char *suffix, char ret_path[ATTRIBUTE_PATH_SIZE]);

/* The value, NUL-terminated, in memory that the caller frees. -EOPNOTSUPP: this is no file of an occfs mount (which answers -ENODATA for
 * what a file of its does not have). */
int attribute_get(int dirfd, const char *path, const char *name, char **ret_value);
int attribute_get_fd(int fd, const char *name, char **ret_value);
int attribute_set_fd(int fd, const char *name, const char *value);

/* A token attribute into a fixed array. -EPROTO if it is longer than tokens are. */
int attribute_token_fd(int fd, const char *name, char ret_token[OCCFS_TOKEN_SIZE]);

#endif
