/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_TEXT_DIFF_H
#define OCC_TEXT_DIFF_H

#include <stdbool.h>
#include <stdio.h>

/* Differences between two contents, line by line, as libgit2 finds them. */

struct diff_side {
    const char *name;   /* as it is called behind --- and +++ */
    const char *detail; /* behind the name and a tab, which patch(1) leaves alone; NULL: none */
    const void *data;   /* may be NULL if the size is 0 */
    size_t size;
};

/* Contents with a NUL near their beginning are not compared by lines: what git takes for binary. */
bool text_is_binary(const void *data, size_t size);

/*
 * Prints the unified difference, coloured where that is standard output and wanted; of binary contents only that they differ. 1: there is
 * a difference, 0: there is none, or a negative errno value.
 */
int text_diff_print(FILE *stream, const struct diff_side *old, const struct diff_side *new);

/* Lines from `start` on, counted from 0. */
struct line_range {
    size_t start, count;
};

/* Called for each place, from the beginning on, where lines of the old content were replaced by lines of the new; either may be none. */
typedef void text_diff_change(void *context, struct line_range old, struct line_range new);
int text_diff_changes(const struct diff_side *old, const struct diff_side *new, text_diff_change *change,
                      void *context);

#endif
