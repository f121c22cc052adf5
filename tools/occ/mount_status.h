/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_MOUNT_STATUS_H
#define OCC_MOUNT_STATUS_H

#include <jansson.h>

#include "mountpoints.h"

/* What `.occ/status` of a mount says (occfs(7)), as a new reference. -EOPNOTSUPP if the root of its filesystem is mounted nowhere here. */
int mount_status(const struct mountpoint_list *list, const struct mountpoint *mount, json_t **ret_status);

#endif
