/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_DRAFT_RANGE_H
#define OCC_DRAFT_RANGE_H

#include "draft.h"

/*
 * Ranges of a draft: fallocate, and where data and holes are. Holes are whole chunks: what is known to be zeros and takes no
 * space. Work is in proportion to the data there, not to the size of the range.
 */

/* Makes the draft at least offset + size bytes long. Nothing is reserved: holes stay holes. ERR_FBIG beyond 2^63-1. */
int draft_extend(struct draft *draft, uint64_t offset, uint64_t size);

/* Makes a range zeros and gives back what it took, within the draft's size; `extend`: makes the draft longer first. On
 * failure part of the range may be zeros already. ERR_FBIG. */
int draft_zero(struct draft *draft, uint64_t offset, uint64_t size, bool extend);

/* As content_seek. */
int draft_seek(struct draft *draft, uint64_t offset, bool hole, uint64_t *ret_offset);

#endif
