/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_REAPER_H
#define OCC_REAPER_H

#include <stddef.h>
#include <stdint.h>

#include "mutex.h"

struct store;

/*
 * Inodes without a name that nobody has open any more: removed from the store by the ticker, not by the request that was the
 * last to know of them. What is left when the daemon ends is removed then, or at the next mount.
 */
struct reaper {
    struct store *store;
    struct mutex lock;
    uint64_t *inos; /* guarded by lock, like its sizes */
    size_t count, capacity;
};

void reaper_init(struct reaper *reaper, struct store *store);
void reaper_release(struct reaper *reaper);

/* Without memory the inode stays until the daemon ends. */
void reaper_add(struct reaper *reaper, uint64_t ino);

/* Removes those that were added. */
void reaper_run(struct reaper *reaper);

#endif
