/* SPDX-License-Identifier: Apache-2.0 */
#include "json_patch.h"

#include <stdio.h>

#include "json_apply.h"
#include "json_edit.h"
#include "json_members.h"
#include "json_operation.h"
#include "json_value.h"

/* ---- where an operation works ---- */

static int locate(const struct json_operation *operation, const struct json_pointer *pointer, struct json_tree *tree,
                  struct json_place *ret_place, struct json_error *error)
{
    struct json_error why;
    int failure = json_pointer_find(pointer, tree->root, ret_place, &why);
    return failure == ERR_INVAL ? json_operation_wrong(operation, error, why.kind, "%s", why.text) : failure;
}

static int not_there(const struct json_operation *operation, const struct json_pointer *pointer,
                     struct json_error *error)
{
    return json_operation_wrong(operation, error, JSON_NOT_FOUND, "there is no %.*s", json_error_width(pointer->text),
                                (const char *)pointer->text.data);
}

/* A place that is to be changed: what a reader of the text takes for it must be the same for all readers. */
static int locate_unambiguous(const struct json_operation *operation, const struct json_pointer *pointer,
                              struct json_tree *tree, struct json_place *ret_place, struct json_error *error)
{
    int failure = locate(operation, pointer, tree, ret_place, error);
    if (!failure && ret_place->repeated)
        failure = json_operation_wrong(operation, error, JSON_AMBIGUOUS,
                                       "%.*s is ambiguous: a key on the way is in its object twice",
                                       json_error_width(pointer->text), (const char *)pointer->text.data);
    return failure;
}

/* As locate_unambiguous, and there must be a value. */
static int locate_value(const struct json_operation *operation, const struct json_pointer *pointer,
                        struct json_tree *tree, struct json_place *ret_place, struct json_error *error)
{
    int failure = locate_unambiguous(operation, pointer, tree, ret_place, error);
    return !failure && !ret_place->node ? not_there(operation, pointer, error) : failure;
}

/* ---- the operations ---- */

static int put(const struct json_operation *operation, struct json_tree *tree, struct json_node *value,
               struct json_error *error)
{
    struct json_place place;
    int failure = locate_unambiguous(operation, &operation->path.pointer, tree, &place, error);
    if (failure) return failure;
    if (place.parent && place.parent->kind == JSON_ARRAY)
        return json_edit_insert(tree, place.parent, place.node, value);
    if (place.node) return json_edit_replace(tree, place.node, value);
    return json_edit_append(tree, place.parent, place.key, SLICE(NULL, 0), value);
}

static int add(const struct json_operation *operation, struct json_tree *tree, struct json_error *error)
{
    struct json_node *value;
    int failure = json_tree_copy(tree, operation->value, &value);
    return failure ? failure : put(operation, tree, value, error);
}

static int remove_value(const struct json_operation *operation, struct json_tree *tree, struct json_error *error)
{
    struct json_place place;
    int failure = locate_value(operation, &operation->path.pointer, tree, &place, error);
    if (!failure) json_edit_remove(place.node);
    return failure;
}

static int replace(const struct json_operation *operation, struct json_tree *tree, struct json_error *error)
{
    struct json_place place;
    struct json_node *value;
    int failure = locate_value(operation, &operation->path.pointer, tree, &place, error);
    if (!failure) failure = json_tree_copy(tree, operation->value, &value);
    return failure ? failure : json_edit_replace(tree, place.node, value);
}

/* Whether a move only gives the member `node` another key, which its object does not have. */
static bool renames(const struct json_operation *operation, const struct json_node *node)
{
    const struct json_pointer *from = &operation->from.pointer, *path = &operation->path.pointer;
    bool repeated, siblings = from->count == path->count && node->member;
    for (size_t i = 0; siblings && i + 1 < from->count; i++)
        siblings = slice_equal(from->tokens[i], path->tokens[i]);
    return siblings && !json_object_find(node->parent, path->tokens[path->count - 1], &repeated);
}

static int move(const struct json_operation *operation, struct json_tree *tree, struct json_error *error)
{
    const struct json_pointer *path = &operation->path.pointer;
    struct json_place place;
    int failure = locate_value(operation, &operation->from.pointer, tree, &place, error);
    if (failure ||
        (operation->from.pointer.count == path->count && json_pointer_contains(&operation->from.pointer, path)))
        return failure;
    if (renames(operation, place.node)) return json_edit_rename(tree, place.node, path->tokens[path->count - 1]);
    json_edit_remove(place.node);
    return put(operation, tree, place.node, error);
}

static int copy(const struct json_operation *operation, struct json_tree *tree, struct json_error *error)
{
    struct json_place place;
    struct json_node *value;
    int failure = locate(operation, &operation->from.pointer, tree, &place, error);
    if (!failure && !place.node) failure = not_there(operation, &operation->from.pointer, error);
    if (!failure) failure = json_tree_copy(tree, place.node, &value);
    return failure ? failure : put(operation, tree, value, error);
}

static void show(const struct json_node *node, char *text, size_t size)
{
    int width = json_error_width(node->text);
    if (json_is_container(node)) snprintf(text, size, "%s", json_kind_name(node->kind));
    else
        snprintf(text, size, "%.*s%s", width, (const char *)node->text.data,
                 (size_t)width < node->text.size ? "..." : "");
}

static int test_failed(const struct json_operation *operation, const struct json_node *node, struct json_error *error)
{
    char found[256], expected[256];
    if (node->kind == operation->value->kind && json_is_container(node))
        return json_operation_wrong(operation, error, JSON_TEST_FAILED, "the two %s differ",
                                    node->kind == JSON_ARRAY ? "arrays" : "objects");
    show(node, found, sizeof found);
    show(operation->value, expected, sizeof expected);
    return json_operation_wrong(operation, error, JSON_TEST_FAILED, "the value is %s, not %s", found, expected);
}

static int test(const struct json_operation *operation, struct json_tree *tree, struct json_error *error)
{
    struct json_place place;
    bool equal;
    int failure = locate(operation, &operation->path.pointer, tree, &place, error);
    if (!failure && !place.node) failure = not_there(operation, &operation->path.pointer, error);
    if (failure == ERR_INVAL) error->kind = JSON_TEST_FAILED;
    if (!failure) failure = json_value_equal(place.node, operation->value, &equal);
    return failure || equal ? failure : test_failed(operation, place.node, error);
}

static int apply(const struct json_operation *operation, struct json_tree *tree, struct json_error *error)
{
    static int (*const table[])(const struct json_operation *, struct json_tree *, struct json_error *) = {
        [JSON_ADD] = add,   [JSON_REMOVE] = remove_value, [JSON_REPLACE] = replace,
        [JSON_MOVE] = move, [JSON_COPY] = copy,           [JSON_TEST] = test,
    };
    int failure = table[operation->kind](operation, tree, error);
    if (failure != ERR_TOOBIG) return failure;
    return json_operation_wrong(operation, error, JSON_TOO_BIG,
                                "the result would be nested deeper than %d, or take more memory than allowed",
                                JSON_DEPTH_MAX);
}

/* ---- the patch ---- */

/* Reads all operations; applies them too if there is a tree. */
static int each_operation(struct json_tree *tree, const struct json_tree *patch, struct json_error *error)
{
    size_t index = 0;
    for (const struct json_node *node = patch->root->first; node; node = node->next) {
        struct json_operation operation;
        int failure = json_operation_init(&operation, patch, node, index++, error);
        if (!failure && tree) failure = apply(&operation, tree, error);
        json_operation_release(&operation);
        if (failure) return failure;
    }
    return 0;
}

static int parse_patch(struct json_tree *tree, struct slice patch, struct json_error *error)
{
    int failure = json_tree_parse(tree, patch, error);
    if (failure == ERR_INVAL) error->kind = JSON_BAD_PATCH;
    if (failure) return failure;
    if (tree->root->kind == JSON_ARRAY) return each_operation(NULL, tree, error);
    return json_error_at(error, JSON_MALFORMED_PATCH, patch, json_node_offset(tree, tree->root),
                         "a JSON patch is an array of operations, not %s", json_kind_name(tree->root->kind));
}

int json_patch_apply(struct slice document, struct slice patch, struct buffer *ret_document,
                     struct json_error *ret_error)
{
    struct json_tree tree = {0};
    int error = parse_patch(&tree, patch, ret_error);
    if (!error) error = json_apply(document, &tree, each_operation, ret_document, ret_error);
    json_tree_release(&tree);
    if (error != ERR_TOOBIG) return error;
    return json_error_at(ret_error, JSON_TOO_BIG, patch, 0, "the result would be larger than %d MiB",
                         JSON_TEXT_MAX >> 20);
}
