/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_LISTING_H
#define MODEL_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct listing_entry {
    char name[256];
    int type; /* DT_* */
    uint64_t ino;
};

/* The names in a directory, sorted. */
struct listing {
    struct listing_entry *entries;
    size_t count;
    char wrong[600]; /* empty when telldir and seekdir led to the same names once more, and nothing was listed twice */
};

/* 0 or an errno. */
int listing_read(const char *path, struct listing *ret_listing);
void listing_release(struct listing *listing);

#endif
