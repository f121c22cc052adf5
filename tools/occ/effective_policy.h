/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_EFFECTIVE_POLICY_H
#define OCC_EFFECTIVE_POLICY_H

/* What user.occ.policy a file or directory has, or inherits. */

enum { POLICY_SIZE = 16 };

struct effective_policy {
    char policy[POLICY_SIZE];
    char *from; /* the file or directory on which it is set, as an absolute path; NULL: the mount's option says it */
};

/* -EOPNOTSUPP: not on an occfs mount. */
int effective_policy_init(struct effective_policy *effective, const char *path);
void effective_policy_release(struct effective_policy *effective);

#endif
