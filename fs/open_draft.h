/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_OPEN_DRAFT_H
#define OCC_OPEN_DRAFT_H

#include "views.h"

/* Drafts with those who have them open (struct open_draft, file.h): their beginning and their end. */

/* Makes a draft on the version that is the file's head, or `version` if not NULL. Not in any list. */
int open_draft_new(struct filesystem *fs, struct file *file, const struct version_id *version,
                   const struct fuse_ctx *context, struct open_draft **ret_draft);
/* Takes it out of the file's list and frees it; of a shared one, lets go of one handle's share. */
void open_draft_free(struct filesystem *fs, struct open_draft *draft);
/* Moves the file's times, at once, for an operation that changes no byte of the draft. */
int open_draft_touch(struct filesystem *fs, struct open_draft *draft, struct expiry *expiry);
/* Frees one that is in no list. NULL is fine. */
void open_draft_destroy(struct open_draft *draft);

/* Puts a private one where all are found, with one handle. `append`: it is opened with O_APPEND. */
void draft_enlist_locked(struct views *views, struct open_draft *draft, struct node *node, bool append);

#endif
