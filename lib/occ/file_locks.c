/* SPDX-License-Identifier: Apache-2.0 */
#include "file_locks.h"

#include <stdlib.h>

#include "error.h"

/* A failed allocation inside the hash table drops the entry instead of ending the process. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct locked_file {
    uint64_t ino;
    struct lock_ranges ranges[LOCK_KINDS];
    size_t waiting; /* of its waiters */
    UT_hash_handle hh;
};

void file_locks_init(struct file_locks *locks, size_t max)
{
    *locks = (struct file_locks){.max = max};
}

/* ---- files ---- */

static struct locked_file *file_find(const struct file_locks *locks, uint64_t ino)
{
    struct locked_file *file;
    HASH_FIND(hh, locks->files, &ino, sizeof ino, file);
    return file;
}

/* NULL when out of memory. */
static struct locked_file *file_find_or_add(struct file_locks *locks, uint64_t ino)
{
    struct locked_file *file = file_find(locks, ino);
    if (file) return file;
    file = calloc(1, sizeof *file);
    if (!file) return NULL;
    file->ino = ino;
    bool full = false;
#undef uthash_nonfatal_oom
#define uthash_nonfatal_oom(element) (full = true)
    HASH_ADD(hh, locks->files, ino, sizeof file->ino, file);
    if (!full) return file;
    free(file);
    return NULL;
}

static void file_settle(struct file_locks *locks, struct locked_file *file)
{
    if (file->waiting > 0 || file->ranges[LOCK_RECORD].first || file->ranges[LOCK_FLOCK].first) return;
    HASH_DEL(locks->files, file);
    free(file);
}

static size_t file_ranges(const struct locked_file *file)
{
    return file->ranges[LOCK_RECORD].count + file->ranges[LOCK_FLOCK].count;
}

static const struct lock_range *conflict_of(const struct file_locks *locks, const struct lock_request *request,
                                            const struct lock_range *after)
{
    const struct locked_file *file = file_find(locks, request->ino);
    return file ? lock_ranges_conflict(&file->ranges[request->kind], &request->range, after) : NULL;
}

/* ---- waiters ---- */

static int waiter_add(struct file_locks *locks, struct locked_file *file, const struct lock_request *request,
                      void *requester)
{
    if (locks->count >= locks->max) return ERR_NOLCK;
    struct lock_waiter *waiter = malloc(sizeof *waiter);
    if (!waiter) return ERR_NOLCK;
    *waiter = (struct lock_waiter){.request = *request, .requester = requester};
    struct lock_waiter **link = &locks->waiting;
    while (*link)
        link = &(*link)->next;
    *link = waiter;
    locks->count++;
    file->waiting++;
    return LOCK_QUEUED;
}

static struct lock_waiter *waiter_take(struct file_locks *locks, struct locked_file *file, struct lock_waiter **link)
{
    struct lock_waiter *waiter = *link;
    *link = waiter->next;
    locks->count--;
    file->waiting--;
    return waiter;
}

static void waiter_settle(struct lock_waiter *waiter, int result, struct lock_waiter **settled)
{
    waiter->result = result;
    waiter->next = *settled;
    *settled = waiter;
}

bool file_locks_cancel(struct file_locks *locks, const void *requester)
{
    struct lock_waiter **link = &locks->waiting;
    while (*link && (*link)->requester != requester)
        link = &(*link)->next;
    if (!*link) return false;
    struct locked_file *file = file_find(locks, (*link)->request.ino);
    free(waiter_take(locks, file, link));
    file_settle(locks, file);
    return true;
}

/* ---- deadlock ---- */

/* Whether `owner` holds what keeps the request waiting. If not, everybody who waits on behalf of its holders is added to *reached. */
static bool kept_by(const struct file_locks *locks, const struct lock_request *request, uint64_t owner,
                    struct lock_waiter **reached)
{
    uint64_t done = request->range.owner; /* one holder's ranges follow each other */
    for (const struct lock_range *held = NULL; (held = conflict_of(locks, request, held));) {
        if (held->owner == done) continue;
        if (held->owner == owner) return true;
        done = held->owner;
        for (struct lock_waiter *waiter = locks->waiting; waiter; waiter = waiter->next) {
            if (waiter->reached || waiter->request.kind != LOCK_RECORD || waiter->request.range.owner != done) continue;
            waiter->reached = true;
            waiter->next_reached = *reached;
            *reached = waiter;
        }
    }
    return false;
}

/* Whether the request's owner would wait for somebody who waits for it. */
static bool closes_cycle(const struct file_locks *locks, const struct lock_request *request)
{
    struct lock_waiter *reached = NULL;
    for (struct lock_waiter *waiter = locks->waiting; waiter; waiter = waiter->next)
        waiter->reached = false;
    uint64_t owner = request->range.owner;
    bool closed = kept_by(locks, request, owner, &reached);
    while (!closed && reached) {
        const struct lock_waiter *waiter = reached;
        reached = waiter->next_reached;
        closed = kept_by(locks, &waiter->request, owner, &reached);
    }
    return closed;
}

/* ---- locking and unlocking ---- */

static int ranges_set(struct file_locks *locks, struct locked_file *file, const struct lock_request *request)
{
    size_t before = file_ranges(file);
    int error = lock_ranges_set(&file->ranges[request->kind], &request->range, locks->max - locks->count);
    locks->count += file_ranges(file) - before;
    return error;
}

/* Serves the file's waiters that nothing keeps any more. */
static void serve(struct file_locks *locks, struct locked_file *file, struct lock_waiter **settled)
{
    /* What a waiter gets can be less than what its owner had, and then more of them can be served. */
    for (bool again = file->waiting > 0; again;) {
        again = false;
        for (struct lock_waiter **link = &locks->waiting; *link;) {
            const struct lock_request *request = &(*link)->request;
            if (request->ino != file->ino || conflict_of(locks, request, NULL)) {
                link = &(*link)->next;
                continue;
            }
            struct lock_waiter *waiter = waiter_take(locks, file, link);
            waiter_settle(waiter, ranges_set(locks, file, &waiter->request), settled);
            again = true;
        }
    }
}

int file_locks_set(struct file_locks *locks, const struct lock_request *request, void *requester,
                   struct lock_waiter **settled)
{
    const struct lock_range *range = &request->range;
    bool unlocks = range->mode == LOCK_NONE;
    struct locked_file *file = unlocks ? file_find(locks, request->ino) : file_find_or_add(locks, request->ino);
    if (!file) return unlocks ? LOCK_DONE : ERR_NOLCK;
    if (request->kind == LOCK_FLOCK && lock_ranges_mode(&file->ranges[LOCK_FLOCK], range->owner, 0) != range->mode) {
        size_t before = file_ranges(file);
        lock_ranges_drop_owner(&file->ranges[LOCK_FLOCK], range->owner);
        locks->count -= before - file_ranges(file);
    }
    int outcome;
    if (!conflict_of(locks, request, NULL)) outcome = ranges_set(locks, file, request);
    else if (!requester) outcome = LOCK_BUSY;
    else if (request->kind == LOCK_RECORD && closes_cycle(locks, request)) outcome = ERR_DEADLOCK;
    else outcome = waiter_add(locks, file, request, requester);
    serve(locks, file, settled);
    file_settle(locks, file);
    return outcome;
}

bool file_locks_test(const struct file_locks *locks, const struct lock_request *request, struct lock_range *ret_holder)
{
    const struct lock_range *held = conflict_of(locks, request, NULL);
    if (!held) return false;
    *ret_holder = lock_ranges_whole(&file_find(locks, request->ino)->ranges[request->kind], held);
    return true;
}

void file_locks_drop_owner(struct file_locks *locks, uint64_t ino, uint64_t owner, struct lock_waiter **settled)
{
    struct locked_file *file = file_find(locks, ino);
    if (!file) return;
    size_t before = file_ranges(file);
    lock_ranges_drop_owner(&file->ranges[LOCK_RECORD], owner);
    locks->count -= before - file_ranges(file);
    serve(locks, file, settled);
    file_settle(locks, file);
}

void file_locks_drop_handle(struct file_locks *locks, uint64_t ino, uint64_t handle, struct lock_waiter **settled)
{
    struct locked_file *file = file_find(locks, ino);
    if (!file) return;
    size_t before = file_ranges(file);
    for (enum lock_kind kind = 0; kind < LOCK_KINDS; kind++)
        lock_ranges_drop_handle(&file->ranges[kind], handle);
    locks->count -= before - file_ranges(file);
    serve(locks, file, settled);
    file_settle(locks, file);
}

void file_locks_release(struct file_locks *locks, struct lock_waiter **settled)
{
    struct locked_file *file, *next;
    while (locks->waiting) {
        file = file_find(locks, locks->waiting->request.ino);
        waiter_settle(waiter_take(locks, file, &locks->waiting), ERR_IO, settled);
    }
    HASH_ITER(hh, locks->files, file, next)
    {
        for (enum lock_kind kind = 0; kind < LOCK_KINDS; kind++)
            lock_ranges_release(&file->ranges[kind]);
        HASH_DEL(locks->files, file);
        free(file);
    }
    locks->count = 0;
}
