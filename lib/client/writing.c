/* SPDX-License-Identifier: Apache-2.0 */

/* Writing: what goes with a commit, and its outcome. */

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

/* Other filesystems would take any attribute. */
static int set(int fd, const char *name, const char *value)
{
    int error = attribute_check_fd(fd);
    return error ? error : attribute_set_fd(fd, name, value);
}

int occfs_set_message(int fd, const char *message)
{
    return set(fd, "user.occ.message", message);
}

int occfs_set_request(int fd, const char *id)
{
    return set(fd, "user.occ.request", id);
}

int occfs_set_resolved(int fd, const char *token)
{
    return set(fd, "user.occ.resolves", token);
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
        if (error == -ENODATA) error = 0; /* somebody has dealt with the sibling already */
    } else {
        error = description_token_fd(fd, outcome.token, &outcome.made);
    }
    if (!error) *ret_outcome = outcome;
    return error;
}

int occfs_discard(int fd)
{
    return set(fd, "user.occ.discard", "");
}
