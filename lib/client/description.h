/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_DESCRIPTION_H
#define OCC_DESCRIPTION_H

#include "occfs.h"

/* The JSON objects with which a mount describes versions and conflicts (occfs(7)). -EPROTO: it is not one. */

int description_version(const char *json, struct occfs_version *ret_version);
int description_conflict(const char *json, struct occfs_conflict *ret_conflict);

/* The token of the version that a descriptor shows, and whether its last commit has made that; -EOPNOTSUPP elsewhere, also for a copy that
 * carries a token along. */
int description_token_fd(int fd, char ret_token[OCCFS_TOKEN_SIZE], bool *ret_made);

#endif
