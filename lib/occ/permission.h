/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_PERMISSION_H
#define OCC_PERMISSION_H

#include <stdbool.h>
#include <stddef.h>

#include "inode.h"

/*
 * Whether a user may do what the kernel does not ask about: where one request changes more than the file that it is for. By mode and
 * access list, as the kernel decides it (acl(5)).
 */
enum { CREDENTIAL_GROUPS_MAX = 64 };

/* Who somebody was when it asked. */
struct credentials {
    uint32_t uid, gid;
    uint32_t groups[CREDENTIAL_GROUPS_MAX]; /* supplementary; what does not fit grants nothing */
    size_t group_count;
    bool overrides; /* CAP_DAC_OVERRIDE */
    bool owns_all;  /* CAP_FOWNER */
};

enum { PERMISSION_READ = 4, PERMISSION_WRITE = 2, PERMISSION_SEARCH = 1 };

/* 0 or ERR_ACCES. In a transaction that has loaded the inode; `wanted`: PERMISSION_*, all of them. */
int permission_check(struct transaction *tx, const struct credentials *who, const struct inode *inode, unsigned wanted);

/* Whether a name of that file may be taken out of the directory: ERR_ACCES, or ERR_PERM in a sticky one. Both have been loaded. */
int permission_to_unlink(struct transaction *tx, const struct credentials *who, const struct inode *directory,
                         const struct inode *inode);

#endif
