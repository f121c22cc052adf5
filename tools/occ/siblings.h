/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_SIBLINGS_H
#define OCC_SIBLINGS_H

#include "occfs.h"

/* The `.conflict` files beside a file. */

struct sibling {
    char *path;
    char *target; /* path of the file that was to be written; it may have gone */
    struct occfs_conflict conflict;
};

struct sibling_list {
    struct sibling *siblings;
    size_t count;
};

/* Those of `file`, in the order of their numbers; none, if it has no conflict. Where `file` is itself a sibling, it alone. */
int sibling_list_init(struct sibling_list *list, const char *file);
void sibling_list_release(struct sibling_list *list);

#endif
