/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_OPENING_H
#define OCC_OPENING_H

#include "handle.h"

/*
 * Opens the node for the calling thread. ERR_STALE: a view was reserved, the kernel is to look the name up again.
 * Names that must be expired before the answer are added to `expiry`; file_info gets the caching flags.
 */
int view_open(struct filesystem *fs, const struct fuse_ctx *context, fuse_ino_t nodeid,
              struct fuse_file_info *file_info, struct expiry *expiry, struct handle **ret_handle);

/* After CREATE: a draft of a file that was just made, with its own view and one kernel reference. */
int view_create(struct filesystem *fs, const struct fuse_ctx *context, const struct inode *inode, uint64_t directory,
                const char *name, struct fuse_file_info *file_info, struct fuse_entry_param *ret_entry,
                struct handle **ret_handle);

/*
 * A handle on the draft that the node is, if the caller is its opener or descends from that one and means the draft: it came back
 * after a redirection without looking a name up, or there is no version yet to which the name could lead. Else NULL.
 */
struct handle *view_join(struct filesystem *fs, const struct fuse_ctx *context, fuse_ino_t nodeid, bool came_back);

#endif
