/* SPDX-License-Identifier: Apache-2.0 */
#include "json_members.h"

#include <stdlib.h>

static int compare(const struct json_entry *a, const struct json_entry *b)
{
    return slice_compare(a->key, b->key);
}

/* Merges the sorted halves of entries[0..count) by way of `scratch`. Stable: equal keys keep their order. */
static void merge(struct json_entry *entries, size_t count, struct json_entry *scratch)
{
    size_t half = count / 2, left = 0, right = half, at = 0;
    while (left < half || right < count) {
        bool take_left = right == count || (left < half && compare(&entries[left], &entries[right]) <= 0);
        scratch[at++] = entries[take_left ? left++ : right++];
    }
    for (at = 0; at < count; at++)
        entries[at] = scratch[at];
}

/* qsort is not stable. Goes as deep as the logarithm of the count. */
static void sort(struct json_entry *entries, size_t count, struct json_entry *scratch)
{
    if (count < 2) return;
    sort(entries, count / 2, scratch);
    sort(entries + count / 2, count - count / 2, scratch);
    merge(entries, count, scratch);
}

static bool sorted(const struct json_entry *entries, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (compare(&entries[i - 1], &entries[i]) > 0) return false;
    return true;
}

/* Keeps the last of those with the same key. `repeated`: room for all. */
static void drop_repeated(struct json_members *members, size_t count, struct json_entry *repeated)
{
    struct json_entry *entries = members->entries;
    members->repeated = repeated;
    for (size_t i = 0; i < count; i++) {
        size_t first = i;
        while (i + 1 < count && compare(&entries[i], &entries[i + 1]) == 0)
            i++;
        if (i > first) repeated[members->repeated_count++] = entries[i];
        entries[members->count++] = entries[i];
    }
}

int json_members_init(struct json_members *members, const struct json_node *object)
{
    *members = (struct json_members){0};
    size_t count = object->count;
    if (count == 0) return 0;
    struct json_entry *entries = malloc(2 * count * sizeof *entries);
    if (!entries) return ERR_NOMEM;
    members->entries = entries;
    for (struct json_node *child = object->first; child; child = child->next)
        *entries++ = (struct json_entry){.key = child->member->key, .node = child};
    if (!sorted(members->entries, count)) sort(members->entries, count, entries);
    drop_repeated(members, count, entries);
    return 0;
}

void json_members_release(struct json_members *members)
{
    free(members->entries);
    *members = (struct json_members){0};
}

static struct json_node *search(const struct json_entry *entries, size_t count, struct slice key)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(key, entries[middle].key);
        if (order == 0) return entries[middle].node;
        if (order < 0) high = middle;
        else low = middle + 1;
    }
    return NULL;
}

struct json_node *json_members_find(const struct json_members *members, struct slice key)
{
    return search(members->entries, members->count, key);
}

bool json_members_repeats(const struct json_members *members, struct slice key)
{
    return search(members->repeated, members->repeated_count, key);
}

struct json_node *json_object_find(const struct json_node *object, struct slice key, bool *ret_repeated)
{
    struct json_node *found = NULL;
    *ret_repeated = false;
    for (struct json_node *child = object->last; child; child = child->previous) {
        if (!slice_equal(child->member->key, key)) continue;
        if (found) {
            *ret_repeated = true;
            break;
        }
        found = child;
    }
    return found;
}
