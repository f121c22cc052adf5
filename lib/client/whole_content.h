/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_WHOLE_CONTENT_H
#define OCC_WHOLE_CONTENT_H

#include "occfs.h"

/* Whole contents of files, in memory. */

/* From the beginning to the end, whatever the descriptor's offset; the caller frees ret_content->data. The token is left alone. */
int content_read(int fd, struct occfs_content *ret_content);

/* All of it, at the descriptor's offset. */
int content_write(int fd, const void *data, size_t size);

#endif
