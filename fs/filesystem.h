/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_FILESYSTEM_H
#define OCC_FILESYSTEM_H

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

#include "access.h"
#include "armed.h"
#include "expiry.h"
#include "locking.h"
#include "options.h"
#include "reads.h"
#include "reaper.h"
#include "store.h"
#include "ticker.h"
#include "views.h"
#include "watch.h"
#include "workers.h"

struct store_directory;

/*
 * The mounted filesystem: one per process, made by main, reached from every request.
 *
 * Locks, in the order in which they are taken; none is held across a reply or a wait for the kernel:
 *   open_draft.commit_lock   one attempt to commit a draft
 *   draft.lock               a draft's content
 *   views.lock               nodes, files, reservations; leaf: nothing is called under it that takes a lock or does I/O
 *   locking.lock             locks of files, and who waits for one; leaf as well
 *   accesses.lock            times of access; leaf as well
 *   reads.lock, armed.lock   what processes have read and named; under these processes.lock, which is a leaf
 *   watches.lock             who is told of what; likewise
 * The last five lines are not held together. libfuse calls locking_interrupted with a lock of its own (that request's) held, so
 * fuse_req_interrupt_func, which takes it, is called under none of these.
 */
struct filesystem {
    struct options options;
    struct store_directory *directory;
    struct store *store; /* the directory's */
    struct fuse_session *session;
    struct views views;
    struct locking locking;
    struct notifier notifier;
    struct workers workers;
    _Atomic dev_t device; /* st_dev of the mount, 0 until it is known: tells our descriptors in /proc */
    struct ticker ticker;
    struct reaper reaper;
    struct accesses accesses;
    struct processes processes;
    struct reads reads;
    struct armed armed;
    struct watches watches;
    _Atomic uint64_t policy_generation; /* raised when a directory's policy or place in the tree changes */
    int64_t started_ns;                 /* monotonic: when the mount began */
    bool expire_only;                   /* the kernel can expire names without dropping them (Linux 6.2) */
};

struct filesystem *filesystem_of(fuse_req_t request);

#endif
