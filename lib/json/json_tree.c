/* SPDX-License-Identifier: Apache-2.0 */
#include "json_tree.h"

#include <string.h>

void json_tree_release(struct json_tree *tree)
{
    json_arena_release(&tree->arena);
    *tree = (struct json_tree){0};
}

/* ---- writing ---- */

static int append(struct buffer *text, struct slice bytes)
{
    if (bytes.size > JSON_TEXT_MAX || text->size > JSON_TEXT_MAX - bytes.size) return ERR_TOOBIG;
    buffer_append(text, bytes);
    return buffer_failed(text);
}

static int append_child(struct buffer *text, const struct json_node *child)
{
    int error = append(text, child->before);
    if (!error && child->member) error = append(text, child->member->key_text);
    if (!error && child->member) error = append(text, child->member->colon);
    if (!error) error = json_node_write(child, text);
    if (!error) error = append(text, child->after);
    if (!error && child->next) error = append(text, SLICE(",", 1));
    return error;
}

int json_node_write(const struct json_node *node, struct buffer *text)
{
    bool array = node->kind == JSON_ARRAY;
    if (!node->changed) return append(text, node->text);
    int error = append(text, SLICE(array ? "[" : "{", 1));
    for (const struct json_node *child = node->first; !error && child; child = child->next)
        error = append_child(text, child);
    return error ? error : append(text, SLICE(array ? "]" : "}", 1));
}

int json_tree_write(const struct json_tree *tree, struct buffer *text)
{
    int error = append(text, tree->root->before);
    if (!error) error = json_node_write(tree->root, text);
    return error ? error : append(text, tree->root->after);
}

/* ---- copying ---- */

int json_tree_keep(struct json_tree *tree, struct slice bytes, struct slice *ret_kept)
{
    uint8_t *kept;
    int error = json_arena_take(&tree->arena, bytes.size, &kept);
    if (error) return error;
    if (bytes.size > 0) memcpy(kept, bytes.data, bytes.size);
    *ret_kept = SLICE(kept, bytes.size);
    return 0;
}

static int copy_child(struct json_tree *tree, struct json_node *parent, const struct json_node *child)
{
    struct json_node *copy;
    int error = json_tree_copy(tree, child, &copy);
    if (!error && child->member) {
        error = json_arena_take(&tree->arena, sizeof *copy->member, &copy->member);
        if (!error) *copy->member = *child->member;
    }
    if (error) return error;
    copy->before = child->before;
    copy->after = child->after;
    copy->parent = parent;
    copy->previous = parent->last;
    *(parent->last ? &parent->last->next : &parent->first) = copy;
    parent->last = copy;
    return 0;
}

int json_tree_copy(struct json_tree *tree, const struct json_node *node, struct json_node **ret_copy)
{
    struct json_node *copy;
    int error = json_arena_take(&tree->arena, sizeof *copy, &copy);
    if (error) return error;
    *copy = (struct json_node){.text = node->text, .count = node->count, .kind = node->kind, .changed = node->changed};
    for (const struct json_node *child = node->first; !error && child; child = child->next)
        error = copy_child(tree, copy, child);
    if (error) return error;
    *ret_copy = copy;
    return 0;
}

/* ---- what can be asked ---- */

size_t json_node_offset(const struct json_tree *tree, const struct json_node *node)
{
    return (size_t)((const uint8_t *)node->text.data - (const uint8_t *)tree->text.data);
}

unsigned json_node_depth(const struct json_node *node)
{
    unsigned depth = 0;
    while ((node = node->parent))
        depth++;
    return depth;
}

unsigned json_node_height(const struct json_node *node)
{
    unsigned highest = 0;
    for (const struct json_node *child = node->first; child; child = child->next) {
        unsigned height = json_node_height(child);
        if (height > highest) highest = height;
    }
    return json_is_container(node) ? highest + 1 : 0;
}

const char *json_kind_name(enum json_kind kind)
{
    static const char *const names[] = {"null", "false", "true", "a number", "a string", "an array", "an object"};
    return names[kind];
}
