/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_GIT_LIBRARY_H
#define OCC_GIT_LIBRARY_H

#include <stdbool.h>

/* libgit2, of which the differences and merges of text are used. Includes nothing of it. */

/* To be called before anything of it. Beginning and ending it takes some milliseconds: once for all. False: memory is short. */
bool git_library_ready(void);

/* What went wrong with its last call: -ENOMEM, or -EFBIG, since it takes contents up to 1 GiB. */
int git_library_error(void);

#endif
