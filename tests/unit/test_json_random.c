/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "json_edit.h"
#include "json_members.h"
#include "json_merge_patch.h"
#include "json_patch.h"
#include "json_text.h"
#include "json_value.h"
#include "random_numbers.h"

/*
 * Random documents in random layouts, random edits: the text that comes out holds what a model says which knows values alone,
 * and outside of the edited place each byte is as it was.
 */

enum { ROUNDS = 20000, CHILDREN_MAX = 8, MODELS_MAX = 4096 };

/* A value without any text. Members are in no order that matters. */
struct model {
    enum json_kind kind;
    unsigned scalar; /* which of `scalars` */
    unsigned count;
    unsigned keys[CHILDREN_MAX]; /* which of `keys`, of an object's */
    struct model *children[CHILDREN_MAX];
};

/* Each has several spellings, which are equal. */
static const char *const scalars[][3] = {
    {"null", "null", "null"},
    {"true", "true", "true"},
    {"1", "1.0", "10e-1"},
    {"12345678901234567890", "1234567890123456789e1", "12345678901234567890.000"},
    {"12345678901234567891", "1234567890123456789.1e1", "12345678901234567891"},
    {"1e400", "10E+399", "0.1e401"},
    {"\"a\"", "\"\\u0061\"", "\"a\""},
    {"\"\\n\\\"\"", "\"\\u000a\\u0022\"", "\"\\u000A\\\"\""},
    {"\"\xf0\x9f\x98\x80,]}\"", "\"\\ud83d\\ude00,]}\"", "\"\\uD83D\\uDE00\\u002c]}\""},
};
static const char *const keys[][2] = {
    {"\"a\"", "\"\\u0061\""},        {"\"b\"", "\"b\""},       {"\"\"", "\"\""},
    {"\"0\"", "\"\\u0030\""},        {"\"a/b\"", "\"a\\/b\""}, {"\"m~n\"", "\"m~n\""},
    {"\"\xc3\xa4\"", "\"\\u00e4\""},
};
/* As they are in a pointer. */
static const char *const tokens[] = {"a", "b", "", "0", "a~1b", "m~0n", "\xc3\xa4"};
enum { SCALARS = sizeof scalars / sizeof scalars[0], KEYS = sizeof keys / sizeof keys[0] };

static struct model models[MODELS_MAX];
static size_t model_count;
static struct random_numbers numbers;

static unsigned any(unsigned below)
{
    return (unsigned)(random_next(&numbers) % below);
}

/* ---- the model ---- */

static struct model *model_new(enum json_kind kind)
{
    assert_true(model_count < MODELS_MAX);
    struct model *model = &models[model_count++];
    *model = (struct model){.kind = kind};
    return model;
}

static int model_find(const struct model *object, unsigned key)
{
    for (unsigned i = 0; i < object->count; i++)
        if (object->keys[i] == key) return (int)i;
    return -1;
}

static void model_insert(struct model *container, unsigned at, unsigned key, struct model *child)
{
    for (unsigned i = container->count++; i > at; i--) {
        container->children[i] = container->children[i - 1];
        container->keys[i] = container->keys[i - 1];
    }
    container->children[at] = child;
    container->keys[at] = key;
}

static void model_remove(struct model *container, unsigned at)
{
    container->count--;
    for (unsigned i = at; i < container->count; i++) {
        container->children[i] = container->children[i + 1];
        container->keys[i] = container->keys[i + 1];
    }
}

static struct model *model_random(unsigned depth)
{
    unsigned what = any(4);
    if (depth == 0 || what == 0) {
        struct model *scalar = model_new(JSON_NULL);
        scalar->scalar = any(SCALARS);
        return scalar;
    }
    struct model *container = model_new(what == 1 ? JSON_ARRAY : JSON_OBJECT);
    for (unsigned count = any(5); count > 0; count--) {
        unsigned key = any(KEYS);
        if (container->kind == JSON_OBJECT && model_find(container, key) >= 0) continue;
        model_insert(container, container->count, key, model_random(depth - 1));
    }
    return container;
}

static struct model *model_copy(const struct model *model)
{
    struct model *copy = model_new(model->kind);
    *copy = *model;
    for (unsigned i = 0; i < copy->count; i++)
        copy->children[i] = model_copy(model->children[i]);
    return copy;
}

/* RFC 7386, section 2, word for word. */
static struct model *model_merge(struct model *target, const struct model *patch)
{
    if (patch->kind != JSON_OBJECT) return model_copy(patch);
    if (!target || target->kind != JSON_OBJECT) target = model_new(JSON_OBJECT);
    for (unsigned i = 0; i < patch->count; i++) {
        const struct model *value = patch->children[i];
        int at = model_find(target, patch->keys[i]);
        bool null = value->kind == JSON_NULL && value->scalar == 0;
        if (null && at >= 0) model_remove(target, (unsigned)at);
        else if (!null && at >= 0) target->children[at] = model_merge(target->children[at], value);
        else if (!null) model_insert(target, target->count, patch->keys[i], model_merge(NULL, value));
    }
    return target;
}

/* ---- as text ---- */

struct layout {
    const char *line_break; /* "" for all on one line */
    const char *indent;
    const char *before_comma, *behind_comma, *colon, *inside;
    bool spellings; /* of all sorts */
    bool scattered; /* space anywhere */
};

static void append_text(struct buffer *text, const char *bytes)
{
    buffer_append(text, SLICE_STRING(bytes));
}

static void append_scattered(struct buffer *text, const struct layout *layout)
{
    static const char *const spaces[] = {"", "", " ", "\n", "\t", "\r\n ", "  \n\n  "};
    if (layout->scattered) append_text(text, spaces[any(sizeof spaces / sizeof spaces[0])]);
}

static void append_line(struct buffer *text, const struct layout *layout, unsigned depth)
{
    append_scattered(text, layout);
    append_text(text, layout->line_break);
    for (; layout->line_break[0] && depth > 0; depth--)
        append_text(text, layout->indent);
}

static void append_model(struct buffer *text, const struct model *model, const struct layout *layout, unsigned depth)
{
    bool object = model->kind == JSON_OBJECT;
    if (model->kind < JSON_ARRAY) {
        append_text(text, scalars[model->scalar][layout->spellings ? any(3) : 0]);
        return;
    }
    append_text(text, object ? "{" : "[");
    for (unsigned i = 0; i < model->count; i++) {
        if (i > 0) append_text(text, layout->before_comma);
        if (i > 0) append_text(text, ",");
        if (!layout->line_break[0]) append_text(text, i > 0 ? layout->behind_comma : layout->inside);
        append_line(text, layout, depth + 1);
        if (object) {
            append_text(text, keys[model->keys[i]][layout->spellings ? any(2) : 0]);
            append_scattered(text, layout);
            append_text(text, layout->colon);
            append_scattered(text, layout);
        }
        append_model(text, model->children[i], layout, depth + 1);
        append_scattered(text, layout);
    }
    if (model->count > 0 && !layout->line_break[0]) append_text(text, layout->inside);
    if (model->count > 0) append_line(text, layout, depth);
    append_text(text, object ? "}" : "]");
}

static const struct layout layouts[] = {
    {.line_break = "", .behind_comma = "", .colon = ":", .before_comma = "", .inside = ""},
    {.line_break = "", .behind_comma = " ", .colon = ": ", .before_comma = "", .inside = ""},
    {.line_break = "", .behind_comma = " ", .colon = " : ", .before_comma = " ", .inside = " "},
    {.line_break = "\n", .indent = "  ", .colon = ": ", .before_comma = ""},
    {.line_break = "\n", .indent = "\t", .colon = ":", .before_comma = ""},
    {.line_break = "\r\n", .indent = "    ", .colon = ": ", .before_comma = ""},
    {.line_break = "\n", .indent = "", .colon = ": ", .before_comma = ""},
};
enum { LAYOUTS = sizeof layouts / sizeof layouts[0] };

static void print_model(struct buffer *text, const struct model *model, struct layout layout)
{
    buffer_clear(text);
    append_model(text, model, &layout, 0);
    assert_success(buffer_failed(text));
}

static struct layout random_layout(void)
{
    struct layout layout = layouts[any(LAYOUTS)];
    layout.spellings = any(2);
    layout.scattered = any(3) == 0;
    return layout;
}

static struct json_tree parse(const struct buffer *text)
{
    struct json_tree tree;
    struct json_error error = {.text = ""};
    if (json_tree_parse(&tree, buffer_slice(text), &error) != 0)
        fail_showing("%.*s\n%s", (int)text->size, (char *)text->data, error.text);
    return tree;
}

static void assert_holds(const struct buffer *text, const struct model *model)
{
    struct buffer expected = {0};
    bool equal;
    print_model(&expected, model, layouts[0]);
    struct json_tree got = parse(text), wanted = parse(&expected);
    assert_success(json_value_equal(got.root, wanted.root, &equal));
    if (!equal)
        fail_showing("%.*s\nis not\n%.*s", (int)text->size, (char *)text->data, (int)expected.size,
                     (char *)expected.data);
    json_tree_release(&got);
    json_tree_release(&wanted);
    buffer_release(&expected);
}

/* ---- random patches ---- */

struct spot {
    struct model *parent; /* NULL: the whole */
    unsigned at;          /* where among its children */
    char path[128];
};

/* Some value below the root, or the root itself. */
static struct spot random_spot(struct model *root)
{
    struct spot spot = {.path = ""};
    struct model *model = root;
    while (model->count > 0 && any(4) > 0) {
        spot.parent = model;
        spot.at = any(model->count);
        size_t length = strlen(spot.path);
        if (model->kind == JSON_OBJECT)
            snprintf(spot.path + length, sizeof spot.path - length, "/%s", tokens[model->keys[spot.at]]);
        else snprintf(spot.path + length, sizeof spot.path - length, "/%u", spot.at);
        model = model->children[spot.at];
    }
    return spot;
}

static struct model **model_at(struct model **root, const struct spot *spot)
{
    return spot->parent ? &spot->parent->children[spot->at] : root;
}

/* Puts a value into a random container of the root, as "add" does, and appends the path. Into the whole if there is none. */
static void add_somewhere(struct model **root, struct model *value, struct buffer *path)
{
    struct spot spot = random_spot(*root);
    struct model *container = *model_at(root, &spot);
    char token[16];
    append_text(path, spot.path);
    if (container->kind < JSON_ARRAY || container->count == CHILDREN_MAX) {
        if (spot.parent && spot.parent->kind == JSON_ARRAY && spot.parent->count == CHILDREN_MAX) {
            buffer_clear(path);
            *root = value;
        } else if (spot.parent && spot.parent->kind == JSON_ARRAY) {
            model_insert(spot.parent, spot.at, 0, value);
        } else {
            *model_at(root, &spot) = value;
        }
        return;
    }
    unsigned key = any(KEYS), at = any(container->count + 1);
    int found = container->kind == JSON_OBJECT ? model_find(container, key) : -1;
    snprintf(token, sizeof token, "/%u", at);
    append_text(path, container->kind == JSON_OBJECT ? "/" : at == container->count && any(2) ? "/-" : token);
    if (container->kind == JSON_OBJECT) append_text(path, tokens[key]);
    if (found >= 0) container->children[found] = value;
    else model_insert(container, container->kind == JSON_OBJECT ? container->count : at, key, value);
}

/* Appends an operation to the patch and does it to the model. */
static void random_operation(struct model **root, struct buffer *patch)
{
    static const char *const names[] = {"add", "remove", "replace", "move", "copy", "test"};
    unsigned what = any(6);
    struct spot spot = random_spot(*root);
    struct model *value = model_random(2), **there = model_at(root, &spot), *old = *there;
    struct buffer path = {0}, text = {0};
    if (!spot.parent && (what == 1 || what == 3)) what = 2;
    if (what == 0) add_somewhere(root, value, &path);
    else if (what == 1) model_remove(spot.parent, spot.at);
    else if (what == 2) *there = value;
    else if (what == 4) add_somewhere(root, model_copy(old), &path);
    else if (what == 5) value = old;
    if (what == 3) {
        model_remove(spot.parent, spot.at);
        add_somewhere(root, old, &path);
        /* Once it is taken out, its index is the next one's. The RFC does not let it go there. */
        size_t length = strlen(spot.path);
        if (path.size > length && memcmp(path.data, spot.path, length) == 0 && path.data[length] == '/') {
            what = 2;
            spot.path[0] = '\0';
            buffer_clear(&path);
            value = *root;
        }
    }
    if (what == 1 || what == 2 || what == 5) append_text(&path, spot.path);

    print_model(&text, value, random_layout());
    append_text(patch, patch->size > 1 ? ",{\"op\":\"" : "{\"op\":\"");
    append_text(patch, names[what]);
    append_text(patch, "\",\"path\":\"");
    buffer_append(patch, buffer_slice(&path));
    if (what == 3 || what == 4) append_text(patch, "\",\"from\":\"");
    if (what == 3 || what == 4) append_text(patch, spot.path);
    append_text(patch, "\"");
    if (what == 0 || what == 2 || what == 5) append_text(patch, ",\"value\":");
    if (what == 0 || what == 2 || what == 5) buffer_append(patch, buffer_slice(&text));
    append_text(patch, "}");
    buffer_release(&path);
    buffer_release(&text);
}

static void patches_do_to_the_text_what_they_do_to_values(void **state)
{
    (void)state;
    struct buffer text = {0}, patch = {0}, result = {0};
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct json_error error = {.text = ""};
        numbers.state = round;
        model_count = 0;
        struct model *model = model_random(4);
        print_model(&text, model, random_layout());
        buffer_clear(&patch);
        append_text(&patch, "[");
        for (unsigned count = any(6); count > 0; count--)
            random_operation(&model, &patch);
        append_text(&patch, "]");
        if (json_patch_apply(buffer_slice(&text), buffer_slice(&patch), &result, &error) != 0)
            fail_showing("%.*s\n%.*s\n%s", (int)text.size, (char *)text.data, (int)patch.size, (char *)patch.data,
                         error.text);
        assert_holds(&result, model);
    }
    buffer_release(&text);
    buffer_release(&patch);
    buffer_release(&result);
}

static void merge_patches_do_to_the_text_what_they_do_to_values(void **state)
{
    (void)state;
    struct buffer text = {0}, patch = {0}, result = {0}, again = {0};
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct json_error error = {.text = ""};
        numbers.state = round;
        model_count = 0;
        struct model *model = model_random(4), *changes = model_random(4);
        print_model(&text, model, random_layout());
        print_model(&patch, changes, random_layout());
        model = model_merge(model, changes);
        assert_success(json_merge_patch_apply(buffer_slice(&text), buffer_slice(&patch), &result, &error));
        assert_holds(&result, model);
        /* Once more there is nothing that differs. */
        assert_success(json_merge_patch_apply(buffer_slice(&result), buffer_slice(&patch), &again, &error));
        assert_text(buffer_slice(&again), buffer_slice(&result));
    }
    buffer_release(&text);
    buffer_release(&patch);
    buffer_release(&result);
    buffer_release(&again);
}

/* ---- what stays ---- */

/* The size of what two texts begin, and then end with, in common. */
static size_t common(struct slice a, struct slice b, bool end)
{
    const uint8_t *first = a.data, *second = b.data;
    size_t size = 0;
    while (size < a.size && size < b.size &&
           (end ? first[a.size - 1 - size] == second[b.size - 1 - size] : first[size] == second[size]))
        size++;
    return size;
}

/* Any value of the tree. */
static struct json_node *random_node(struct json_node *node)
{
    while (node->count > 0 && any(4) > 0) {
        node = node->first;
        for (unsigned skip = any(node->parent->count); skip > 0; skip--)
            node = node->next;
    }
    return node;
}

/* The child at an index; NULL for what is behind the last one. */
static struct json_node *element_at(const struct json_node *container, unsigned index)
{
    struct json_node *node = container->first;
    for (; index > 0; index--)
        node = node->next;
    return node;
}

static void assert_kept(struct slice before, struct slice after, size_t start, size_t end)
{
    if (common(before, after, false) < start || common(before, after, true) < before.size - end)
        fail_showing("%.*s\nhas become\n%.*s\nand not only from %zu to %zu", (int)before.size,
                     (const char *)before.data, (int)after.size, (const char *)after.data, start, end);
}

static size_t offset_in(const struct json_tree *tree, struct slice piece)
{
    return (size_t)((const uint8_t *)piece.data - (const uint8_t *)tree->text.data);
}

static size_t end_in(const struct json_tree *tree, struct slice piece)
{
    return offset_in(tree, piece) + piece.size;
}

static void an_edit_changes_no_byte_beyond_its_place(void **state)
{
    (void)state;
    struct buffer text = {0}, value_text = {0}, result = {0};
    for (unsigned round = 0; round < ROUNDS; round++) {
        numbers.state = round;
        model_count = 0;
        print_model(&text, model_random(4), random_layout());
        print_model(&value_text, model_random(2), random_layout());
        struct json_tree tree = parse(&text), value = parse(&value_text);
        struct json_node *node = random_node(tree.root), *copy;
        size_t start = json_node_offset(&tree, node), end = end_in(&tree, node->text);
        assert_success(json_tree_copy(&tree, value.root, &copy));
        if (any(2) && node->kind == JSON_ARRAY) {
            unsigned index = any(node->count + 1);
            struct json_node *next = element_at(node, index);
            /* Between its neighbours. */
            start = next ? offset_in(&tree, next->before) : node->last ? end_in(&tree, node->last->text) : start + 1;
            end = next ? json_node_offset(&tree, next) : end - 1;
            assert_success(json_edit_insert(&tree, node, next, copy));
        } else if (node->parent && any(2)) {
            /* From what is in front to what is behind, with one comma and the space on one side of it. */
            start = node->previous ? end_in(&tree, node->previous->text) : offset_in(&tree, node->before);
            end = node->next ? end_in(&tree, node->next->before) : end_in(&tree, node->after);
            json_edit_remove(node);
        } else {
            assert_success(json_edit_replace(&tree, node, copy));
        }
        buffer_clear(&result);
        assert_success(json_tree_write(&tree, &result));
        assert_kept(buffer_slice(&text), buffer_slice(&result), start, end);
        json_tree_release(&tree);
        json_tree_release(&value);
    }
    buffer_release(&text);
    buffer_release(&value_text);
    buffer_release(&result);
}

/* In a layout without exceptions, what is added and removed leaves no trace of what was edited and what was not. */
static void an_edited_text_is_laid_out_as_if_it_was_written_anew(void **state)
{
    (void)state;
    struct buffer text = {0}, result = {0}, expected = {0};
    for (unsigned round = 0; round < ROUNDS; round++) {
        numbers.state = round;
        model_count = 0;
        struct layout layout = layouts[any(LAYOUTS)];
        struct model *model = model_random(4);
        print_model(&text, model, layout);
        struct json_tree tree = parse(&text);
        struct json_node *node = tree.root;
        /* A container with two children: one is no evidence of what comes between them. */
        while (model->count > 0 && (model->count < 2 || any(3))) {
            unsigned at = any(model->count);
            model = model->children[at];
            for (node = node->first; at > 0; at--)
                node = node->next;
        }
        if (model->count >= 2) {
            unsigned at = any(model->count), to = any(model->count);
            struct json_node *child = element_at(node, at);
            struct model *moved = model->children[at];
            unsigned key = model->keys[at];
            struct slice name = child->member ? child->member->key : SLICE(NULL, 0);
            if (model->count > 2) {
                json_edit_remove(child);
                model_remove(model, at);
                if (model->kind == JSON_OBJECT) to = model->count;
                model_insert(model, to, key, moved);
                if (model->kind == JSON_OBJECT)
                    assert_success(json_edit_append(&tree, node, name, SLICE(NULL, 0), child));
                else assert_success(json_edit_insert(&tree, node, element_at(node, to), child));
            } else {
                json_edit_remove(child);
                model_remove(model, at);
            }
        }
        buffer_clear(&result);
        assert_success(json_tree_write(&tree, &result));
        print_model(&expected, &models[0], layout);
        assert_text(buffer_slice(&result), buffer_slice(&expected));
        json_tree_release(&tree);
    }
    buffer_release(&text);
    buffer_release(&result);
    buffer_release(&expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patches_do_to_the_text_what_they_do_to_values),
        cmocka_unit_test(merge_patches_do_to_the_text_what_they_do_to_values),
        cmocka_unit_test(an_edit_changes_no_byte_beyond_its_place),
        cmocka_unit_test(an_edited_text_is_laid_out_as_if_it_was_written_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
