/* SPDX-License-Identifier: Apache-2.0 */
#include "memory.h"

#include <stdlib.h>

#include "mutex.h"
#include "tree.h"
#include "watchers.h"

/*
 * The newest state is a tree that never changes: readers, scans and snapshots retain it and go on without the lock, a
 * commit puts another one in its place. Locks, in the order in which they are taken: watchers, lock.
 */
struct memory {
    struct mutex lock;
    struct tree *newest; /* guarded by lock */
};

struct memory_kv {
    struct kv kv;
    struct memory records;
    struct watchers watchers;
};

struct memory_blobs {
    struct blobs blobs;
    struct memory objects;
};

struct kv_snapshot {
    struct tree *tree;
};

static struct memory *records_of(struct kv *kv)
{
    return &((struct memory_kv *)kv)->records;
}

static struct memory *objects_of(struct blobs *blobs)
{
    return &((struct memory_blobs *)blobs)->objects;
}

static void memory_init(struct memory *memory)
{
    mutex_init(&memory->lock);
    memory->newest = NULL;
}

static void memory_release(struct memory *memory)
{
    tree_release(memory->newest);
    mutex_release(&memory->lock);
}

/* To be released by the caller. */
static struct tree *newest_of(struct memory *memory)
{
    MUTEX_GUARD(&memory->lock);
    return tree_retain(memory->newest);
}

static void replace_locked(struct memory *memory, struct tree *next)
{
    mutex_assert_held(&memory->lock);
    tree_release(memory->newest);
    memory->newest = next;
}

/* ---- records ---- */

static int memory_get(struct kv *kv, const struct kv_snapshot *snapshot, struct slice key, struct buffer *ret_value)
{
    struct tree *tree = snapshot ? tree_retain(snapshot->tree) : newest_of(records_of(kv));
    struct slice value;
    int error = tree_get(tree, key, &value) ? 0 : ERR_NOT_FOUND;
    if (!error) {
        buffer_clear(ret_value);
        buffer_append(ret_value, value);
        error = buffer_failed(ret_value);
    }
    tree_release(tree);
    return error;
}

static int memory_scan(struct kv *kv, const struct kv_snapshot *snapshot, const struct kv_range *range, kv_visit *visit,
                       void *context)
{
    struct tree *tree = snapshot ? tree_retain(snapshot->tree) : newest_of(records_of(kv));
    int error = tree_scan(tree, range, visit, context);
    tree_release(tree);
    return error;
}

static int memory_snapshot(struct kv *kv, struct kv_snapshot **ret_snapshot)
{
    struct kv_snapshot *snapshot = malloc(sizeof *snapshot);
    if (!snapshot) return ERR_NOMEM;
    snapshot->tree = newest_of(records_of(kv));
    *ret_snapshot = snapshot;
    return 0;
}

static void memory_snapshot_free(struct kv *kv, struct kv_snapshot *snapshot)
{
    (void)kv;
    tree_release(snapshot->tree);
    free(snapshot);
}

static bool conditions_hold(const struct tree *tree, const struct kv_batch *batch)
{
    const struct kv_condition *conditions;
    size_t count = kv_batch_conditions(batch, &conditions);
    for (size_t i = 0; i < count; i++) {
        struct slice value;
        bool present = tree_get(tree, conditions[i].key, &value);
        if (present != conditions[i].present) return false;
        if (present && !slice_equal(value, conditions[i].value)) return false;
    }
    return true;
}

/* The tree with all operations of the batch done. */
static int apply(struct tree *tree, const struct kv_batch *batch, struct tree **ret_next)
{
    const struct kv_operation *operations;
    size_t count = kv_batch_operations(batch, &operations);
    struct tree *next = tree_retain(tree);
    for (size_t i = 0; i < count; i++) {
        struct slice key = operations[i].key;
        struct tree *before = next;
        int error = operations[i].put ? tree_put(before, key, operations[i].value, &next)
                                      : tree_delete(before, key, key, &next);
        tree_release(before);
        if (error) return error;
    }
    *ret_next = next;
    return 0;
}

static int commit_locked(struct memory *memory, const struct kv_batch *batch, enum kv_outcome *ret_outcome)
{
    mutex_assert_held(&memory->lock);
    if (!conditions_hold(memory->newest, batch)) {
        *ret_outcome = KV_CONDITION_FALSE;
        return 0;
    }
    struct tree *next;
    int error = apply(memory->newest, batch, &next);
    if (error) return error;
    replace_locked(memory, next);
    *ret_outcome = KV_DONE;
    return 0;
}

static int memory_commit(struct kv *kv, const struct kv_batch *batch, bool durable, enum kv_outcome *ret_outcome)
{
    struct memory *memory = records_of(kv);
    struct watchers *watchers = &((struct memory_kv *)kv)->watchers;
    (void)durable;
    kv_batch_assert_limits(batch);
    enum kv_outcome outcome;
    watchers_begin(watchers);
    mutex_lock(&memory->lock);
    int error = commit_locked(memory, batch, &outcome);
    mutex_unlock(&memory->lock);
    watchers_end(watchers, !error && outcome == KV_DONE ? batch : NULL);
    if (!error) *ret_outcome = outcome;
    return error;
}

static int memory_sync(struct kv *kv)
{
    (void)kv;
    return 0;
}

static int memory_watch(struct kv *kv, const struct kv_range *range, kv_watch_visit *visit, void *context,
                        struct kv_snapshot **ret_snapshot, struct kv_watch **ret_watch)
{
    struct watchers *watchers = &((struct memory_kv *)kv)->watchers;
    return watchers_add(watchers, kv, range, visit, context, ret_snapshot, ret_watch);
}

static void memory_watch_cancel(struct kv *kv, struct kv_watch *watch)
{
    watchers_remove(&((struct memory_kv *)kv)->watchers, watch);
}

static void memory_kv_free(struct kv *kv)
{
    memory_release(records_of(kv));
    watchers_release(&((struct memory_kv *)kv)->watchers);
    free(kv);
}

static const struct kv_engine memory_engine = {
    .name = "memory",
    .get = memory_get,
    .scan = memory_scan,
    .snapshot = memory_snapshot,
    .snapshot_free = memory_snapshot_free,
    .commit = memory_commit,
    .sync = memory_sync,
    .watch = memory_watch,
    .watch_cancel = memory_watch_cancel,
    .free = memory_kv_free,
};

struct kv *memory_kv_new(void)
{
    struct memory_kv *kv = malloc(sizeof *kv);
    if (!kv) return NULL;
    kv->kv.engine = &memory_engine;
    memory_init(&kv->records);
    watchers_init(&kv->watchers);
    return &kv->kv;
}

/* ---- blobs: the same tree, with ids as keys ---- */

struct id_key {
    uint8_t bytes[8]; /* big-endian, so that keys sort as ids do */
};

static struct id_key id_key(uint64_t id)
{
    struct id_key key;
    for (int i = 0; i < 8; i++)
        key.bytes[i] = (uint8_t)(id >> (56 - 8 * i));
    return key;
}

static struct slice id_key_slice(const struct id_key *key)
{
    return SLICE(key->bytes, sizeof key->bytes);
}

static int memory_blob_put(struct blobs *blobs, uint64_t id, struct slice bytes)
{
    struct memory *memory = objects_of(blobs);
    const struct id_key key = id_key(id);
    struct tree *next;
    MUTEX_GUARD(&memory->lock);
    int error = tree_put(memory->newest, id_key_slice(&key), bytes, &next);
    if (!error) replace_locked(memory, next);
    return error;
}

static int memory_blob_get(struct blobs *blobs, uint64_t id, blob_visit *visit, void *context)
{
    const struct id_key key = id_key(id);
    struct tree *tree = newest_of(objects_of(blobs));
    struct slice bytes;
    int result = tree_get(tree, id_key_slice(&key), &bytes) ? visit(context, bytes) : ERR_NOT_FOUND;
    tree_release(tree);
    return result;
}

static int memory_blob_delete_range(struct blobs *blobs, uint64_t first, uint64_t count)
{
    struct memory *memory = objects_of(blobs);
    const struct id_key first_key = id_key(first), last_key = id_key(first + count - 1);
    struct tree *next;
    MUTEX_GUARD(&memory->lock);
    int error = tree_delete(memory->newest, id_key_slice(&first_key), id_key_slice(&last_key), &next);
    if (!error) replace_locked(memory, next);
    return error;
}

struct id_listing {
    blob_id_visit *visit;
    void *context;
};

static int list_one(void *context, struct slice key, struct slice value)
{
    struct id_listing *listing = context;
    struct reader reader;
    (void)value;
    reader_init(&reader, key);
    return listing->visit(listing->context, reader_u64(&reader));
}

static int memory_blob_list(struct blobs *blobs, uint64_t first, blob_id_visit *visit, void *context)
{
    const struct id_key key = id_key(first);
    const struct kv_range range = {.first = id_key_slice(&key)};
    struct id_listing listing = {visit, context};
    struct tree *tree = newest_of(objects_of(blobs));
    int error = tree_scan(tree, &range, list_one, &listing);
    tree_release(tree);
    return error;
}

static void memory_blobs_free(struct blobs *blobs)
{
    memory_release(objects_of(blobs));
    free(blobs);
}

static const struct blob_engine memory_blob_engine = {
    .name = "memory",
    .put = memory_blob_put,
    .get = memory_blob_get,
    .delete_range = memory_blob_delete_range,
    .list = memory_blob_list,
    .free = memory_blobs_free,
};

struct blobs *memory_blobs_new(void)
{
    struct memory_blobs *blobs = malloc(sizeof *blobs);
    if (!blobs) return NULL;
    blobs->blobs.engine = &memory_blob_engine;
    memory_init(&blobs->objects);
    return &blobs->blobs;
}
