/* SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"

/* A key and its value, shared by all trees that hold them. */
struct entry {
    atomic_size_t references;
    uint64_t priority;
    size_t key_size;
    size_t value_size;
    uint8_t bytes[]; /* the key, then the value */
};

/* Keys to the left are less, to the right greater; no priority below is higher. */
struct tree {
    atomic_size_t references;
    struct entry *entry;
    struct tree *left;
    struct tree *right;
};

static struct entry *entry_new(struct slice key, struct slice value)
{
    struct entry *entry = malloc(sizeof *entry + key.size + value.size);
    if (!entry) return NULL;
    atomic_init(&entry->references, 1);
    entry->priority = hash64_of_pair(SLICE(NULL, 0), key);
    entry->key_size = key.size;
    entry->value_size = value.size;
    if (key.size > 0) memcpy(entry->bytes, key.data, key.size);
    if (value.size > 0) memcpy(entry->bytes + key.size, value.data, value.size);
    return entry;
}

static void entry_release(struct entry *entry)
{
    if (atomic_fetch_sub(&entry->references, 1) == 1) free(entry);
}

static struct slice entry_key(const struct entry *entry)
{
    return SLICE(entry->bytes, entry->key_size);
}

static struct slice entry_value(const struct entry *entry)
{
    return SLICE(entry->bytes + entry->key_size, entry->value_size);
}

struct tree *tree_retain(struct tree *tree)
{
    if (tree) atomic_fetch_add(&tree->references, 1);
    return tree;
}

void tree_release(struct tree *tree)
{
    if (!tree || atomic_fetch_sub(&tree->references, 1) > 1) return;
    tree_release(tree->left);
    tree_release(tree->right);
    entry_release(tree->entry);
    free(tree);
}

/* Retains the entry, takes over both sides, also on failure (NULL). */
static struct tree *node_new(struct entry *entry, struct tree *left, struct tree *right)
{
    struct tree *node = malloc(sizeof *node);
    if (!node) {
        tree_release(left);
        tree_release(right);
        return NULL;
    }
    atomic_init(&node->references, 1);
    atomic_fetch_add(&entry->references, 1);
    node->entry = entry;
    node->left = left;
    node->right = right;
    return node;
}

/* Parts the tree before the key, or behind it if `behind`. */
static int split(struct tree *tree, struct slice key, bool behind, struct tree **ret_low, struct tree **ret_high)
{
    if (!tree) {
        *ret_low = *ret_high = NULL;
        return 0;
    }
    int order = slice_compare(entry_key(tree->entry), key);
    bool is_low = order < 0 || (behind && order == 0);
    struct tree *low, *high;
    int error = split(is_low ? tree->right : tree->left, key, behind, &low, &high);
    if (error) return error;
    struct tree *node = is_low ? node_new(tree->entry, tree_retain(tree->left), low)
                               : node_new(tree->entry, high, tree_retain(tree->right));
    if (!node) {
        tree_release(is_low ? high : low);
        return ERR_NOMEM;
    }
    *ret_low = is_low ? node : low;
    *ret_high = is_low ? high : node;
    return 0;
}

/* One tree of two, all of whose keys are less in `low`. Takes over both, also on failure. */
static int join(struct tree *low, struct tree *high, struct tree **ret_tree)
{
    if (!low || !high) {
        *ret_tree = low ? low : high;
        return 0;
    }
    bool low_on_top = low->entry->priority > high->entry->priority;
    struct tree *top = low_on_top ? low : high, *middle, *node = NULL;
    int error = low_on_top ? join(tree_retain(low->right), high, &middle) : join(low, tree_retain(high->left), &middle);
    if (!error)
        node = low_on_top ? node_new(low->entry, tree_retain(low->left), middle)
                          : node_new(high->entry, middle, tree_retain(high->right));
    tree_release(top);
    if (!node) return ERR_NOMEM;
    *ret_tree = node;
    return 0;
}

/* What is left and right of the keys from `first` to `last`. */
static int cut(struct tree *tree, struct slice first, struct slice last, struct tree **ret_low, struct tree **ret_high)
{
    struct tree *low, *rest, *inside;
    int error = split(tree, first, false, &low, &rest);
    if (error) return error;
    error = split(rest, last, true, &inside, ret_high);
    tree_release(rest);
    if (error) {
        tree_release(low);
        return error;
    }
    tree_release(inside);
    *ret_low = low;
    return 0;
}

int tree_put(struct tree *tree, struct slice key, struct slice value, struct tree **ret_tree)
{
    struct entry *entry = entry_new(key, value);
    struct tree *node = entry ? node_new(entry, NULL, NULL) : NULL, *low, *high;
    if (entry) entry_release(entry);
    if (!node) return ERR_NOMEM;
    int error = cut(tree, key, key, &low, &high);
    if (error) {
        tree_release(node);
        return error;
    }
    error = join(low, node, &low);
    if (error) {
        tree_release(high);
        return error;
    }
    return join(low, high, ret_tree);
}

int tree_delete(struct tree *tree, struct slice first, struct slice last, struct tree **ret_tree)
{
    struct tree *low, *high;
    int error = cut(tree, first, last, &low, &high);
    return error ? error : join(low, high, ret_tree);
}

bool tree_get(const struct tree *tree, struct slice key, struct slice *ret_value)
{
    while (tree) {
        int order = slice_compare(key, entry_key(tree->entry));
        if (order == 0) {
            *ret_value = entry_value(tree->entry);
            return true;
        }
        tree = order < 0 ? tree->left : tree->right;
    }
    return false;
}

struct scan {
    const struct kv_range *range;
    size_t taken;
    kv_visit *visit;
    void *context;
};

static int scan_entry(struct scan *scan, const struct entry *entry)
{
    if (scan->range->limit > 0 && scan->taken++ == scan->range->limit) return 1;
    return scan->visit(scan->context, entry_key(entry), entry_value(entry));
}

/* The visitor's result as soon as it is not 0. */
static int scan_from(const struct tree *tree, struct scan *scan)
{
    if (!tree) return 0;
    const struct kv_range *range = scan->range;
    struct slice key = entry_key(tree->entry);
    bool behind_first = slice_compare(key, range->first) >= 0;
    bool before_end = range->end.size == 0 || slice_compare(key, range->end) < 0;
    const struct tree *lower = behind_first ? tree->left : NULL, *higher = before_end ? tree->right : NULL;
    int result = scan_from(range->reverse ? higher : lower, scan);
    if (result == 0 && behind_first && before_end) result = scan_entry(scan, tree->entry);
    return result == 0 ? scan_from(range->reverse ? lower : higher, scan) : result;
}

int tree_scan(const struct tree *tree, const struct kv_range *range, kv_visit *visit, void *context)
{
    struct scan scan = {.range = range, .visit = visit, .context = context};
    int result = scan_from(tree, &scan);
    return result < 0 ? result : 0;
}
