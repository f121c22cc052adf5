/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_STATUS_H
#define OCC_STATUS_H

#include "filesystem.h"

/* What .occ/status says: one JSON object and a newline. Of the drafts that the caller may see it lists this many. */
enum { STATUS_DRAFTS_MAX = 100 };
int status_describe(struct filesystem *fs, const struct fuse_ctx *context, struct buffer *text);

#endif
