/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_LIVE_FILE_H
#define OCC_LIVE_FILE_H

#include "opening.h"

/*
 * Live files: those whose policy is `live` (policy.h). One view shows them to everybody, mutable and in the page cache; all
 * handles, of readers too, share one draft (live.h), which becomes a version when the last writer closes it and once a minute.
 *
 * Whether a file is live is decided when it is looked up or opened and nobody else has it open.
 * The draft lives as long as a handle, or a request that holds one, has a share in it (open_draft.handles).
 */

enum { LIVE_VERSION_INTERVAL_S = 60 };

/* What the policy says for a file with that policy of its own in `directory` (0: in none). */
bool live_policy(struct filesystem *fs, enum policy policy, uint64_t directory);
/* What it says for the file as named in `directory`. Reads the store only where directories' policies may have changed. */
bool live_file_wanted(struct filesystem *fs, struct file *file, uint64_t directory);

/* Makes the file live or not, as wanted, if nobody has it open. */
void live_file_decide_locked(struct views *views, struct file *file, const struct inode *inode, bool wanted);

/* A shared draft on the head `version`, in no list yet. */
int live_file_draft_new(struct filesystem *fs, struct file *file, const struct version_id *version,
                        const struct fuse_ctx *context, struct open_draft **ret_draft);

/* Takes a share in the file's draft, which is `made` if there is none yet (then it is used up). */
struct open_draft *live_file_share_locked(struct views *views, struct file *file, bool writes, struct open_draft *made);

/* For a request without a handle: a writer's share. ERR_STALE when the file is not live any more. */
int live_file_borrow(struct filesystem *fs, struct file *file, fuse_ino_t nodeid, const struct fuse_ctx *context,
                     struct open_draft **ret_draft);

/* A writer closes a descriptor: makes a version if nobody else writes. */
int live_file_flush(struct filesystem *fs, struct open_draft *draft, const struct fuse_ctx *context,
                    struct expiry *expiry);

/* Gives a share back. Makes a version of what the last writer left. */
void live_file_release(struct filesystem *fs, struct open_draft *draft, struct expiry *expiry);
/* The same without a version; what is not in one is durable in the store. */
void live_file_let_go(struct filesystem *fs, struct open_draft *draft);

/* Makes versions of those that are due; called once a second. */
void live_file_tick(struct filesystem *fs);

/* The daemon ends: what is open becomes durable. Nothing is served any more. */
void live_file_end_all(struct filesystem *fs);

#endif
