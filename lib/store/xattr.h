/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_XATTR_H
#define OCC_XATTR_H

#include <stdint.h>

#include "transaction.h"

enum {
    XATTR_NAME_MAX_BYTES = 255,
    XATTR_VALUE_MAX = 64 * 1024,
    XATTR_FRAGMENT = 32 * 1024, /* bytes of a value in one record */
};

/*
 * Key: 'x' ino, name, 0, fragment number. A value longer than XATTR_FRAGMENT stands in several records (the engine's
 * limit is 64 KiB with everything); each says how long the whole is. Names are 1 to 255 bytes without a NUL.
 */

/* ERR_NODATA when absent. The value is one that was set at once, also while others change it. */
int xattr_get(struct store *store, uint64_t ino, struct slice name, struct buffer *ret_value);
/* ERR_NODATA when absent (and then expects absence); only fragment 0, which every change rewrites, is expected. */
int xattr_load(struct transaction *tx, uint64_t ino, struct slice name, struct buffer *ret_value);
/* Does not remove fragments that a longer value left: xattr_delete comes first where there may be one. */
void xattr_put(struct transaction *tx, uint64_t ino, struct slice name, struct slice value);
/* `old_size` is the value's size as loaded: it says how many fragments there are. */
void xattr_delete(struct transaction *tx, uint64_t ino, struct slice name, size_t old_size);

/* Each name and a NUL, in byte order of the names. */
int xattr_list(struct store *store, uint64_t ino, struct buffer *ret_names);

/* Deletes all of an inode's attributes, in as many commits as it takes; for inodes that nobody can reach any more. */
int xattr_delete_all(struct store *store, uint64_t ino);

#endif
