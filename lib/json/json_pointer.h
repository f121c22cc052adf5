/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_JSON_POINTER_H
#define OCC_JSON_POINTER_H

#include "json_tree.h"

/* JSON pointers (RFC 6901): "" is the whole, "/a~1b/0" the first of what the member "a/b" has. */

struct json_pointer {
    struct slice text;    /* the caller's: UTF-8, as decoded from JSON */
    struct slice *tokens; /* unescaped */
    size_t *ends;         /* where in `text` each one ends */
    size_t count;
    void *memory;
};

/* ERR_NOMEM; ERR_INVAL, and *ret_problem says why it is none. The text must outlive the pointer. */
int json_pointer_parse(struct json_pointer *pointer, struct slice text, const char **ret_problem);
void json_pointer_release(struct json_pointer *pointer);

/* Whether what `inner` leads to lies inside of what `outer` leads to, or is the same. */
bool json_pointer_contains(const struct json_pointer *outer, const struct json_pointer *inner);

/* Where a pointer leads: to a value, or to where there could be one. */
struct json_place {
    struct json_node *node;   /* NULL if there is none */
    struct json_node *parent; /* the container; NULL for the whole */
    struct slice key;         /* the pointer's last token: in an object the key */
    uint32_t index; /* in an array: of the element, or the count of elements for what is behind the last one */
    bool repeated;  /* a key on the way is in its object more than once */
};

/* A parent that is not there, or no container, or has no such index is ERR_INVAL with JSON_NOT_FOUND; no member of that
 * name, and what is behind the last element, are a place. */
int json_pointer_find(const struct json_pointer *pointer, struct json_node *root, struct json_place *ret_place,
                      struct json_error *ret_error);

/* Appends the pointer that leads to a value. */
void json_pointer_write(const struct json_node *node, struct buffer *text);

#endif
