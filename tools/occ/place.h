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

/* Where the whole operand is the name of a file that exists, it is that file. Symbolic links are followed, also those to a file that was removed. -EINVAL for `FILE@@` without a version. */
int place_init(struct place *place, const char *text);
/* As failure() of terminal.h, for what place_init returns. */
int place_failure(const char *text, int error);
void place_release(struct place *place);

/* Opens what it names for reading: the version, or the file. Returns a descriptor. */
int place_open(const struct place *place);

/* Describes it: the version, or the newest one of the file, also where that was removed. The caller releases it. */
int place_version(const struct place *place, struct occfs_version *ret_version);

/* The whole content of a version, which is named as for occfs_version_open; the caller frees ret_content->data. */
int version_content(const char *file, const char *version, struct occfs_content *ret_content);

#endif
