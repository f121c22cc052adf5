/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_TREE_H
#define OCC_TREE_H

#include "kv.h"

/*
 * An immutable ordered map, which the engines in memory hold. A change makes a new tree that shares with the old one
 * all that is alike, so that whoever holds a tree sees one moment, and needs no lock. NULL is the empty tree.
 *
 * A treap (Seidel and Aragon, 1996) whose priorities are hashes of the keys: changes are splits and joins along one
 * path, expected to take logarithmic time.
 *
 * Trees are counted: each that a function here returns is released by its caller. The count is atomic, the rest never
 * changes, so that a tree may be read, retained and released by several threads.
 */
struct tree;

struct tree *tree_retain(struct tree *tree);
void tree_release(struct tree *tree);

/* The tree with `key` set to a copy of `value`. ERR_NOMEM. */
int tree_put(struct tree *tree, struct slice key, struct slice value, struct tree **ret_tree);

/* The tree without the keys from `first` to `last`, both included. ERR_NOMEM. */
int tree_delete(struct tree *tree, struct slice first, struct slice last, struct tree **ret_tree);

/* Whether the key is there; its value is valid as long as the tree. */
bool tree_get(const struct tree *tree, struct slice key, struct slice *ret_value);

/* As kv_scan. The caller holds the tree meanwhile. */
int tree_scan(const struct tree *tree, const struct kv_range *range, kv_visit *visit, void *context);

#endif
