/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_TEXT_MERGE_H
#define OCC_TEXT_MERGE_H

#include <stdbool.h>
#include <stddef.h>

/* Three-way merges of text, line by line, as git makes them. */

struct merge_side {
    const void *data; /* may be NULL if the size is 0 */
    size_t size;
};

struct text_merge {
    void *data; /* the merged content, with conflict markers unless it is clean */
    size_t size;
    size_t conflicts; /* places that both sides have changed in different ways; 0: it is clean */
    size_t marker;    /* how many characters a marker has */
};

/*
 * Merges what `mine` and `theirs` have changed since `base`. A conflict looks as in git's diff3 style:
 *
 *     <<<<<<< mine
 *     ||||||| base
 *     =======
 *     >>>>>>> theirs
 *
 * The markers are longer where a line of the contents begins like one. -EILSEQ: one of them is binary; -EFBIG: one is larger than the
 * library merges, 1 GiB.
 */
int text_merge_init(struct text_merge *merge, const struct merge_side *base, const struct merge_side *mine,
                    const struct merge_side *theirs);
void text_merge_release(struct text_merge *merge);

/* How many conflicts with markers of that length a text has: what an edited merge still has to be asked. */
size_t text_conflicts(const void *data, size_t size, size_t marker);

#endif
