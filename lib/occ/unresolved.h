/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_UNRESOLVED_H
#define OCC_UNRESOLVED_H

#include "conflict_record.h"

/*
 * Conflicts that wait for somebody: the sibling still stands where it was put. One that was removed, renamed or moved over its target
 * is resolved.
 */
struct unresolved {
    const struct conflict_record *record;
    uint32_t sibling_uid;
    bool has_target;     /* the name that was to be written leads to a file */
    uint32_t target_uid; /* then: its owner */
};

/* All of the store. Visitor results as everywhere. */
int unresolved_scan(struct store *store, int (*visit)(void *context, const struct unresolved *conflict), void *context);

#endif
