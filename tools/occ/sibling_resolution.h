/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_SIBLING_RESOLUTION_H
#define OCC_SIBLING_RESOLUTION_H

#include "siblings.h"

/* Resolving a conflict: what becomes of the file and of the sibling. */

enum resolution_mode {
    RESOLUTION_MERGE,  /* what both have changed since the base */
    RESOLUTION_MINE,   /* what is in the sibling */
    RESOLUTION_THEIRS, /* what is in the file */
    RESOLUTION_TOOL,   /* what a merge tool makes of it */
    RESOLUTION_BOTH,   /* the sibling becomes a file like any */
};

struct resolution {
    enum resolution_mode mode;
    const char *message; /* NULL: none */
    const char *tool;    /* name of the merge tool */
    const char *output;  /* where a merge with conflicts is written, "-" is standard output; NULL: nowhere */
    const char *name;    /* that the sibling gets, NULL: as it has, with .mine in place of .conflict */
    bool edit;           /* a merge with conflicts is opened in an editor */
};

/* Resolves the conflict of one sibling; an exit code. */
int resolve_sibling(const struct sibling *sibling, const struct resolution *resolution);

#endif
