/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_POLICY_H
#define OCC_POLICY_H

#include "inode.h"

/* What happens when writers meet: set on a file or a directory (user.occ.policy), inherited from the nearest that has one. Stored. */
enum policy {
    POLICY_INHERIT = 0,
    POLICY_REJECT = 1, /* private drafts; whose base is not the head any more is refused */
    POLICY_LIVE = 2,   /* one content for everybody, as on other filesystems; versions are made now and then */
};

/* The value of user.occ.policy; NULL for POLICY_INHERIT. */
const char *policy_name(enum policy policy);
/* ERR_INVAL for what is none; empty is POLICY_INHERIT. */
int policy_parse(struct slice text, enum policy *ret_policy);

/* Sets it on a regular file or directory. ERR_PERM unless `uid` is the owner or root. ERR_INVAL for files of other types. */
int policy_set(struct store *store, uint64_t ino, uint32_t uid, enum policy policy, struct inode *ret_inode);

/* The nearest policy from directory `ino` up to the root; POLICY_INHERIT if none is set. */
int policy_of_directory(struct store *store, uint64_t ino, enum policy *ret_policy);

#endif
