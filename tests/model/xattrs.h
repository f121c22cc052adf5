/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_XATTRS_H
#define MODEL_XATTRS_H

#include <sys/types.h>

/*
 * Takes the names that occfs adds (user.occ.*) out of what listxattr gave, and sorts the rest. Returns the new size; the
 * result is comparable with the plain directory's.
 */
size_t xattrs_normalise(char *list, size_t size);

#endif
