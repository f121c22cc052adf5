/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_WATCH_H
#define OCC_WATCH_H

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

#include "commit.h"
#include "processes.h"

struct filesystem;
struct open_draft;

/*
 * Who has .occ/watch open is told, by what it reads there, what went wrong with the writing of its own process and of that one's
 * descendants: a line of JSON for each conflict and each killed writer, so that a command can be run whose programs drop errors.
 *
 * A writer counts as a descendant if it is one when it opens the file, or when it fails: what its parents have become between does not
 * matter. While nobody watches, an open and a conflict cost one look at a counter.
 */
enum { WATCH_TEXT_MAX = 1024 * 1024, WATCHES_OF_DRAFT = 4 };

struct watch; /* one handle on .occ/watch */

struct watches {
    struct mutex lock; /* leaf, but for processes.lock; /proc is read under it */
    struct processes *processes;
    struct watch *list; /* guarded by lock: the newest first */
    uint64_t made;      /* guarded by lock */
    atomic_uint count;
};

void watches_init(struct watches *watches, struct processes *processes);
/* All have been closed. */
void watches_release(struct watches *watches);

/* ERR_NOTSUP if the caller cannot be seen. */
int watch_open(struct filesystem *fs, const struct fuse_ctx *context, struct watch **ret_watch);
/* NULL is fine. */
void watch_close(struct watch *watch);
/* Returns how many bytes from the offset on there are now, `size` at most. */
size_t watch_read(struct watch *watch, uint64_t offset, void *bytes, size_t size);

/* The numbers of those who watch that process, 0 for none: some of the nearest, if many do. */
void watches_note(struct watches *watches, pid_t process, uint64_t ret_numbers[WATCHES_OF_DRAFT]);

/* After a conflict was stored, or what a killed writer left; `draft`: NULL for a rename; `process`: who made the attempt. */
void watches_tell_conflict(struct filesystem *fs, const struct open_draft *draft, pid_t process,
                           const struct commit_result *result);
void watches_tell_killed(struct filesystem *fs, const struct open_draft *draft, const struct commit_request *request,
                         const struct version *abandoned);

#endif
