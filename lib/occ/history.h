/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_HISTORY_H
#define OCC_HISTORY_H

#include "version.h"

/*
 * A file's history: its newest version and all that this goes back to.
 *
 * It runs down the ordinals of a lineage; where the lineage begins with a version whose parent stands in another one, it goes on there
 * (the file has forked). Ordinals never jump, not from one lineage into another either: what does not fit, or was pruned, is where the
 * history ends, so that damage makes no loop.
 *
 * What writers had written when they were killed stands behind the version that they had opened. In the order in which that happened
 * they are called 1, 2, ...; 0 is the committed version itself.
 */

struct history {
    uint64_t ino; /* of the file; 0: it was removed */
    struct version_id head;
    struct timespec changed; /* when the head was committed, or the file removed */
    struct file_rights now;  /* the file's; those that it had when it was removed */
};

int history_of_inode(struct store *store, const struct inode *inode, struct history *ret_history);
/* Of the regular file that has the name or, if nothing has it, of the one that had it last. ERR_NOENT. */
int history_of_name(struct store *store, uint64_t directory, struct slice name, struct history *ret_history);

/* One version; ERR_NOENT when the history has none of that number, or no longer. */
int history_find(struct store *store, const struct version_id *head, uint64_t ordinal, unsigned killed,
                 struct version *ret_version);
/* The version of that id, if it belongs to the history. */
int history_find_id(struct store *store, const struct version_id *head, const struct version_id *id,
                    struct version *ret_version, unsigned *ret_killed);

/* Takes from the rights of a version of the history what the file did not grant when another owner's file went on in its place. What the
 * others here return has been limited. */
int history_limit(struct store *store, const struct version_id *head, struct version *version);

/* Visits versions oldest first, from that one on. Visitor results as in version_scan. */
typedef int history_visit(void *context, const struct version *version, unsigned killed);
int history_scan(struct store *store, const struct version_id *head, uint64_t ordinal, unsigned killed,
                 history_visit *visit, void *context);

#endif
