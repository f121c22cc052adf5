/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_ACCESS_H
#define OCC_ACCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "inode.h"
#include "mutex.h"

struct file;
struct filesystem;

/*
 * Times of last access, as with relatime: a read changes that of a file which was not read since it was changed, or not for
 * a day. Reads that the kernel answers from its cache are not seen, so where one would have to be, it must not have the content
 * cached any more when the file is opened (access_is_noted).
 *
 * What is noted is shown by stat at once and kept here; it goes to the store in one batch after ACCESS_DELAY_S or at the end. A
 * crash forgets it. With -o noatime or -o ro nothing is noted.
 */
enum { ACCESS_DELAY_S = 60 };

struct access; /* one file's */

struct accesses {
    struct mutex lock;     /* leaf */
    struct access *by_ino; /* guarded by lock: hash table; bounded */
    int64_t first_ns;      /* guarded by lock: monotonic, when the first of them was noted */
};

void accesses_init(struct accesses *accesses);
void accesses_release(struct accesses *accesses);

/* The file was read through one of its nodes; its views are told. */
void access_note(struct filesystem *fs, uint64_t nodeid);

/* Whether one more read would change nothing. */
bool access_is_noted(const struct filesystem *fs, const struct file *file);

/* Puts what is noted into an inode that was just read. */
void access_apply(struct filesystem *fs, struct inode *inode);

/* The user has set the time. */
void access_forget(struct filesystem *fs, uint64_t ino);

/* Writes to the store what has waited long enough, or all. */
void access_tick(struct filesystem *fs);
void access_end(struct filesystem *fs);

#endif
