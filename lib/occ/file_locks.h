/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_FILE_LOCKS_H
#define OCC_FILE_LOCKS_H

#include "lock_ranges.h"

/*
 * The advisory locks of all files, and who waits for one. A lock belongs to the file: it excludes others whatever version or draft
 * they look at, and stays when the file gets a new version or another name.
 *
 * Invariants:
 *  1. No two owners hold locks of one kind that exclude each other.
 *  2. Whoever waits is kept from its lock by one that is held: when a call has returned, nobody waits in vain. They are
 *     served in the order in which they came; one that has just come and need not wait goes ahead, as on Linux.
 *  3. Between the waiters for record locks there is no cycle, provided that who waits does nothing else.
 *
 * The two kinds do not know of each other. Not synchronised: the caller serialises all calls.
 */
enum lock_kind {
    LOCK_RECORD, /* fcntl: ranges of bytes; the owner is a process or an open file description */
    LOCK_FLOCK,  /* flock: the whole file; the owner is an open file description */
    LOCK_KINDS,
};

struct lock_request {
    uint64_t ino;
    enum lock_kind kind;
    struct lock_range range;
};

struct lock_waiter {
    struct lock_request request;
    void *requester;
    int result; /* once it waits no more: 0, or the error that it gets instead of its lock */
    bool reached;
    struct lock_waiter *next, *next_reached;
};

struct file_locks {
    struct locked_file *files;   /* hash table by ino: those with locks or waiters */
    struct lock_waiter *waiting; /* the oldest first */
    size_t count;                /* ranges and waiters of all files */
    size_t max;
};

enum lock_outcome {
    LOCK_DONE,
    LOCK_BUSY,   /* somebody else's lock excludes it */
    LOCK_QUEUED, /* the requester waits */
};

/* `max`: so many ranges and waiters there may be in all; each takes less than 200 bytes. */
void file_locks_init(struct file_locks *locks, size_t max);
/* Drops all locks. Who still waits gets into *settled with ERR_IO. */
void file_locks_release(struct file_locks *locks, struct lock_waiter **settled);

/*
 * Locks, changes or unlocks (LOCK_NONE) what `request` says. Converting a flock gives up the old one first, even if the new one is
 * not to be had (flock(2)). When somebody else's lock is in the way, `requester` is queued, NULL is not.
 *
 * Those whose wait has ended by this call are put before *settled, in this and all calls below: the caller tells each
 * requester its result and frees the waiter.
 *
 * A lock_outcome, or ERR_DEADLOCK: the holder waits for this owner, directly or through others (records only), or ERR_NOLCK: there
 * are too many locks, or no memory.
 */
int file_locks_set(struct file_locks *locks, const struct lock_request *request, void *requester,
                   struct lock_waiter **settled);

/* Whether somebody else's lock would exclude it; *ret_holder is that one, `mode`, bytes and pid are of use. */
bool file_locks_test(const struct file_locks *locks, const struct lock_request *request, struct lock_range *ret_holder);

/* Ends the wait of the requester, which is told nothing; false if it does not wait (any more). */
bool file_locks_cancel(struct file_locks *locks, const void *requester);

/* A process closed a descriptor of the file: its record locks go. */
void file_locks_drop_owner(struct file_locks *locks, uint64_t ino, uint64_t owner, struct lock_waiter **settled);
/* An open file description is gone: the locks that were set through it go, of both kinds. */
void file_locks_drop_handle(struct file_locks *locks, uint64_t ino, uint64_t handle, struct lock_waiter **settled);

#endif
