/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_TREE_H
#define MODEL_TREE_H

#include "complaint.h"

struct session;

/*
 * Compares everything: the names of every directory, attributes, xattrs, contents, targets of symlinks, and what each open
 * descriptor shows.
 */
bool tree_compare(struct session *session, struct complaint *complaint);

#endif
