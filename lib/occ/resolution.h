/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_RESOLUTION_H
#define OCC_RESOLUTION_H

#include "commit.h"
#include "permission.h"

/*
 * A commit that resolves a conflict: the version that it makes has two parents, the head and what the sibling holds, and the sibling is
 * removed in the same transaction. It is the sibling that was looked at, or none: one that has changed since stays.
 */
struct resolution {
    uint64_t sibling;          /* ino */
    struct version_id version; /* its head, which is merged */
    struct credentials who;    /* must have the right to remove the sibling's name */
};

/* The conflict of that file whose sibling has `token` as its head. ERR_INVAL: no sibling of the file's; ERR_SIBLING_CHANGED: it has a newer
 * version; ERR_ACCES, ERR_PERM: `who` may not remove it. */
int resolution_find(struct store *store, uint64_t ino, const struct version_id *token, const struct credentials *who,
                    struct resolution *ret_resolution);

/* Removes the sibling, in the transaction that puts the version; `target` is the file as loaded. ERR_SIBLING_CHANGED, also when it is
 * gone; ERR_ACCES, ERR_PERM. */
int resolution_take(struct transaction *tx, const struct resolution *resolution, const struct inode *target,
                    struct resolved_sibling *ret_resolved);

#endif
