/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_OCC_DIRECTORY_H
#define OCC_OCC_DIRECTORY_H

#include "inode.h"

/*
 * `.occ` in the root: what occfs tells about the mount, and where goes what has no other place. It and what stands in it have fixed
 * numbers, above all that store_new_ino gives, and are made with the store. The root has no entry for it, so that no listing
 * shows it and no `rm -r` finds it: who looks the name up is led to the number. What stands in it are entries as
 * elsewhere.
 *
 *     .occ              a directory, mode 0755
 *     .occ/status       mode 0444, no content of its own: it is made when somebody opens it, like that of
 *     .occ/conflicts
 *     .occ/watch        mode 0444, what happens while somebody has it open
 *     .occ/lost+found   mode 01777: siblings of files whose directory is gone
 */
#define OCC_DIRECTORY_INO ((uint64_t)1 << 62)
#define LOST_FOUND_INO (OCC_DIRECTORY_INO + 1)
#define STATUS_INO (OCC_DIRECTORY_INO + 2)
#define CONFLICTS_INO (OCC_DIRECTORY_INO + 3)
#define WATCH_INO (OCC_DIRECTORY_INO + 4)

#define OCC_DIRECTORY_NAME ".occ"
#define LOST_FOUND_NAME "lost+found"

/* Adds all of it to the transaction, as the root's owner's. */
void occ_directory_put(struct transaction *tx, const struct inode *root);

/* Makes what is missing of it: in a store of an earlier version. */
int occ_directory_ensure(struct store *store);

/* Whether the name in that directory is one that can be neither made nor moved nor removed. */
bool occ_directory_keeps(uint64_t directory, const char *name);

/* Whether it is one of the files whose content is made when they are opened. */
bool occ_directory_is_report(uint64_t ino);

#endif
