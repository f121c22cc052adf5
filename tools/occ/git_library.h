/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_GIT_LIBRARY_H
#define OCC_GIT_LIBRARY_H

#include <git2.h>

/* libgit2, of which the differences and merges of text are used. It brings a dozen libraries along, which take longer to load than most
 * verbs to run: it is loaded when it is needed. */

struct git_library {
    __typeof__(&git_libgit2_init) init;
    __typeof__(&git_libgit2_shutdown) shutdown;
    __typeof__(&git_error_last) error_last;
    __typeof__(&git_diff_buffers) diff_buffers;
    __typeof__(&git_merge_file) merge_file;
    __typeof__(&git_merge_file_result_free) merge_file_result_free;
};

/* Once for all. NULL if it cannot be loaded, which has been told: then -ELIBACC is the error. */
const struct git_library *git_library_load(void);

/* What went wrong with its last call: -ENOMEM, or -EFBIG, since it takes contents up to 1 GiB. */
int git_library_error(void);

#endif
