/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"

/*
 * Keys and values are copied into one arena. While the batch is built its elements hold offsets into it, because it
 * moves when it grows; they become pointers when the lists are asked for.
 */
struct kv_batch {
    struct buffer arena;
    struct kv_operation operations[KV_BATCH_OPERATIONS_MAX];
    struct kv_condition conditions[KV_BATCH_OPERATIONS_MAX];
    size_t operation_count;
    size_t condition_count;
    const uint8_t *resolved; /* the arena that the pointers point into; NULL: offsets */
};

struct kv_batch *kv_batch_new(void)
{
    struct kv_batch *batch = malloc(sizeof *batch);
    if (!batch) return NULL;
    buffer_init(&batch->arena);
    kv_batch_clear(batch);
    return batch;
}

void kv_batch_free(struct kv_batch *batch)
{
    if (!batch) return;
    buffer_release(&batch->arena);
    free(batch);
}

void kv_batch_clear(struct kv_batch *batch)
{
    buffer_clear(&batch->arena);
    batch->operation_count = 0;
    batch->condition_count = 0;
    batch->resolved = NULL;
}

static void rebase(struct slice *slice, const uint8_t *from, const uint8_t *to)
{
    slice->data = to + ((const uint8_t *)slice->data - from);
}

/* Moves all pointers from one base to another; a NULL base stands for offsets. */
static void batch_rebase(struct kv_batch *batch, const uint8_t *to)
{
    const uint8_t *from = batch->resolved;
    if (from == to) return;
    for (size_t i = 0; i < batch->operation_count; i++) {
        rebase(&batch->operations[i].key, from, to);
        rebase(&batch->operations[i].value, from, to);
    }
    for (size_t i = 0; i < batch->condition_count; i++) {
        rebase(&batch->conditions[i].key, from, to);
        rebase(&batch->conditions[i].value, from, to);
    }
    batch->resolved = to;
}

static struct slice copy(struct kv_batch *batch, struct slice bytes)
{
    uintptr_t offset = batch->arena.size;
    buffer_append(&batch->arena, bytes);
    return SLICE((const void *)offset, bytes.size); // NOLINT: an offset until it is resolved
}

static void add_operation(struct kv_batch *batch, bool put, struct slice key, struct slice value)
{
    assert(batch->operation_count < KV_BATCH_OPERATIONS_MAX);
    batch_rebase(batch, NULL);
    struct kv_operation *operation = &batch->operations[batch->operation_count++];
    operation->put = put;
    operation->key = copy(batch, key);
    operation->value = copy(batch, value);
}

static void add_condition(struct kv_batch *batch, bool present, struct slice key, struct slice value)
{
    assert(batch->condition_count < KV_BATCH_OPERATIONS_MAX);
    batch_rebase(batch, NULL);
    struct kv_condition *condition = &batch->conditions[batch->condition_count++];
    condition->present = present;
    condition->key = copy(batch, key);
    condition->value = copy(batch, value);
}

void kv_batch_put(struct kv_batch *batch, struct slice key, struct slice value)
{
    add_operation(batch, true, key, value);
}

void kv_batch_delete(struct kv_batch *batch, struct slice key)
{
    add_operation(batch, false, key, SLICE(NULL, 0));
}

void kv_batch_expect(struct kv_batch *batch, struct slice key, struct slice value)
{
    add_condition(batch, true, key, value);
}

void kv_batch_expect_absent(struct kv_batch *batch, struct slice key)
{
    add_condition(batch, false, key, SLICE(NULL, 0));
}

/* Resolving changes nothing that can be seen. */
static void resolve(const struct kv_batch *batch)
{
    batch_rebase((struct kv_batch *)batch, batch->arena.data);
}

size_t kv_batch_operations(const struct kv_batch *batch, const struct kv_operation **ret_operations)
{
    resolve(batch);
    *ret_operations = batch->operations;
    return batch->operation_count;
}

size_t kv_batch_conditions(const struct kv_batch *batch, const struct kv_condition **ret_conditions)
{
    resolve(batch);
    *ret_conditions = batch->conditions;
    return batch->condition_count;
}

int kv_batch_failed(const struct kv_batch *batch)
{
    return buffer_failed(&batch->arena);
}

static void assert_record(struct slice key, struct slice value)
{
    assert(key.size > 0 && key.size <= KV_KEY_MAX);
    assert(value.size <= KV_VALUE_MAX);
}

void kv_batch_assert_limits(const struct kv_batch *batch)
{
    const struct kv_operation *operations;
    const struct kv_condition *conditions;
    size_t operation_count = kv_batch_operations(batch, &operations), bytes = 0;
    size_t condition_count = kv_batch_conditions(batch, &conditions);
    for (size_t i = 0; i < operation_count; i++) {
        assert_record(operations[i].key, operations[i].value);
        bytes += operations[i].key.size + operations[i].value.size;
    }
    assert(bytes <= KV_BATCH_BYTES_MAX);
    for (size_t i = 0; i < condition_count; i++)
        assert_record(conditions[i].key, conditions[i].value);
}
