/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_CONTENT_SAME_H
#define OCC_CONTENT_SAME_H

#include "draft.h"

/*
 * Whether two contents are equal byte for byte. Hashes only say when they are not: they are not cryptographic, and
 * a writer whose content was taken for the head's would lose it. Chunks that are the same blob are not read.
 */
int content_same(struct store *store, const struct version *a, const struct version *b, bool *ret_same);
int content_same_as_sealed(struct store *store, const struct sealed *sealed, const struct version *version,
                           bool *ret_same);

#endif
