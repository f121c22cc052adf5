/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_JSON_TREE_H
#define OCC_JSON_TREE_H

#include "json_arena.h"
#include "json_error.h"

/*
 * JSON text (RFC 8259) as a tree that knows each of its bytes.
 *
 * Why this and no packaged library: all of them read values and write them anew. A number becomes a double or loses its
 * spelling, escapes, spacing, the order of keys and keys that are there twice are gone. Here whatever is not edited is written
 * as it was read, byte for byte: what a person laid out by hand stays so, a 30-digit number stays exact, and a diff of the
 * file shows the edit alone.
 *
 * Promises:
 * 1. json_tree_write of a tree that was not edited gives the text that was parsed. Around an edit (json_edit.h), only the
 *    bytes that the edit is about differ.
 * 2. The text is not copied: it must stay as it is until the tree and all trees that values of it were copied to are released.
 * 3. What parses is strict JSON in UTF-8. A byte order mark before it is kept. A key that an object has twice is kept;
 *    addressed is the last one.
 * 4. Nothing is deeper than JSON_DEPTH_MAX containers, no text larger than JSON_TEXT_MAX, no tree larger than json_arena.h
 *    allows. Recursion over nodes goes no deeper than JSON_DEPTH_MAX.
 * 5. No state outside of the tree: different threads may work on different trees.
 */
enum { JSON_DEPTH_MAX = 1000, JSON_TEXT_MAX = 64 << 20 };

enum json_kind { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* What the member of an object has besides its value. */
struct json_member {
    struct slice key;      /* decoded; may hold any byte, NUL too */
    struct slice key_text; /* as spelled, with its quotes */
    struct slice colon;    /* all between the key and the value */
};

/*
 * A value. `text` is the whole of it, as it was parsed: of a container that has changed since, what it was, and what it is now
 * is to be composed from its children.
 */
struct json_node {
    struct json_node *parent; /* NULL: the root, or not in a tree */
    struct json_node *previous, *next;
    struct json_node *first, *last; /* children in order */
    struct json_member *member;     /* NULL unless the parent is an object */
    struct slice text;
    struct slice
        before; /* space behind the bracket or comma in front; of the root: all before it, byte order mark too */
    struct slice after; /* space up to the comma or bracket behind; of the root: all behind it */
    uint32_t count;     /* of children */
    uint8_t kind;       /* enum json_kind */
    bool changed;       /* it or what is in it; then so is its parent */
};

struct json_tree {
    struct slice text;
    struct json_node *root;
    struct json_arena arena;
};

/* JSON_BAD_DOCUMENT. The tree needs no release after a failure. */
int json_tree_parse(struct json_tree *tree, struct slice text, struct json_error *ret_error);
void json_tree_release(struct json_tree *tree);

/* Appends the whole text. ERR_NOMEM; ERR_TOOBIG if it is larger than JSON_TEXT_MAX. */
int json_tree_write(const struct json_tree *tree, struct buffer *text);

/* Appends a value without the space around it. Failures as json_tree_write. */
int json_node_write(const struct json_node *node, struct buffer *text);

/* A deep copy in `tree`, with no parent, of a value of any tree. ERR_NOMEM, ERR_TOOBIG. What large texts are copied from should
 * be announced to the arena before. */
int json_tree_copy(struct json_tree *tree, const struct json_node *node, struct json_node **ret_copy);

/* Copies bytes to where they live as long as the tree. ERR_NOMEM, ERR_TOOBIG. */
int json_tree_keep(struct json_tree *tree, struct slice bytes, struct slice *ret_kept);

/* Where a value that was parsed begins in the tree's text. */
size_t json_node_offset(const struct json_tree *tree, const struct json_node *node);

/* The containers around it; those that it consists of, itself included (0 for what is no container). */
unsigned json_node_depth(const struct json_node *node);
unsigned json_node_height(const struct json_node *node);

/* "an object", "a number", ... */
const char *json_kind_name(enum json_kind kind);

static inline bool json_is_container(const struct json_node *node)
{
    return node->kind == JSON_ARRAY || node->kind == JSON_OBJECT;
}

#endif
