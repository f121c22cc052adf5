/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_LAST_H
#define OCC_LAST_H

#include "conflict_record.h"
#include "last_record.h"

/*
 * What last went wrong with a file, for those who were not told: shells drop the error of a redirection, and a program that was
 * killed, or never closes its file, has nobody to tell. Each is written in the transaction of what it tells of.
 */
void last_conflict_put(struct transaction *tx, const struct conflict_record *conflict);
/* `inode`: of the file; `abandoned`: what its killed writer left. */
void last_killed_put(struct transaction *tx, const struct inode *inode, const struct version *abandoned);

/* What a killed writer has left, as one JSON object, in memory that the caller frees; `path`: of its file, NULL where that is not
 * known. */
int last_describe_killed(struct store *store, const struct version *abandoned, const char *path, char **ret_json);

/* The text of user.occ.last: a JSON object, or `null` if nothing ever went wrong. In memory that the caller frees. */
int last_describe(struct store *store, uint64_t lineage, char **ret_json);

#endif
