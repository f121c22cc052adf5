/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_REPLACE_H
#define OCC_REPLACE_H

#include "commit.h"
#include "succession.h"

/*
 * The part of a rename in which a regular file takes a name that another regular file has, or had last: the file's content becomes
 * the next version of the name's history, on the same conditions as a draft's commit. Where these do not hold nothing is moved, and the
 * content stands in a conflict's sibling of the name.
 */
struct replacement {
    struct transaction *tx;
    uint64_t directory; /* of the name that is taken; loaded into the transaction */
    struct slice name;
    const struct writer *writer;
    const struct claim *claim; /* NULL: nothing is compared */
    struct timespec now;

    uint64_t forked; /* afterwards: another file that had the name once and forks; 0 for none */

    /* What it was refused for. */
    struct inode target;    /* what has the name or, made up from the last version, had it */
    struct version_id base; /* what the caller had read */
    struct version content; /* what it wanted to put there */
};

/* Not an error number: replace_refused comes next, in the same transaction, restarted. */
enum { REPLACE_REFUSED = 2 };

/* Gives `moved` the history of the name; `gone` is what has the name (its links are counted down already), NULL if nothing has. The caller
 * puts both inodes. */
int replace_take(struct replacement *replacement, struct inode *gone, struct inode *moved);

/* Stores the sibling, unless the target has changed since: TRANSACTION_AGAIN. Commits. */
int replace_refused(struct replacement *replacement, struct commit_result *ret_result);

#endif
