/* SPDX-License-Identifier: Apache-2.0 */
#include "json_pointer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_members.h"

/* ---- reading ---- */

static const char *problem_of(const uint8_t *text, size_t size)
{
    if (size > 0 && text[0] != '/') return "a path is empty or begins with '/'";
    for (size_t i = 0; i < size; i++)
        if (text[i] == '~' && (i + 1 == size || (text[i + 1] != '0' && text[i + 1] != '1')))
            return "in a path '~' is spelled ~0, and '/' ~1";
    return NULL;
}

/* Puts the token's bytes at `to`; returns how many. */
static size_t unescape(const uint8_t *from, const uint8_t *end, uint8_t *to)
{
    size_t size = 0;
    for (; from < end; from++)
        to[size++] = *from != '~' ? *from : *++from == '0' ? '~' : '/';
    return size;
}

int json_pointer_parse(struct json_pointer *pointer, struct slice text, const char **ret_problem)
{
    const uint8_t *bytes = text.data;
    *pointer = (struct json_pointer){.text = text};
    const char *problem = problem_of(bytes, text.size);
    if (problem) {
        *ret_problem = problem;
        return ERR_INVAL;
    }
    for (size_t i = 0; i < text.size; i++)
        pointer->count += bytes[i] == '/';
    if (pointer->count == 0) return 0;

    struct slice *tokens = malloc(pointer->count * (sizeof *tokens + sizeof *pointer->ends) + text.size);
    if (!tokens) return ERR_NOMEM;
    pointer->memory = pointer->tokens = tokens;
    pointer->ends = (size_t *)(tokens + pointer->count);
    uint8_t *to = (uint8_t *)(pointer->ends + pointer->count);
    size_t at = 0;
    for (size_t i = 0; i < pointer->count; i++) {
        size_t start = ++at;
        while (at < text.size && bytes[at] != '/')
            at++;
        pointer->ends[i] = at;
        tokens[i] = SLICE(to, unescape(bytes + start, bytes + at, to));
        to += tokens[i].size;
    }
    return 0;
}

void json_pointer_release(struct json_pointer *pointer)
{
    free(pointer->memory);
    *pointer = (struct json_pointer){0};
}

bool json_pointer_contains(const struct json_pointer *outer, const struct json_pointer *inner)
{
    bool contains = outer->count <= inner->count;
    for (size_t i = 0; contains && i < outer->count; i++)
        contains = slice_equal(outer->tokens[i], inner->tokens[i]);
    return contains;
}

/* ---- finding ---- */

static int not_found(const struct json_pointer *pointer, size_t token, struct json_error *error, const char *why)
{
    struct slice shown = SLICE(pointer->text.data, pointer->ends[token]);
    return json_error_say(error, JSON_NOT_FOUND, "there is no %.*s%s", json_error_width(shown),
                          (const char *)shown.data, why);
}

static struct json_node *element_at(const struct json_node *array, uint32_t index)
{
    struct json_node *node = NULL;
    if (index < array->count / 2)
        for (node = array->first; index > 0; index--)
            node = node->next;
    else if (index < array->count)
        for (node = array->last, index = array->count - 1 - index; index > 0; index--)
            node = node->previous;
    return node;
}

/* false for what is no index. One that is too large for any array is UINT32_MAX. */
static bool parse_index(struct slice token, uint32_t *ret_index)
{
    const uint8_t *digits = token.data;
    uint64_t index = 0;
    if (token.size == 0 || (digits[0] == '0' && token.size > 1)) return false;
    for (size_t i = 0; i < token.size; i++) {
        if (digits[i] < '0' || digits[i] > '9') return false;
        index = index * 10 + (uint64_t)(digits[i] - '0');
        if (index > UINT32_MAX) index = UINT32_MAX;
    }
    *ret_index = (uint32_t)index;
    return true;
}

static int find_element(const struct json_pointer *pointer, size_t token, struct json_place *place,
                        struct json_error *error)
{
    const struct json_node *array = place->parent;
    char count[64];
    if (slice_equal(place->key, SLICE("-", 1))) {
        place->index = array->count;
    } else if (!parse_index(place->key, &place->index)) {
        return not_found(pointer, token, error,
                         ": elements of an array are 0, 1, 2 and so on, without leading zeros, or -");
    } else if (place->index > array->count) {
        snprintf(count, sizeof count, ": the array has %" PRIu32 " element%s", array->count,
                 array->count == 1 ? "" : "s");
        return not_found(pointer, token, error, count);
    }
    place->node = element_at(array, place->index);
    return 0;
}

int json_pointer_find(const struct json_pointer *pointer, struct json_node *root, struct json_place *ret_place,
                      struct json_error *ret_error)
{
    struct json_place place = {.node = root};
    for (size_t i = 0; i < pointer->count; i++) {
        bool repeated = false;
        if (!place.node) return not_found(pointer, i - 1, ret_error, "");
        place.parent = place.node;
        place.key = pointer->tokens[i];
        if (place.parent->kind == JSON_OBJECT) {
            place.node = json_object_find(place.parent, place.key, &repeated);
        } else if (place.parent->kind == JSON_ARRAY) {
            int error = find_element(pointer, i, &place, ret_error);
            if (error) return error;
        } else {
            char why[64];
            snprintf(why, sizeof why, ": what should hold it is %s", json_kind_name(place.parent->kind));
            return not_found(pointer, i, ret_error, why);
        }
        place.repeated |= repeated;
    }
    *ret_place = place;
    return 0;
}

/* ---- writing ---- */

static void append_token(struct slice key, struct buffer *text)
{
    const uint8_t *bytes = key.data;
    for (size_t i = 0; i < key.size; i++) {
        if (bytes[i] == '~') buffer_append(text, SLICE("~0", 2));
        else if (bytes[i] == '/') buffer_append(text, SLICE("~1", 2));
        else buffer_append_u8(text, bytes[i]);
    }
}

static void append_index(const struct json_node *node, struct buffer *text)
{
    char digits[24];
    size_t index = 0;
    while ((node = node->previous))
        index++;
    snprintf(digits, sizeof digits, "%zu", index);
    buffer_append(text, SLICE_STRING(digits));
}

/* Goes as deep as the value lies. */
void json_pointer_write(const struct json_node *node, struct buffer *text)
{
    if (!node->parent) return;
    json_pointer_write(node->parent, text);
    buffer_append_u8(text, '/');
    if (node->member) append_token(node->member->key, text);
    else append_index(node, text);
}
