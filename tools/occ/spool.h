/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_SPOOL_H
#define OCC_SPOOL_H

#include <stddef.h>

/*
 * Content that is not a file's yet: a temporary file in $TMPDIR without a name, so that nothing is left of it, whatever happens.
 * A spool is its descriptor, which the caller closes. Functions return a negative errno value on failure.
 */
int spool_open(void);

/* Complains of a spool that could not be opened or written; an exit code. */
int spool_failure(int error);

/* Appends all that comes from a descriptor, up to its end. `what` is shown as the progress; NULL shows none. */
int spool_receive(int spool, int from, const char *what);

/* Appends bytes. */
int spool_append(int spool, const void *data, size_t size);

/* Writes all of it to a descriptor, from that one's offset on. */
int spool_send(int spool, int to, const char *what);

/* All of it, in memory that the caller frees. */
int spool_content(int spool, void **ret_data, size_t *ret_size);

/* Whoever reads the descriptor next begins at the beginning. */
int spool_rewind(int spool);

#endif
