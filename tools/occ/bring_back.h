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
    bool json;
};

/* Makes the content of the open descriptor `from` that of the empty draft `to`. Chunks are shared, not copied. */
int content_share(int from, int to);

/* Commits the draft that has the content, and tells what has become of it. Returns an exit code. */
int bring_back_commit(const struct bringing *bringing, int fd);

#endif
