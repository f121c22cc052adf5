/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Read, change, commit, and again after a conflict.
 *
 * One descriptor reads and writes: the version that it was opened on is what was read, and what its commit replaces. The sibling of a
 * failed attempt holds what will be made anew, and is removed before the next one, when the descriptor is closed: a conflicted draft goes on to
 * write it.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attribute.h"
#include "expectation.h"
#include "whole_content.h"

struct attempt {
    int dirfd;
    const char *path;
    occfs_edit *edit;
    void *context;
    const struct occfs_update_options *options;
    struct timespec began; /* by the clock of which conflicts have their time */
    /* Where the file of the last conflict is, symbolic links followed; "": not known. */
    char conflicted[ATTRIBUTE_PATH_SIZE];
};

static long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_before(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
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
    int error = attribute_set_fd(fd, "user.occ.request", request);
    if (!error) error = attribute_token_fd(fd, "user.occ.request", token);
    *ret_happened = error == 0;
    if (error == -ENODATA) return 0;
    if (error) return error;
    *ret_outcome = (struct occfs_outcome){.result = OCCFS_COMMITTED};
    strcpy(ret_outcome->token, token);
    return 0;
}

/* The new content in the place of the old one, which had so many bytes. */
static int replace(int fd, const struct attempt *attempt, size_t old_size, const void *data, size_t size,
                   struct occfs_outcome *ret_outcome)
{
    const char *message = attempt->options->message;
    int error = content_write(fd, data, size);
    if (!error && size < old_size && ftruncate(fd, (off_t)size) != 0) error = -errno;
    if (!error && message) error = attribute_set_fd(fd, "user.occ.message", message);
    if (!error) error = occfs_commit(fd, ret_outcome);
    if (error) attribute_set_fd(fd, "user.occ.discard", "");
    return error;
}

/* What `edit` makes of the old content. *ret_left: nothing. */
static int edit_content(const struct attempt *attempt, const struct occfs_content *old, void **ret_data,
                        size_t *ret_size, bool *ret_left)
{
    void *data = NULL;
    int error = attempt->edit(attempt->context, old, &data, ret_size);
    *ret_left = error > 0;
    if (error == 0) *ret_data = data;
    else free(data);
    return error < 0 ? error : 0;
}

static struct occfs_outcome outcome_left(const char *token)
{
    struct occfs_outcome outcome = {.result = OCCFS_LEFT};
    strcpy(outcome.token, token);
    return outcome;
}

/*
 * What has the content of the newest version is committed, whatever it was made of. But here it was made of another one: who adds 1 to 5, as
 * somebody else has just done, has to add 1 to 6.
 */
static void outcome_check(struct occfs_outcome *outcome, const char *old)
{
    if (outcome->result != OCCFS_COMMITTED || outcome->made || strcmp(outcome->token, old) == 0) return;
    outcome->result = OCCFS_CONFLICT;
    strcpy(outcome->conflict.base, old);
    strcpy(outcome->conflict.head, outcome->token);
}

static int edit_descriptor(int fd, const struct attempt *attempt, struct occfs_content *old,
                           struct occfs_outcome *ret_outcome)
{
    void *data = NULL;
    size_t size = 0;
    bool left;
    int error = content_read(fd, old);
    if (!error) error = edit_content(attempt, old, &data, &size, &left);
    if (error) return error;
    if (left) *ret_outcome = outcome_left(old->token);
    else error = replace(fd, attempt, old->size, data, size, ret_outcome);
    if (!error && !left) outcome_check(ret_outcome, old->token);
    free(data);
    return error;
}

/* ---- an attempt ---- */

/* `outcome`: NULL for none. */
static void attempt_end(struct attempt *attempt, int fd, const struct occfs_outcome *outcome)
{
    attempt->conflicted[0] = '\0';
    if (outcome && outcome->result == OCCFS_CONFLICT && attribute_own_path(fd, attempt->conflicted) != 0)
        attempt->conflicted[0] = '\0';
    close(fd);
}

/*
 * Whether the sibling is that of this attempt alone. The same bytes are kept once: if somebody else, or this process earlier, had them kept
 * before, or somebody has written to the sibling since, it stays.
 */
static bool is_own(const struct attempt *attempt, const struct occfs_conflict *met, const struct occfs_conflict *found)
{
    return found->writer.pid == getpid() && !is_before(&found->time, &attempt->began) &&
           found->time.tv_sec == met->time.tv_sec && found->time.tv_nsec == met->time.tv_nsec &&
           found->size == met->size && strcmp(found->hash, met->hash) == 0;
}

static void remove_sibling(struct attempt *attempt, const struct occfs_conflict *conflict)
{
    struct occfs_conflict found;
    char *path = attempt->conflicted, *slash = strrchr(path, '/');
    if (!slash || !conflict->sibling || strchr(conflict->sibling, '/'))
        return; /* in .occ/lost+found: no next attempt */
    size_t room = (size_t)(path + ATTRIBUTE_PATH_SIZE - (slash + 1));
    if (strlen(conflict->sibling) >= room) return;
    strcpy(slash + 1, conflict->sibling);
    if (occfs_conflict(AT_FDCWD, path, &found) != 0) return;
    if (is_own(attempt, conflict, &found)) unlink(path);
    occfs_conflict_release(&found);
}

static int try_existing(struct attempt *attempt, struct occfs_outcome *ret_outcome, bool *ret_absent)
{
    struct occfs_content old = {0};
    bool done = false;
    int fd = expectation_open(attempt->dirfd, attempt->path, 0, 0, NULL, old.token);
    *ret_absent = fd == -ENOENT;
    if (fd < 0) return fd;
    int error = attempt->options->request ? happened(fd, attempt->options->request, ret_outcome, &done) : 0;
    if (!error && !done) error = edit_descriptor(fd, attempt, &old, ret_outcome);
    attempt_end(attempt, fd, error ? NULL : ret_outcome);
    free(old.data);
    return error;
}

/* A file that was made for nothing, unless somebody has written to it meanwhile. */
static void remove_made(const struct attempt *attempt, const char *token)
{
    char now[OCCFS_TOKEN_SIZE];
    if (occfs_token(attempt->dirfd, attempt->path, now) == 0 && strcmp(now, token) == 0)
        unlinkat(attempt->dirfd, attempt->path, 0);
}

static int try_making(struct attempt *attempt, const void *data, size_t size, struct occfs_outcome *ret_outcome,
                      bool *ret_exists)
{
    char token[OCCFS_TOKEN_SIZE];
    bool done = false;
    int fd = expectation_open(attempt->dirfd, attempt->path, 0, attempt->options->mode, "", token);
    *ret_exists = fd == -EEXIST;
    if (fd < 0) return fd;
    /* It may have been there, and been removed. */
    int error = attempt->options->request ? happened(fd, attempt->options->request, ret_outcome, &done) : 0;
    if (!error && !done) error = replace(fd, attempt, 0, data, size, ret_outcome);
    if (!error && !done) outcome_check(ret_outcome, token);
    attempt_end(attempt, fd, error ? NULL : ret_outcome);
    if (error || done) remove_made(attempt, token);
    return error;
}

/* There is no file: one is made when it is known what is to be in it. */
static int try_absent(struct attempt *attempt, struct occfs_outcome *ret_outcome, bool *ret_exists)
{
    const struct occfs_content nothing = {0};
    void *data = NULL;
    size_t size = 0;
    bool left;
    *ret_exists = false;
    int error = edit_content(attempt, &nothing, &data, &size, &left);
    if (error) return error;
    if (left) *ret_outcome = outcome_left("");
    else error = try_making(attempt, data, size, ret_outcome, ret_exists);
    free(data);
    return error;
}

/* Somebody may make or remove the file between two looks. */
static int try(struct attempt *attempt, struct occfs_outcome *ret_outcome)
{
    enum { LOOKS = 16 }; /* of a dangling symbolic link it is never seen what is there */
    int error = 0;
    clock_gettime(CLOCK_REALTIME, &attempt->began);
    for (unsigned look = 0; look < LOOKS; look++) {
        bool absent, exists;
        error = try_existing(attempt, ret_outcome, &absent);
        if (!absent || !attempt->options->create) return error;
        error = try_absent(attempt, ret_outcome, &exists);
        if (!exists) return error;
    }
    return error;
}

int occfs_update(int dirfd, const char *path, occfs_edit *edit, void *context,
                 const struct occfs_update_options *options, struct occfs_outcome *ret_outcome)
{
    const struct occfs_update_options nothing = {0};
    struct attempt attempt = {dirfd, path, edit, context, options ? options : &nothing};
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
