/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_DRAFT_ATTRIBUTES_H
#define OCC_DRAFT_ATTRIBUTES_H

#include "opening.h"

/*
 * What can be set of user.occ.* through a writing descriptor, and means its draft. The kernel names no descriptor with these requests,
 * only the node: whoever opened the draft, and descendants of that process, may set it.
 */

/* A handle on the caller's draft, given back with closing_handle; NULL: the node is no draft of the caller's. A path may lead to
 * another's draft, for as long as it takes to expire the name. */
struct handle *draft_attribute_join(fuse_req_t request, fuse_ino_t node);

/* Whether the attribute is one of those here. */
bool draft_attribute_is(const char *name);

/* Appends the value of the one that can also be read, user.occ.request: the token of the version that a commit of the id which is set for the
 * next one has made. ERR_NODATA if there was none, no id is set, or the node is no draft of the caller's. */
int draft_attribute_get(fuse_req_t request, fuse_ino_t node, struct buffer *value);

/* Sets it. ERR_PERM where there is no draft of the caller's. What must be told of after the answer is added to `expiry`: the request
 * comes with the lock of the node in the kernel, which a name may lead to. */
int draft_attribute_set(fuse_req_t request, fuse_ino_t node, const char *name, struct slice value,
                        struct expiry *expiry);

#endif
