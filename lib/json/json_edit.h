/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_JSON_EDIT_H
#define OCC_JSON_EDIT_H

#include "json_tree.h"

/*
 * Edits of a tree. What is new is spaced as its neighbours are: on a line of its own where they have theirs, with their
 * indentation and line ends; on their line where they share one. A new value's bytes stay as they are, but for the
 * indentation of its further lines. All other bytes of the text stay.
 *
 * Values given in are of this tree's memory and have no place: from json_tree_copy, or json_edit_remove before. Functions
 * that can fail return ERR_NOMEM, or ERR_TOOBIG for what would lie deeper than JSON_DEPTH_MAX or take more memory
 * than json_arena.h allows: the tree then may be half edited and is good for nothing but json_tree_release.
 */

/* As the element of an array before `next`; NULL: as the last one. */
int json_edit_insert(struct json_tree *tree, struct json_node *array, struct json_node *next, struct json_node *value);

/* As the last member of an object, which has none with this key. `key_text` is how the key is spelled, and must live as long as
 * the tree; empty: as json_string_encode does. */
int json_edit_append(struct json_tree *tree, struct json_node *object, struct slice key, struct slice key_text,
                     struct json_node *value);

/* Gives a member another key, which its object does not have. */
int json_edit_rename(struct json_tree *tree, struct json_node *node, struct slice key);

/* In place of `node`, which may be the root. */
int json_edit_replace(struct json_tree *tree, struct json_node *node, struct json_node *value);

/* Takes a value out, which may be put in elsewhere then. Not the root. */
void json_edit_remove(struct json_node *node);

#endif
