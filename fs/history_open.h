/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_HISTORY_OPEN_H
#define OCC_HISTORY_OPEN_H

#include "opening.h"

/*
 * Opening a version of a file's history. For reading it is what it is. For writing there is a draft of the file, on the handle, whose
 * content is the version's and which claims to replace that: it conflicts unless the version is the newest.
 */

/* Fills the handle, as view_open does. ERR_HISTORY: it cannot be written on. ERR_STALE: who may write on it has changed since the kernel
 * was told; it shall ask again. */
int history_open(struct filesystem *fs, const struct fuse_ctx *context, fuse_ino_t nodeid, struct handle *handle);

/* truncate(2) by path: commits at once. */
int history_truncate(struct filesystem *fs, const struct fuse_ctx *context, fuse_ino_t nodeid, uint64_t size,
                     struct expiry *expiry);

#endif
