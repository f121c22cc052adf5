/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_JSON_MEMBERS_H
#define OCC_JSON_MEMBERS_H

#include "json_tree.h"

/*
 * The members of an object by key, as they are when this is made, whatever becomes of the object: to look for many of them
 * without comparing each with each. Of those with the same key the last one counts.
 */
struct json_entry {
    struct slice key;
    struct json_node *node;
};

struct json_members {
    struct json_entry *entries; /* one for each key, in the order of slice_compare */
    size_t count;
    struct json_entry *repeated; /* those whose key others have, too; in the same order */
    size_t repeated_count;
};

/* ERR_NOMEM. */
int json_members_init(struct json_members *members, const struct json_node *object);
void json_members_release(struct json_members *members);

/* NULL if there is none. */
struct json_node *json_members_find(const struct json_members *members, struct slice key);

/* Whether more than one has this key. */
bool json_members_repeats(const struct json_members *members, struct slice key);

/* The last member with this key, NULL if there is none, and whether there is another. For one look: it goes through all. */
struct json_node *json_object_find(const struct json_node *object, struct slice key, bool *ret_repeated);

#endif
