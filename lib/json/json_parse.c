/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "json_number.h"
#include "json_string.h"
#include "json_tree.h"

/* The reading of a text. Depth costs no stack: what is open is found through the parents of nodes. */
struct parser {
    struct json_tree *tree;
    const uint8_t *start, *at, *end;
    struct json_node *container; /* the innermost that is open; NULL at the top */
    unsigned depth;              /* of open containers */
    struct buffer key;           /* scratch */
    struct json_error *error;
};

static int wrong_at(struct parser *parser, const uint8_t *at, const char *problem)
{
    return json_error_at(parser->error, JSON_BAD_DOCUMENT, parser->tree->text, (size_t)(at - parser->start), "%s",
                         problem);
}

static int take(struct parser *parser, size_t size, void *ret_pointer)
{
    int error = json_arena_take(&parser->tree->arena, size, ret_pointer);
    return error == ERR_TOOBIG ? wrong_at(parser, parser->at, "too many values up to here for the memory allowed")
                               : error;
}

static struct slice skip_space(struct parser *parser)
{
    const uint8_t *from = parser->at;
    while (parser->at < parser->end &&
           (*parser->at == ' ' || *parser->at == '\t' || *parser->at == '\n' || *parser->at == '\r'))
        parser->at++;
    return SLICE(from, (size_t)(parser->at - from));
}

static bool at_byte(const struct parser *parser, uint8_t byte)
{
    return parser->at < parser->end && *parser->at == byte;
}

/* ---- values ---- */

static int read_string(struct parser *parser, struct slice *ret_text, bool *ret_escapes)
{
    const uint8_t *from = parser->at, *to;
    const char *problem = json_string_scan(from, parser->end, &to, ret_escapes);
    if (problem) return wrong_at(parser, to, problem);
    parser->at = to;
    *ret_text = SLICE(from, (size_t)(to - from));
    return 0;
}

static int read_number(struct parser *parser)
{
    const uint8_t *to;
    const char *problem = json_number_scan(parser->at, parser->end, &to);
    if (problem) return wrong_at(parser, to, problem);
    parser->at = to;
    return 0;
}

static int read_literal(struct parser *parser, struct json_node *node)
{
    static const char *const literals[] = {[JSON_NULL] = "null", [JSON_FALSE] = "false", [JSON_TRUE] = "true"};
    for (unsigned kind = JSON_NULL; kind <= JSON_TRUE; kind++) {
        size_t size = strlen(literals[kind]);
        if ((size_t)(parser->end - parser->at) < size || memcmp(parser->at, literals[kind], size) != 0) continue;
        node->kind = (uint8_t)kind;
        parser->at += size;
        return 0;
    }
    return wrong_at(parser, parser->at,
                    parser->at == parser->end ? "the text ends where a value should be" : "not a value");
}

static int read_scalar(struct parser *parser, struct json_node *node)
{
    const uint8_t *from = parser->at;
    bool escapes;
    int error;
    if (at_byte(parser, '"')) {
        node->kind = JSON_STRING;
        return read_string(parser, &node->text, &escapes);
    }
    if (parser->at < parser->end && (*from == '-' || (*from >= '0' && *from <= '9'))) {
        node->kind = JSON_NUMBER;
        error = read_number(parser);
    } else {
        error = read_literal(parser, node);
    }
    node->text = SLICE(from, (size_t)(parser->at - from));
    return error;
}

/* ---- members ---- */

static int decode_key(struct parser *parser, struct json_member *member)
{
    buffer_clear(&parser->key);
    json_string_decode(member->key_text, &parser->key);
    int error = buffer_failed(&parser->key);
    void *key = NULL;
    if (!error) error = take(parser, parser->key.size, &key);
    if (error) return error;
    if (parser->key.size > 0) memcpy(key, parser->key.data, parser->key.size);
    member->key = SLICE(key, parser->key.size);
    return 0;
}

static int read_key(struct parser *parser, struct json_node *node)
{
    struct json_member *member;
    bool escapes = false;
    if (!at_byte(parser, '"')) return wrong_at(parser, parser->at, "a key in double quotes is missing");
    int error = take(parser, sizeof *member, &member);
    if (!error) error = read_string(parser, &member->key_text, &escapes);
    if (error) return error;
    member->key = SLICE((const uint8_t *)member->key_text.data + 1, member->key_text.size - 2);
    if (escapes) error = decode_key(parser, member);
    if (error) return error;

    const uint8_t *colon = parser->at;
    skip_space(parser);
    if (!at_byte(parser, ':')) return wrong_at(parser, parser->at, "a ':' is missing behind the key");
    parser->at++;
    skip_space(parser);
    member->colon = SLICE(colon, (size_t)(parser->at - colon));
    node->member = member;
    return 0;
}

/* ---- the whole ---- */

static void link_last(struct json_node *parent, struct json_node *node)
{
    node->parent = parent;
    node->previous = parent->last;
    *(parent->last ? &parent->last->next : &parent->first) = node;
    parent->last = node;
    parent->count++;
}

/* Reads what begins a value: all of a scalar, the bracket of a container, which then is open. */
static int begin_value(struct parser *parser, struct slice before, struct json_node **ret_node)
{
    struct json_node *node;
    int error = take(parser, sizeof *node, &node);
    if (error) return error;
    *node = (struct json_node){.before = before};
    if (parser->container) link_last(parser->container, node);
    if (parser->container && parser->container->kind == JSON_OBJECT) error = read_key(parser, node);
    if (error) return error;
    *ret_node = node;
    if (!at_byte(parser, '{') && !at_byte(parser, '[')) return read_scalar(parser, node);
    if (parser->depth == JSON_DEPTH_MAX)
        return json_error_at(parser->error, JSON_BAD_DOCUMENT, parser->tree->text, (size_t)(parser->at - parser->start),
                             "nested deeper than %d arrays and objects", JSON_DEPTH_MAX);
    node->kind = at_byte(parser, '{') ? JSON_OBJECT : JSON_ARRAY;
    node->text = SLICE(parser->at++, 1);
    parser->container = node;
    parser->depth++;
    return 0;
}

/* After a value or an opening bracket: closes containers as long as they end here. */
static int close_containers(struct parser *parser, struct json_node *node)
{
    for (;;) {
        struct json_node *container = parser->container;
        struct slice space = skip_space(parser);
        if (node) node->after = space;
        if (!container || at_byte(parser, ',')) return 0;
        if (!at_byte(parser, container->kind == JSON_OBJECT ? '}' : ']'))
            return wrong_at(parser, parser->at,
                            container->kind == JSON_OBJECT ? "a ',' or '}' is missing" : "a ',' or ']' is missing");
        parser->at++;
        container->text.size = (size_t)(parser->at - (const uint8_t *)container->text.data);
        parser->container = container->parent;
        parser->depth--;
        node = container;
    }
}

static int read_values(struct parser *parser, struct slice before)
{
    for (;;) {
        struct json_node *node;
        int error = begin_value(parser, before, &node);
        if (error) return error;
        if (!parser->tree->root) parser->tree->root = node;
        if (node == parser->container) {
            before = skip_space(parser);
            if (!at_byte(parser, node->kind == JSON_OBJECT ? '}' : ']')) continue;
            node = NULL;
        }
        error = close_containers(parser, node);
        if (error) return error;
        if (!parser->container) return 0;
        parser->at++;
        before = skip_space(parser);
    }
}

static int read_text(struct parser *parser)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    const uint8_t *from = parser->at;
    if (parser->end - from >= 3 && memcmp(from, byte_order_mark, 3) == 0) parser->at += 3;
    skip_space(parser);
    int error = read_values(parser, SLICE(from, (size_t)(parser->at - from)));
    if (error) return error;
    return parser->at < parser->end ? wrong_at(parser, parser->at, "something follows behind the value") : 0;
}

int json_tree_parse(struct json_tree *tree, struct slice text, struct json_error *ret_error)
{
    *tree = (struct json_tree){.text = text};
    if (text.size == 0) tree->text.data = "";
    const uint8_t *start = tree->text.data;
    struct parser parser = {.tree = tree, .start = start, .at = start, .end = start + text.size, .error = ret_error};
    if (text.size > JSON_TEXT_MAX)
        return json_error_at(ret_error, JSON_BAD_DOCUMENT, text, 0, "larger than %d MiB", JSON_TEXT_MAX >> 20);
    json_arena_announce(&tree->arena, text.size);
    int error = read_text(&parser);
    buffer_release(&parser.key);
    if (error) json_tree_release(tree);
    return error;
}
