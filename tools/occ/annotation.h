/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_ANNOTATION_H
#define OCC_ANNOTATION_H

#include "occfs.h"

/* Which version each line of a file came with. */

struct annotated_line {
    const char *text; /* in the content, not ended by a NUL */
    size_t length;    /* without the newline */
    size_t version;   /* which of `versions` */
};

struct annotation {
    struct occfs_content content;
    struct annotated_line *lines;
    size_t line_count;
    struct occfs_version *versions; /* the newest first, as far back as there are lines of */
    size_t version_count;
};

/*
 * Goes back from a version along the first parents, until each line has been found in one that its predecessor did not have, or there is no
 * predecessor any more. Takes `version` over, also on failure. -EILSEQ: the content is binary.
 */
int annotation_init(struct annotation *annotation, const char *file, struct occfs_version *version);
void annotation_release(struct annotation *annotation);

#endif
