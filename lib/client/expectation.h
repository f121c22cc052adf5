/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_EXPECTATION_H
#define OCC_EXPECTATION_H

#include "occfs.h"

/* occfs_open, which also tells the token of the version that was opened: that of what the descriptor reads. */
int expectation_open(int dirfd, const char *path, int flags, mode_t mode, const char *expected,
                     char ret_opened[OCCFS_TOKEN_SIZE]);

#endif
