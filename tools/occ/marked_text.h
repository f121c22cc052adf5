/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_MARKED_TEXT_H
#define OCC_MARKED_TEXT_H

#include "occfs.h"
#include "text_merge.h"

/*
 * Lets the user decide the conflicts of a merge in an editor. EXIT_DONE: what they have made of it, of which the caller frees the data.
 * EXIT_CONFLICT: markers are left; EXIT_FAILURE_IO; both with a complaint, and what was edited is kept and told.
 */
int marked_text_edit(const char *file, const struct text_merge *merge, struct occfs_content *ret_content);

#endif
