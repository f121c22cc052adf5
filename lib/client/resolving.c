/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "attribute.h"
#include "description.h"
#include "whole_content.h"

int occfs_conflict(int dirfd, const char *path, struct occfs_conflict *ret_conflict)
{
    char *json;
    int error = attribute_get(dirfd, path, "user.occ.conflict", &json);
    if (error) return error;
    error = description_conflict(json, ret_conflict);
    free(json);
    return error;
}

int occfs_resolve(int dirfd, const char *path, const char *sibling, const void *data, size_t size, const char *expected,
                  const char *message, struct occfs_outcome *ret_outcome)
{
    int fd = occfs_open(dirfd, path, O_TRUNC, 0, expected);
    if (fd < 0) return fd;
    int error = occfs_set_resolved(fd, sibling);
    if (!error && message) error = occfs_set_message(fd, message);
    if (!error) error = content_write(fd, data, size);
    if (!error) error = occfs_commit(fd, ret_outcome);
    if (error) occfs_discard(fd);
    close(fd);
    return error;
}
