/* SPDX-License-Identifier: Apache-2.0 */
#include "json_members.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    const struct json_node *const *first = a, *const *second = b;
    return slice_compare((*first)->member->key, (*second)->member->key);
}

/* Merges the sorted halves of nodes[0..count) by way of `scratch`. Stable: equal keys keep their order. */
static void merge(struct json_node **nodes, size_t count, struct json_node **scratch)
{
    size_t half = count / 2, left = 0, right = half, at = 0;
    while (left < half || right < count) {
        bool take_left = right == count || (left < half && compare(&nodes[left], &nodes[right]) <= 0);
        scratch[at++] = nodes[take_left ? left++ : right++];
    }
    for (at = 0; at < count; at++)
        nodes[at] = scratch[at];
}

/* qsort is not stable. Goes as deep as the logarithm of the count. */
static void sort(struct json_node **nodes, size_t count, struct json_node **scratch)
{
    if (count < 2) return;
    sort(nodes, count / 2, scratch);
    sort(nodes + count / 2, count - count / 2, scratch);
    merge(nodes, count, scratch);
}

static bool sorted(struct json_node *const *nodes, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (compare(&nodes[i - 1], &nodes[i]) > 0) return false;
    return true;
}

/* Keeps the last of those with the same key. `repeated`: room for all. */
static void drop_repeated(struct json_members *members, size_t count, struct json_node **repeated)
{
    struct json_node **nodes = members->nodes;
    members->repeated = repeated;
    for (size_t i = 0; i < count; i++) {
        size_t first = i;
        while (i + 1 < count && compare(&nodes[i], &nodes[i + 1]) == 0)
            i++;
        if (i > first) repeated[members->repeated_count++] = nodes[i];
        nodes[members->count++] = nodes[i];
    }
}

int json_members_init(struct json_members *members, const struct json_node *object)
{
    *members = (struct json_members){0};
    size_t count = object->count;
    if (count == 0) return 0;
    struct json_node **nodes = malloc(2 * count * sizeof *nodes);
    if (!nodes) return ERR_NOMEM;
    members->nodes = nodes;
    for (struct json_node *child = object->first; child; child = child->next)
        *nodes++ = child;
    if (!sorted(members->nodes, count)) sort(members->nodes, count, nodes);
    drop_repeated(members, count, nodes);
    return 0;
}

void json_members_release(struct json_members *members)
{
    free(members->nodes);
    *members = (struct json_members){0};
}

static struct json_node *search(struct json_node *const *nodes, size_t count, struct slice key)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(key, nodes[middle]->member->key);
        if (order == 0) return nodes[middle];
        if (order < 0) high = middle;
        else low = middle + 1;
    }
    return NULL;
}

struct json_node *json_members_find(const struct json_members *members, struct slice key)
{
    return search(members->nodes, members->count, key);
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
