/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_BRING_BACK_H
#define OCC_BRING_BACK_H

#include <stdbool.h>

#include "occfs.h"

/* An old version's content as the new one: what restore and undelete have in common. */

struct bringing {
    const char *file;
    const struct occfs_version *source; /* one of the file's history */
    const char *verb;                   /* past participle, for what is said: `restored` */
    const char *message;                /* for history */
    bool message_wanted;                /* somebody asked for it: where the file can have none, nothing is done */
    bool json;
};

/*
 * Makes the content of the open descriptor `from` that of the draft `to`, commits it, closes `to`, and tells what has become of it. Chunks
 * are shared, not copied. Returns an exit code; `ret_ended` says whether the commit had an outcome, whatever that was.
 */
int bring_back(const struct bringing *bringing, int from, int to, bool *ret_ended);

#endif
