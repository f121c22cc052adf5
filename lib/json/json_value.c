/* SPDX-License-Identifier: Apache-2.0 */
#include "json_value.h"

#include "json_members.h"
#include "json_number.h"
#include "json_string.h"

static int equal_arrays(const struct json_node *a, const struct json_node *b, bool *ret_equal)
{
    bool equal = a->count == b->count;
    const struct json_node *first = a->first, *second = b->first;
    for (; equal && first; first = first->next, second = second->next) {
        int error = json_value_equal(first, second, &equal);
        if (error) return error;
    }
    *ret_equal = equal;
    return 0;
}

static int equal_members(const struct json_members *a, const struct json_members *b, bool *ret_equal)
{
    bool equal = a->count == b->count;
    for (size_t i = 0; equal && i < a->count; i++)
        equal = slice_equal(a->entries[i].key, b->entries[i].key);
    for (size_t i = 0; equal && i < a->count; i++) {
        int error = json_value_equal(a->entries[i].node, b->entries[i].node, &equal);
        if (error) return error;
    }
    *ret_equal = equal;
    return 0;
}

static int equal_objects(const struct json_node *a, const struct json_node *b, bool *ret_equal)
{
    struct json_members first, second = {0};
    int error = json_members_init(&first, a);
    if (!error) error = json_members_init(&second, b);
    if (!error) error = equal_members(&first, &second, ret_equal);
    json_members_release(&first);
    json_members_release(&second);
    return error;
}

int json_value_equal(const struct json_node *a, const struct json_node *b, bool *ret_equal)
{
    if (a->kind == b->kind && a->kind == JSON_ARRAY) return equal_arrays(a, b, ret_equal);
    if (a->kind == b->kind && a->kind == JSON_OBJECT) return equal_objects(a, b, ret_equal);
    bool equal = a->kind == b->kind;
    if (equal && a->kind == JSON_NUMBER) equal = json_number_equal(a->text, b->text);
    if (equal && a->kind == JSON_STRING) equal = json_string_equal(a->text, b->text);
    *ret_equal = equal;
    return 0;
}
