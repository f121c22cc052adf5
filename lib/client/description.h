/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_DESCRIPTION_H
#define OCC_DESCRIPTION_H

#include "occfs.h"

/* The JSON objects with which a mount describes versions and conflicts (occfs(7)). -EPROTO: it is not one. */

int description_version(const char *json, struct occfs_version *ret_version);
int description_conflict(const char *json, struct occfs_conflict *ret_conflict);

#endif
