/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_DRAFT_COPY_H
#define OCC_DRAFT_COPY_H

#include "draft.h"

/*
 * copy_file_range: bytes of a version or of another draft become bytes of a draft. Where both sides stand alike to the
 * chunks' boundaries, chunks that a committed version names are shared instead of copied, and a whole content that
 * comes into an empty draft is shared as it is, whatever its size. Holes stay holes.
 */
struct copy_source {
    struct draft *draft;           /* may be the target itself; or NULL: */
    struct content_reader *reader; /* of a version */
};

/*
 * Copies up to `size` bytes. *ret_copied may be less: 0 at the source's end, and a large range is done in parts. The ranges
 * must not overlap within one draft. The source's lock and the target's are never held at once, so a source that is
 * written meanwhile is copied as it is at one moment or another. ERR_FBIG; on an error nothing was copied.
 */
int draft_copy(struct draft *draft, uint64_t offset, const struct copy_source *source, uint64_t source_offset,
               uint64_t size, uint64_t *ret_copied);

#endif
