/* SPDX-License-Identifier: Apache-2.0 */
#include "json_edit.h"

#include <assert.h>

#include "json_spacing.h"
#include "json_string.h"

static void mark_changed(struct json_node *node)
{
    for (; node && !node->changed; node = node->parent)
        node->changed = true;
}

static int check_depth(const struct json_node *parent, const struct json_node *value)
{
    unsigned around = parent ? json_node_depth(parent) + 1 : 0;
    return around + json_node_height(value) > JSON_DEPTH_MAX ? ERR_TOOBIG : 0;
}

/* ---- putting in ---- */

/* The space around a value that comes before `next`, NULL for the end, and what changes around its neighbours for that. */
static int space_out(struct json_tree *tree, struct json_node *container, struct json_node *next,
                     struct json_node *value)
{
    struct json_node *first = container->first, *last = container->last;
    if (!first) return spacing_only_child(tree, container, &value->before, &value->after);
    struct slice before_comma = first->next ? first->after : SLICE("", 0);
    struct slice between = spacing_between(container);
    value->before = between;
    value->after = before_comma;
    if (!next) {
        value->after = last->after;
        last->after = before_comma;
    } else if (next == first) {
        value->before = first->before;
        first->before = first->next ? first->next->before : between;
    } else if (spacing_last_line(next->before).size == 0) {
        value->before = next->before;
    }
    return 0;
}

static void link_before(struct json_node *container, struct json_node *next, struct json_node *value)
{
    struct json_node *previous = next ? next->previous : container->last;
    value->parent = container;
    value->previous = previous;
    value->next = next;
    *(previous ? &previous->next : &container->first) = value;
    *(next ? &next->previous : &container->last) = value;
    container->count++;
}

static int put_before(struct json_tree *tree, struct json_node *container, struct json_node *next,
                      struct json_node *value)
{
    assert(!value->parent);
    int error = check_depth(container, value);
    if (!error) error = space_out(tree, container, next, value);
    if (error) return error;
    link_before(container, next, value);
    mark_changed(container);
    return spacing_settle(tree, value);
}

int json_edit_insert(struct json_tree *tree, struct json_node *array, struct json_node *next, struct json_node *value)
{
    assert(array->kind == JSON_ARRAY && (!next || next->parent == array));
    value->member = NULL;
    return put_before(tree, array, next, value);
}

static int spell_key(struct json_tree *tree, struct json_member *member)
{
    struct buffer text = {0};
    json_string_encode(member->key, &text);
    int error = buffer_failed(&text);
    if (!error) error = json_tree_keep(tree, buffer_slice(&text), &member->key_text);
    buffer_release(&text);
    return error;
}

int json_edit_append(struct json_tree *tree, struct json_node *object, struct slice key, struct slice key_text,
                     struct json_node *value)
{
    assert(object->kind == JSON_OBJECT);
    struct json_member *member;
    int error = json_arena_take(&tree->arena, sizeof *member, &member);
    if (error) return error;
    *member = (struct json_member){.key_text = key_text, .colon = spacing_colon(object)};
    error = json_tree_keep(tree, key, &member->key);
    if (!error && key_text.size == 0) error = spell_key(tree, member);
    if (error) return error;
    value->member = member;
    return put_before(tree, object, NULL, value);
}

int json_edit_rename(struct json_tree *tree, struct json_node *node, struct slice key)
{
    struct json_member member = {.colon = node->member->colon};
    int error = json_tree_keep(tree, key, &member.key);
    if (!error) error = spell_key(tree, &member);
    if (error) return error;
    *node->member = member;
    mark_changed(node->parent);
    return 0;
}

/* ---- taking out, and both ---- */

static void clear_place(struct json_node *node)
{
    node->parent = node->previous = node->next = NULL;
    node->member = NULL;
    node->before = node->after = SLICE("", 0);
}

int json_edit_replace(struct json_tree *tree, struct json_node *node, struct json_node *value)
{
    struct json_node *parent = node->parent;
    assert(!value->parent && value != node);
    int error = check_depth(parent, value);
    if (error) return error;
    value->parent = parent;
    value->previous = node->previous;
    value->next = node->next;
    value->member = node->member;
    value->before = node->before;
    value->after = node->after;
    if (parent) {
        *(node->previous ? &node->previous->next : &parent->first) = value;
        *(node->next ? &node->next->previous : &parent->last) = value;
    } else {
        tree->root = value;
    }
    clear_place(node);
    mark_changed(parent);
    return spacing_settle(tree, value);
}

void json_edit_remove(struct json_node *node)
{
    struct json_node *parent = node->parent, *previous = node->previous, *next = node->next;
    assert(parent);
    *(previous ? &previous->next : &parent->first) = next;
    *(next ? &next->previous : &parent->last) = previous;
    parent->count--;
    /* What was behind the opening bracket and before the closing one stays there. */
    if (!previous && next) next->before = node->before;
    if (!next && previous) previous->after = node->after;
    mark_changed(parent);
    clear_place(node);
}
