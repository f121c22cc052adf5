/* SPDX-License-Identifier: Apache-2.0 */
#include "landing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "outcome.h"
#include "place.h"
#include "whole_content.h"

int landing_commit(const struct landing *landing, const void *data, size_t size, struct occfs_outcome *ret_outcome)
{
    int fd = occfs_open(AT_FDCWD, landing->file, O_TRUNC, 0666, landing->expected);
    if (fd < 0) return fd;
    int error = landing->sibling ? occfs_set_resolved(fd, landing->resolved) : 0;
    if (!error && landing->message) error = occfs_set_message(fd, landing->message);
    if (!error) error = content_write(fd, data, size);
    if (!error) error = occfs_commit(fd, ret_outcome);
    if (error) occfs_discard(fd);
    close(fd);
    if (error && landing->expected[0] == '\0') unlink(landing->file); /* made for nothing */
    return error;
}

void landing_forget(const struct landing *landing, const struct occfs_conflict *conflict)
{
    char *path = outcome_sibling(landing->file, conflict);
    bool own = conflict->writer.pid == getpid() && !(landing->sibling && path && strcmp(path, landing->sibling) == 0);
    if (path && own) unlink(path);
    free(path);
}

int newest_content(const char *file, struct occfs_content *ret_content)
{
    struct occfs_content content = {0};
    int error = occfs_token(AT_FDCWD, file, content.token);
    if (!error) error = version_content(file, content.token, &content); /* that one, if another one comes meanwhile */
    if (!error) *ret_content = content;
    return error;
}
