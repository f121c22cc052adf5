/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_SIBLING_H
#define OCC_SIBLING_H

#include "commit.h"
#include "conflict_record.h"

/*
 * The siblings that conflicts of a file have left: which of them is to take one more attempt, and what the next one is called. What a
 * call costs does not depend on how many there are.
 *
 * Invariants:
 *  1. An inode whose conflict_target is not 0 has a record there; both go together when it loses its last name or replaces its
 *     target.
 *  2. A sibling that is not where its record says was renamed: it counts as resolved and is not found any more.
 *  3. The index (conflict_index.h) is changed in the transactions that change the records, and leads to no sibling whose
 *     record is gone.
 */

/* Who looks for a sibling, and for what. */
struct sibling_query {
    const struct inode *target;
    uint64_t directory; /* where siblings stand */
    uint64_t own;       /* ino of the sibling that an earlier conflict of the same draft left; 0: none */
    const struct writer *writer;
    const struct version_id *base;
    const struct sealed *sealed;
};

struct sibling {
    struct conflict_record record;
    struct inode inode;
    struct version version; /* its head */
    bool mine;              /* of the draft, or of the process and base; else it has the same bytes */
    bool same_bytes;
};

/* Loads one with the same bytes or, failing that, the asker's own, of the target or of what it has forked from. ERR_NOT_FOUND. The
 * directory has been loaded: who puts another one there meanwhile changes it. */
int sibling_find(struct transaction *tx, const struct sibling_query *query, struct sibling *ret_sibling);

/* Chooses a free name for the next one: the first number if that is free. The directory has been loaded: whoever takes the name
 * meanwhile changes it. */
int sibling_name_choose(struct transaction *tx, uint64_t target_lineage, uint64_t directory, const char *name,
                        char ret_name[SIBLING_NAME_SIZE]);

/* Puts a sibling's record. `before`: the one that it takes the place of, as loaded; NULL for none. */
int sibling_remember(struct transaction *tx, const struct conflict_record *record,
                     const struct conflict_record *before);

/* If the inode is a sibling, it is none any more. The caller puts it. */
int sibling_forget(struct transaction *tx, struct inode *inode);

#endif
