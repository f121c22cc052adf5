/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_DIFF_PATCH_H
#define OCC_DIFF_PATCH_H

#include <stddef.h>

/* Unified differences, applied by patch(1). */

enum { DIFF_TEXT_SIZE = 512 };

/* Whether it is the difference of one file, with hunks that are whole; else NULL is not returned, but what is wrong with it. */
const char *diff_patch_check(const void *patch, size_t size);

enum diff_result {
    DIFF_APPLIED,
    DIFF_REJECTED, /* it does not fit the content; `text` has what patch(1) says */
    DIFF_FAILED,   /* patch(1) could not do its work; likewise */
};

/*
 * Applies a difference that was checked to content. Lines may have moved, but all lines of context must be as they are in the patch. The
 * result is in memory that the caller frees. A negative errno value: it could not be tried; -ENOENT: there is no patch(1).
 */
int diff_patch_apply(const void *content, size_t content_size, const void *patch, size_t patch_size, void **ret_data,
                     size_t *ret_size, char ret_text[DIFF_TEXT_SIZE]);

#endif
