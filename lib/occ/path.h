/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_PATH_H
#define OCC_PATH_H

#include "inode.h"

enum { PATH_SIZE = 4096 };

/*
 * Finds out where a directory is. A directory's inode says which one holds it, but not by what name: that is looked for
 * among the entries there. What all calls of one finder look at is bounded; it remembers the directory that was asked for
 * last, because many files of one directory are asked for one after the other. Not thread-safe.
 */
struct path_finder {
    struct store *store;
    uint64_t entries_left; /* that may still be looked at */
    uint64_t directory;    /* whose path is remembered; at first the root */
    char path[PATH_SIZE];  /* of that, empty for the root, else with a '/' at the end */
};

void path_finder_init(struct path_finder *finder, struct store *store);

/* The path below the mountpoint, without a '/' at its beginning, of `name` in the directory. ERR_NOENT when that has gone,
 * ERR_RANGE when the path is too long or too much would have to be looked at. */
int path_find(struct path_finder *finder, uint64_t directory, const char *name, char ret_path[PATH_SIZE]);

#endif
