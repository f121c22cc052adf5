/* SPDX-License-Identifier: Apache-2.0 */
#include "json_operation.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json_members.h"
#include "json_string.h"

/* What each operation needs besides its path. */
static const struct {
    const char *name;
    bool from, value;
} forms[] = {
    [JSON_ADD] = {"add", false, true},         [JSON_REMOVE] = {"remove", false, false},
    [JSON_REPLACE] = {"replace", false, true}, [JSON_MOVE] = {"move", true, false},
    [JSON_COPY] = {"copy", true, false},       [JSON_TEST] = {"test", false, true},
};
enum { FORM_COUNT = sizeof forms / sizeof forms[0] };

/* A path for people. */
static void append_path(struct buffer *text, const char *before, const struct buffer *path)
{
    buffer_append(text, SLICE_STRING(before));
    if (path->size > 0) buffer_append(text, SLICE(path->data, (size_t)json_error_width(buffer_slice(path))));
    else buffer_append(text, SLICE_STRING("the whole"));
}

/* "(move /a to /b)", as far as it is known. */
static void describe(const struct json_operation *operation, struct buffer *text)
{
    buffer_append(text, SLICE_STRING(" ("));
    buffer_append(text, SLICE_STRING(operation->name));
    if (operation->from.known) append_path(text, " ", &operation->from.text);
    if (operation->path.known) append_path(text, operation->from.known ? " to " : " ", &operation->path.text);
    buffer_append(text, SLICE_STRING(")"));
}

int json_operation_wrong(const struct json_operation *operation, struct json_error *error, enum json_error_kind kind,
                         const char *format, ...)
{
    struct buffer text = {0};
    char what[sizeof error->text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    if (operation->name) describe(operation, &text);
    int failure = buffer_failed(&text);
    if (!failure) {
        failure = json_error_say(error, kind, "operation %zu%.*s: %s", operation->index, (int)text.size,
                                 text.size > 0 ? (const char *)text.data : "", what);
        json_error_locate(error, operation->patch, operation->offset);
        error->operation = operation->index;
    }
    buffer_release(&text);
    return failure;
}

/* A member of the operation; NULL if it has none. */
static int find_member(const struct json_operation *operation, const struct json_node *node, const char *name,
                       const struct json_node **ret_member, struct json_error *error)
{
    bool repeated;
    *ret_member = json_object_find(node, SLICE_STRING(name), &repeated);
    return repeated ? json_operation_wrong(operation, error, JSON_MALFORMED_PATCH, "\"%s\" is there twice", name) : 0;
}

static int need_member(const struct json_operation *operation, const struct json_node *node, const char *name,
                       const struct json_node **ret_member, struct json_error *error)
{
    int failure = find_member(operation, node, name, ret_member, error);
    if (!failure && !*ret_member)
        failure = json_operation_wrong(operation, error, JSON_MALFORMED_PATCH, "\"%s\" is missing", name);
    return failure;
}

static int need_string(const struct json_operation *operation, const struct json_node *node, const char *name,
                       const struct json_node **ret_member, struct json_error *error)
{
    int failure = need_member(operation, node, name, ret_member, error);
    if (!failure && (*ret_member)->kind != JSON_STRING)
        failure = json_operation_wrong(operation, error, JSON_MALFORMED_PATCH, "\"%s\" must be a string, not %s", name,
                                       json_kind_name((*ret_member)->kind));
    return failure;
}

static int read_kind(struct json_operation *operation, const struct json_node *node, struct json_error *error)
{
    const struct json_node *op;
    int failure = need_string(operation, node, "op", &op, error);
    if (failure) return failure;
    for (size_t kind = 0; kind < FORM_COUNT; kind++) {
        char quoted[16];
        int size = snprintf(quoted, sizeof quoted, "\"%s\"", forms[kind].name);
        if (!json_string_equal(op->text, SLICE(quoted, (size_t)size))) continue;
        operation->kind = (enum json_operation_kind)kind;
        operation->name = forms[kind].name;
        return 0;
    }
    return json_operation_wrong(operation, error, JSON_MALFORMED_PATCH,
                                "\"op\" must be add, remove, replace, move, copy or test, not %.*s",
                                json_error_width(op->text), (const char *)op->text.data);
}

static int read_path(const struct json_operation *operation, const struct json_node *node, const char *name,
                     struct json_path *path, struct json_error *error)
{
    const struct json_node *member;
    const char *problem;
    int failure = need_string(operation, node, name, &member, error);
    if (failure) return failure;
    json_string_decode(member->text, &path->text);
    failure = buffer_failed(&path->text);
    path->known = !failure;
    if (!failure) failure = json_pointer_parse(&path->pointer, buffer_slice(&path->text), &problem);
    return failure == ERR_INVAL ? json_operation_wrong(operation, error, JSON_MALFORMED_PATCH, "%s", problem) : failure;
}

static int check_paths(const struct json_operation *operation, struct json_error *error)
{
    const struct json_pointer *path = &operation->path.pointer, *from = &operation->from.pointer;
    if (operation->kind == JSON_REMOVE && path->count == 0)
        return json_operation_wrong(operation, error, JSON_MALFORMED_PATCH, "the whole document cannot be removed");
    if (operation->kind == JSON_MOVE && from->count < path->count && json_pointer_contains(from, path))
        return json_operation_wrong(operation, error, JSON_MALFORMED_PATCH, "a value cannot be moved into itself");
    return 0;
}

int json_operation_init(struct json_operation *operation, const struct json_tree *patch, const struct json_node *node,
                        size_t index, struct json_error *ret_error)
{
    *operation = (struct json_operation){.index = index, .offset = json_node_offset(patch, node), .patch = patch->text};
    if (node->kind != JSON_OBJECT)
        return json_operation_wrong(operation, ret_error, JSON_MALFORMED_PATCH, "it must be an object, not %s",
                                    json_kind_name(node->kind));
    int error = read_kind(operation, node, ret_error);
    if (!error) error = read_path(operation, node, "path", &operation->path, ret_error);
    if (!error && forms[operation->kind].from) error = read_path(operation, node, "from", &operation->from, ret_error);
    if (!error && forms[operation->kind].value)
        error = need_member(operation, node, "value", &operation->value, ret_error);
    return error ? error : check_paths(operation, ret_error);
}

void json_operation_release(struct json_operation *operation)
{
    json_pointer_release(&operation->path.pointer);
    json_pointer_release(&operation->from.pointer);
    buffer_release(&operation->path.text);
    buffer_release(&operation->from.text);
}
