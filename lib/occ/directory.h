/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_DIRECTORY_H
#define OCC_DIRECTORY_H

#include "inode.h"

/* Shared by the transactions of namespace.h. */

/* Loads a directory in which names are to change: ERR_NOTDIR, ERR_NOENT when it was removed. */
int directory_load(struct transaction *tx, uint64_t ino, struct inode *ret_directory);

/* Its entries change: mtime, ctime and the number of subdirectories. The caller puts it. */
void directory_touch(struct inode *directory, struct timespec now, int subdirectories);

#endif
