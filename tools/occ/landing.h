/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_LANDING_H
#define OCC_LANDING_H

#include "occfs.h"

/* Commits of what people, editors and merges have made out of a version that they have seen. */

struct landing {
    const char *file;
    const char *expected; /* token of the version that was seen; "" for none: the file is created */
    const char *sibling;  /* path of the sibling that this resolves; NULL: of none */
    const char *resolved; /* token of the sibling's version that was seen */
    const char *message;  /* NULL: none */
};

/* Commits the content. -ESTALE: the sibling has changed. -EEXIST: a file to be created is there already. */
int landing_commit(const struct landing *landing, const void *data, size_t size, struct occfs_outcome *ret_outcome);

/* Removes the sibling that a landing's conflict has made, of content that will be made anew. One that was there before has the same
 * content, but is somebody's, and stays. */
void landing_forget(const struct landing *landing, const struct occfs_conflict *conflict);

/* The newest version of a file: its content, which the caller frees, and token. */
int newest_content(const char *file, struct occfs_content *ret_content);

#endif
