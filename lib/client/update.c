/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Read, change, commit, and again after a conflict.
 *
 * One descriptor reads and writes: the version that it was opened on is what was read, and what its commit replaces. The sibling of a
 * failed attempt holds what will be made anew, and is removed before the next one.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attribute.h"
#include "whole_content.h"

struct attempt {
    int dirfd;
    const char *path;
    occfs_edit *edit;
    void *context;
    const struct occfs_update_options *options;
};

static long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void sleep_ms(long ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

/* Whether a commit of that id has happened, which is then the outcome. */
static int happened(int fd, const char *request, struct occfs_outcome *ret_outcome, bool *ret_happened)
{
    char token[OCCFS_TOKEN_SIZE];
    int error = occfs_request(fd, request, token);
    *ret_happened = error == 0;
    if (error == -ENODATA) return 0;
    if (error) return error;
    *ret_outcome = (struct occfs_outcome){.result = OCCFS_COMMITTED};
    strcpy(ret_outcome->token, token);
    return 0;
}

static int replace(int fd, const struct attempt *attempt, const void *data, size_t size,
                   struct occfs_outcome *ret_outcome)
{
    int error = 0;
    if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0) error = -errno;
    if (!error) error = content_write(fd, data, size);
    if (!error && attempt->options->message) error = occfs_set_message(fd, attempt->options->message);
    return error ? error : occfs_commit(fd, ret_outcome);
}

static int edit_descriptor(int fd, bool exists, const struct attempt *attempt, struct occfs_outcome *ret_outcome)
{
    struct occfs_content old = {0};
    void *data = NULL;
    size_t size = 0;
    bool done = false;
    int error = attempt->options->request ? happened(fd, attempt->options->request, ret_outcome, &done) : 0;
    if (error || done) return error;
    error = content_read(fd, &old);
    if (!error && exists) error = occfs_token(fd, "", old.token);
    if (!error) error = attempt->edit(attempt->context, &old, &data, &size);
    if (error == 1) {
        *ret_outcome = (struct occfs_outcome){.result = OCCFS_LEFT};
        strcpy(ret_outcome->token, old.token);
        error = 0;
    } else if (!error) {
        error = replace(fd, attempt, data, size, ret_outcome);
        if (error) occfs_discard(fd);
    }
    free(data);
    free(old.data);
    return error;
}

/* `exists`: whether the file is opened, or made. */
static int try_once(const struct attempt *attempt, bool exists, struct occfs_outcome *ret_outcome)
{
    int fd = occfs_open(attempt->dirfd, attempt->path, 0, attempt->options->mode, exists ? NULL : "");
    if (fd < 0) return fd;
    int error = edit_descriptor(fd, exists, attempt, ret_outcome);
    close(fd);
    /* A file that was made for nothing. */
    if (!exists && (error || ret_outcome->result == OCCFS_LEFT)) unlinkat(attempt->dirfd, attempt->path, 0);
    return error;
}

/* Somebody may make or remove the file between the two looks. */
static int try(const struct attempt *attempt, struct occfs_outcome *ret_outcome)
{
    for (;;) {
        int error = try_once(attempt, true, ret_outcome);
        if (error != -ENOENT || !attempt->options->create) return error;
        error = try_once(attempt, false, ret_outcome);
        if (error != -EEXIST) return error;
    }
}

/* Its content will be made again. */
static void remove_sibling(const struct attempt *attempt, const struct occfs_conflict *conflict)
{
    char path[ATTRIBUTE_PATH_SIZE];
    const char *slash = strrchr(attempt->path, '/');
    int directory = slash ? (int)(slash + 1 - attempt->path) : 0;
    if (!conflict->sibling || strchr(conflict->sibling, '/'))
        return; /* in .occ/lost+found: then there is no next attempt */
    if (snprintf(path, sizeof path, "%.*s%s", directory, attempt->path, conflict->sibling) < (int)sizeof path)
        unlinkat(attempt->dirfd, path, 0);
}

int occfs_update(int dirfd, const char *path, occfs_edit *edit, void *context,
                 const struct occfs_update_options *options, struct occfs_outcome *ret_outcome)
{
    const struct occfs_update_options nothing = {0};
    const struct attempt attempt = {dirfd, path, edit, context, options ? options : &nothing};
    const struct occfs_retry *retry = attempt.options->retry ? attempt.options->retry : &occfs_retry_default;
    const long began = now_ms();
    for (unsigned tries = 1;; tries++) {
        struct occfs_outcome outcome;
        int error = try(&attempt, &outcome);
        if (error) return error;
        outcome.tries = tries;
        long delay =
            outcome.result == OCCFS_CONFLICT ? occfs_retry_delay(retry, tries, (unsigned long)(now_ms() - began)) : -1;
        if (delay < 0) {
            *ret_outcome = outcome;
            return 0;
        }
        remove_sibling(&attempt, &outcome.conflict);
        occfs_outcome_release(&outcome);
        sleep_ms(delay);
    }
}
