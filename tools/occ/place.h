/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_PLACE_H
#define OCC_PLACE_H

#include "occfs.h"

/* What an operand FILE or FILE@@N names. */
struct place {
    const char *text; /* as it was given, for messages */
    char *file;       /* the path of the file */
    char *version;    /* behind the @@ or @@/: an ordinal, a token, N.killed; NULL: none was given */
};

/* Where the whole operand is the name of a file that exists, it is that file. -EINVAL for `FILE@@` without a version. */
int place_init(struct place *place, const char *text);
void place_release(struct place *place);

/* Opens what it names for reading: the version, or the file. Returns a descriptor. */
int place_open(const struct place *place);

#endif
