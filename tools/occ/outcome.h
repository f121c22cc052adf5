/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_OUTCOME_H
#define OCC_OUTCOME_H

#include "occfs.h"

/* What has become of a commit, as verbs that write tell it. */

/*
 * On standard output the token of the version that the file now has: nothing else, and under --quiet not even that; or, with `json`, an object
 * with `file`, `result` (committed, unchanged or conflict), `token`, `tries` and `sibling`. Of a conflict there is a complaint on
 * standard error, too. Returns the exit code.
 */
int outcome_tell(const char *file, const struct occfs_outcome *outcome, bool json);

/* The path of a conflict's sibling as one that the caller of occ can use, from the path of the file; NULL if it has none or memory is
 * short. To be freed. */
char *outcome_sibling(const char *file, const struct occfs_conflict *conflict);

#endif
