/* SPDX-License-Identifier: Apache-2.0 */
#include "kv.h"

#include <assert.h>
#include <string.h>
#include <sys/random.h>

#include "batch.h"

enum { SETTLE_TRIES = 10 };

int kv_get(struct kv *kv, const struct kv_snapshot *snapshot, struct slice key, struct buffer *ret_value)
{
    return kv->engine->get(kv, snapshot, key, ret_value);
}

int kv_scan(struct kv *kv, const struct kv_snapshot *snapshot, const struct kv_range *range, kv_visit *visit,
            void *context)
{
    return kv->engine->scan(kv, snapshot, range, visit, context);
}

int kv_snapshot(struct kv *kv, struct kv_snapshot **ret_snapshot)
{
    return kv->engine->snapshot(kv, ret_snapshot);
}

void kv_snapshot_free(struct kv *kv, struct kv_snapshot *snapshot)
{
    if (snapshot) kv->engine->snapshot_free(kv, snapshot);
}

int kv_sync(struct kv *kv)
{
    return kv->engine->sync(kv);
}

int kv_watch(struct kv *kv, const struct kv_range *range, kv_watch_visit *visit, void *context,
             struct kv_snapshot **ret_snapshot, struct kv_watch **ret_watch)
{
    return kv->engine->watch(kv, range, visit, context, ret_snapshot, ret_watch);
}

void kv_watch_cancel(struct kv *kv, struct kv_watch *watch)
{
    if (watch) kv->engine->watch_cancel(kv, watch);
}

void kv_free(struct kv *kv)
{
    if (kv) kv->engine->free(kv);
}

static const struct kv_operation *first_put(const struct kv_batch *batch)
{
    const struct kv_operation *operations;
    size_t count = kv_batch_operations(batch, &operations);
    for (size_t i = 0; i < count; i++)
        if (operations[i].put) return &operations[i];
    return NULL;
}

/* After an unknown outcome: whether the batch is there, told by a value that nobody else writes. */
static int is_there(struct kv *kv, const struct kv_batch *batch, bool *ret_there)
{
    const struct kv_operation *put = first_put(batch);
    struct buffer value = {0};
    int error = kv_get(kv, NULL, put->key, &value);
    if (!error) *ret_there = slice_equal(buffer_slice(&value), put->value);
    if (error == ERR_NOT_FOUND) {
        *ret_there = false;
        error = 0;
    }
    buffer_release(&value);
    return error;
}

int kv_commit(struct kv *kv, const struct kv_batch *batch, bool durable, enum kv_outcome *ret_outcome)
{
    int error = kv_batch_failed(batch);
    if (error) return error;
    const struct kv_condition *conditions;
    assert(kv_batch_conditions(batch, &conditions) == 0 || first_put(batch));
    bool was_unknown = false;
    for (int tries = 0; tries < SETTLE_TRIES; tries++) {
        enum kv_outcome outcome;
        error = kv->engine->commit(kv, batch, durable, &outcome);
        if (error) return was_unknown ? ERR_UNKNOWN_OUTCOME : error; /* an earlier try may have happened */
        if (outcome == KV_UNKNOWN) {
            was_unknown = true;
            continue;
        }
        if (outcome == KV_CONDITION_FALSE && was_unknown) {
            bool there = false;
            error = is_there(kv, batch, &there);
            if (error) return ERR_UNKNOWN_OUTCOME;
            if (there) outcome = KV_DONE;
        }
        *ret_outcome = outcome;
        return 0;
    }
    return ERR_UNKNOWN_OUTCOME;
}

/* ---- sequences: the next number that is free, then a nonce ---- */

/* The nonce makes each value one that no other commit writes, by which kv_commit settles an unknown outcome: the number
 * alone would be the same for two who reserve as many at once. */
static int sequence_encode(uint64_t next, struct buffer *ret_value)
{
    uint64_t nonce;
    if (getrandom(&nonce, sizeof nonce, 0) != sizeof nonce) return ERR_IO;
    buffer_clear(ret_value);
    buffer_append_u64(ret_value, next);
    buffer_append_u64(ret_value, nonce);
    return buffer_failed(ret_value);
}

static int sequence_decode(struct slice value, uint64_t *ret_next)
{
    struct reader reader;
    reader_init(&reader, value);
    uint64_t next = reader_u64(&reader);
    if (reader_left(&reader) > 0) reader_u64(&reader); /* stores that were made first have no nonce */
    int error = reader_finish(&reader);
    if (!error) *ret_next = next;
    return error;
}

/* One attempt: what kv_commit answers. */
static int sequence_advance(struct kv *kv, struct slice key, uint64_t count, struct kv_batch *batch,
                            enum kv_outcome *ret_outcome, uint64_t *ret_first)
{
    struct buffer old = {0}, new = {0};
    uint64_t first = 1;
    kv_batch_clear(batch);
    int error = kv_get(kv, NULL, key, &old);
    if (!error) {
        kv_batch_expect(batch, key, buffer_slice(&old));
        error = sequence_decode(buffer_slice(&old), &first);
    } else if (error == ERR_NOT_FOUND) {
        kv_batch_expect_absent(batch, key);
        error = 0;
    }
    if (!error) error = sequence_encode(first + count, &new);
    if (!error) {
        kv_batch_put(batch, key, buffer_slice(&new));
        error = kv_commit(kv, batch, true, ret_outcome);
    }
    if (!error) *ret_first = first;
    buffer_release(&old);
    buffer_release(&new);
    return error;
}

int kv_reserve_ids(struct kv *kv, const char *name, uint64_t count, uint64_t *ret_first)
{
    assert(count > 0 && strlen(name) <= 32);
    struct buffer key = {0};
    struct kv_batch *batch = kv_batch_new();
    enum kv_outcome outcome = KV_CONDITION_FALSE;
    uint64_t first = 0;
    buffer_append_u8(&key, KV_SEQUENCE_PREFIX);
    buffer_append(&key, SLICE_STRING(name));
    int error = batch ? buffer_failed(&key) : ERR_NOMEM;
    while (!error && outcome == KV_CONDITION_FALSE)
        error = sequence_advance(kv, buffer_slice(&key), count, batch, &outcome, &first);
    kv_batch_free(batch);
    buffer_release(&key);
    if (!error) *ret_first = first;
    return error;
}
