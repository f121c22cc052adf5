/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_PRIVATE_COPY_H
#define OCC_PRIVATE_COPY_H

#include <limits.h>

#include "occfs.h"

/*
 * A copy of a file that its user alone can see, for an editor or a merge tool: below $TMPDIR, in a directory of its own, under the same
 * name, by which editors know what kind of text it is.
 */
struct private_copy {
    char directory[PATH_MAX];
    char path[PATH_MAX];
};

/* `file`: the path of that which it is a copy of. */
int private_copy_init(struct private_copy *copy, const char *file, const void *data, size_t size);

/* One more file of the same name, in a directory `role` beside it. */
int private_copy_add(const struct private_copy *copy, const char *role, const void *data, size_t size,
                     char ret_path[PATH_MAX]);

/* What is in it now, of which the caller frees the data. */
int private_copy_read(const struct private_copy *copy, struct occfs_content *ret_content);

/* Removes it, and whatever else is in its directory. Who does not call this keeps it. */
void private_copy_remove(const struct private_copy *copy);

#endif
