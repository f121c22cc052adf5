/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_PRIVILEGES_H
#define OCC_PRIVILEGES_H

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>
#include <stdbool.h>

#include "inode.h"

struct attribute_changes;
struct file;
struct filesystem;
struct open_draft;

/*
 * Set-id bits and file capabilities: what a change of content or owner takes away, by the rules of Linux's own filesystems.
 * With FUSE_HANDLE_KILLPRIV_V2 the kernel leaves it to us, and says of a WRITE, OPEN, CREATE and SETATTR whether its caller lacks
 * CAP_FSETID. It removes capabilities itself only where it writes through the page cache.
 *
 * The bits go when the draft is changed, not when it commits: the writer and everybody else sees that at once.
 */

/* What the file of a draft may have that a change of the draft takes: kept in open_draft.privileges, so that most changes ask
 * nothing of the store. */
enum privileges { PRIVILEGE_SET_ID = 1, PRIVILEGE_CAPABILITY = 2 };

/* How it is known that the caller lacks CAP_FSETID. */
enum shedding {
    SHEDDING_TOLD,  /* the kernel said so with the request, or did not */
    SHEDDING_ASKED, /* it does not say of this kind of request: /proc does */
};

/* Before the caller's request changes the draft. Tells the kernel what has changed. */
int privileges_shed(fuse_req_t request, struct open_draft *draft, enum shedding shedding);

/* The file was given set-id bits or a capability: the next change of a draft looks again. */
void privileges_granted(struct filesystem *fs, struct file *file);

/* Whether the caller is in the group of the file, or as good as: then a set-group-id bit that gives nobody anything stays. */
bool privileges_in_group(fuse_req_t request, const struct inode *inode);

#endif
