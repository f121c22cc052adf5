/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_LOCK_RANGES_H
#define OCC_LOCK_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The advisory locks on the bytes of one file, as POSIX says of fcntl: an owner has each byte in one mode or not at all; setting a
 * range replaces what the owner had there, splitting and joining ranges as need be. Whether others allow it is asked before.
 *
 * Invariants:
 *  1. The ranges of one owner are neighbours in the list, ordered by their start, and do not overlap.
 *  2. Two of them that touch differ in mode or in handle.
 *
 * A zeroed struct holds no locks. Nothing here takes a lock of its own.
 */
enum lock_mode { LOCK_NONE, LOCK_SHARED, LOCK_EXCLUSIVE };

#define LOCK_END ((uint64_t)INT64_MAX) /* the last byte that a file can have */

struct lock_range {
    uint64_t start, end; /* bytes, both included; at most LOCK_END */
    enum lock_mode mode;
    pid_t pid; /* who set it, for people */
    uint64_t owner;
    uint64_t handle; /* the open file description through which it was set */
    struct lock_range *next;
};

struct lock_ranges {
    struct lock_range *first;
    size_t count;
};

/* The next range behind `after` (NULL: the first) that keeps `wanted` from being set; NULL if there is none. */
const struct lock_range *lock_ranges_conflict(const struct lock_ranges *ranges, const struct lock_range *wanted,
                                              const struct lock_range *after);

/* The range with what its owner has locked beside it in the same mode through other handles: what fcntl calls one lock. */
struct lock_range lock_ranges_whole(const struct lock_ranges *ranges, const struct lock_range *range);

/* The mode of the owner's lock of a byte. */
enum lock_mode lock_ranges_mode(const struct lock_ranges *ranges, uint64_t owner, uint64_t byte);

/*
 * Sets the bytes of `wanted` to its mode for its owner; LOCK_NONE unlocks. Adds at most `room` ranges to the list.
 * ERR_NOLCK: that is too few, or there is no memory; nothing has changed then. Unlocking fails so only when it splits a range.
 */
int lock_ranges_set(struct lock_ranges *ranges, const struct lock_range *wanted, size_t room);

/* Unlocks everything of the owner, or everything that was set through the handle. */
void lock_ranges_drop_owner(struct lock_ranges *ranges, uint64_t owner);
void lock_ranges_drop_handle(struct lock_ranges *ranges, uint64_t handle);
/* Unlocks everything. */
void lock_ranges_release(struct lock_ranges *ranges);

#endif
