/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_REPORT_H
#define OCC_REPORT_H

#include "filesystem.h"

struct content_reader;

/*
 * The content of .occ/status and .occ/conflicts: made when somebody opens the file, for him alone, and shown by his handle
 * as it was then. Paths and writers are told to root, to the owner of the mount, and to whom the file in question belongs or
 * who writes or wrote it: others might not be able to look into the directory where it is.
 */

/* A reader of what that report tells the caller. The caller of this releases and frees it. */
int report_open(struct filesystem *fs, const struct fuse_ctx *context, uint64_t ino,
                struct content_reader **ret_reader);

/* Whether the user is told of everybody's files. */
bool report_tells_all(const struct fuse_ctx *context);

#endif
