/* SPDX-License-Identifier: Apache-2.0 */

/* Writing: a descriptor with an expectation, and the outcome of its commit. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attribute.h"
#include "description.h"

void occfs_conflict_release(struct occfs_conflict *conflict)
{
    free(conflict->sibling);
    conflict->sibling = NULL;
}

void occfs_outcome_release(struct occfs_outcome *outcome)
{
    occfs_conflict_release(&outcome->conflict);
}

/* The version that the draft shall replace. A stale one is bound all the same: the commit will tell. */
static int expect(int fd, const char *expected)
{
    char opened[OCCFS_TOKEN_SIZE];
    int error = expected ? 0 : attribute_token_fd(fd, "user.occ.version", opened);
    /* Also where nothing is expected: else the version would count that the process has read before. */
    if (!error) error = attribute_set_fd(fd, "user.occ.version", expected ? expected : opened);
    return error == -ESTALE ? 0 : error;
}

int occfs_open(int dirfd, const char *path, int flags, mode_t mode, const char *expected)
{
    bool absent = expected && expected[0] == '\0';
    flags = (flags & ~O_ACCMODE) | O_RDWR | O_CLOEXEC | O_NOCTTY;
    if (absent) flags |= O_CREAT | O_EXCL;
    int fd = openat(dirfd, path, flags, mode);
    if (fd < 0) return -errno;
    int error = expect(fd, absent ? NULL : expected);
    if (!error) return fd;
    occfs_discard(fd); /* an O_TRUNC */
    close(fd);
    return error;
}

int occfs_set_message(int fd, const char *message)
{
    return attribute_set_fd(fd, "user.occ.message", message);
}

int occfs_set_request(int fd, const char *id)
{
    return attribute_set_fd(fd, "user.occ.request", id);
}

int occfs_set_resolved(int fd, const char *token)
{
    return attribute_set_fd(fd, "user.occ.resolves", token);
}

int occfs_request(int fd, const char *id, char ret_token[OCCFS_TOKEN_SIZE])
{
    int error = occfs_set_request(fd, id);
    return error ? error : attribute_token_fd(fd, "user.occ.request", ret_token);
}

static int read_conflict(int fd, struct occfs_conflict *ret_conflict)
{
    char *json;
    int error = attribute_get_fd(fd, "user.occ.conflict", &json);
    if (error) return error;
    error = description_conflict(json, ret_conflict);
    free(json);
    return error;
}

int occfs_commit(int fd, struct occfs_outcome *ret_outcome)
{
    struct occfs_outcome outcome = {.result = OCCFS_COMMITTED, .tries = 1};
    int error;
    if (fsync(fd) != 0) {
        if (errno != EAGAIN) return -errno;
        outcome.result = OCCFS_CONFLICT;
        error = read_conflict(fd, &outcome.conflict);
        if (!error) strcpy(outcome.token, outcome.conflict.head);
    } else {
        error = attribute_token_fd(fd, "user.occ.version", outcome.token);
    }
    if (!error) *ret_outcome = outcome;
    return error;
}

int occfs_discard(int fd)
{
    return attribute_set_fd(fd, "user.occ.discard", "");
}
