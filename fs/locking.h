/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_LOCKING_H
#define OCC_LOCKING_H

#include <stdint.h>

#include "file_locks.h"
#include "mutex.h"

/*
 * flock and fcntl locks of the mount: the table of lib/occ with requests as those who wait. A request that waits occupies no
 * worker: it stays unanswered until another request gives the lock up, or a signal interrupts it.
 *
 * Owners are the kernel's lock_owner: of fcntl the process's table of descriptors, of flock and F_OFD_SETLK the open file
 * description (which of fcntl's two it is cannot be told). They end
 *  - at FLUSH, the record locks of the process that closes, after its commit;
 *  - at RELEASE, all that were set through the handle: flock, F_OFD_SETLK, and record locks whose FLUSH the kernel left out
 *    (noflush), because the file was opened before anybody had locked it.
 */
struct locking {
    struct mutex lock;
    struct file_locks table; /* guarded by lock */
};

void locking_init(struct locking *locking);
/* After the last request; who still waits is answered with an error. */
void locking_release(struct locking *locking);

/* Locks that end with a close. */
struct locks_end {
    uint64_t ino;    /* 0: none */
    uint64_t handle; /* a handle's number: all that were set through it; 0: the record locks of `owner` */
    uint64_t owner;
};

/* Unlocks, and answers who gets a lock thereby. */
void locking_end(struct locking *locking, const struct locks_end *end);

#endif
