/* SPDX-License-Identifier: Apache-2.0 */
#include "conflict_record.h"

#include <string.h>

enum { ENCODING = 1 };

static void conflict_key(uint64_t target_lineage, uint64_t sibling, struct record_key *ret_key)
{
    record_key_begin(ret_key, RECORD_CONFLICT);
    record_key_u64(ret_key, target_lineage);
    record_key_u64(ret_key, sibling);
}

void conflict_record_encode(const struct conflict_record *record, uint64_t commit_id, struct buffer *ret_value)
{
    struct record_key key;
    conflict_key(record->target_lineage, record->sibling, &key);
    record_begin(ret_value, ENCODING, commit_id);
    buffer_append_u8(ret_value, record->operation);
    version_id_append(ret_value, &record->base);
    version_id_append(ret_value, &record->head);
    author_append(ret_value, &record->writer);
    buffer_append_u64(ret_value, record->writer_started);
    record_append_time(ret_value, record->time);
    buffer_append_u64(ret_value, record->size);
    buffer_append(ret_value, SLICE(record->hash.bytes, sizeof record->hash.bytes));
    buffer_append_u32(ret_value, record->retry_after_ms);
    record_append_text(ret_value, record->target, sizeof record->target);
    record_append_text(ret_value, record->name, sizeof record->name);
    buffer_append_u64(ret_value, record->directory);
    record_seal(ret_value, record_key_slice(&key));
}

static int decode(struct slice key, struct slice value, struct conflict_record *ret_record)
{
    struct reader fields, place;
    uint8_t encoding;
    int error = record_open(value, key, ENCODING, &encoding, &fields);
    if (error) return error;
    struct conflict_record record = {0};
    reader_init(&place, key);
    reader_u8(&place);
    record.target_lineage = reader_u64(&place);
    record.sibling = reader_u64(&place);
    error = reader_finish(&place);
    if (error) return error;

    record.operation = reader_u8(&fields);
    record.base = version_id_read(&fields);
    record.head = version_id_read(&fields);
    record.writer = author_read(&fields);
    record.writer_started = reader_u64(&fields);
    record.time = record_read_time(&fields);
    record.size = reader_u64(&fields);
    struct slice hash = reader_bytes(&fields, sizeof record.hash.bytes);
    if (hash.size > 0) memcpy(record.hash.bytes, hash.data, hash.size);
    record.retry_after_ms = reader_u32(&fields);
    record_read_text(&fields, record.target, sizeof record.target);
    record_read_text(&fields, record.name, sizeof record.name);
    record.directory = reader_u64(&fields);
    if (record.size > INT64_MAX) fields.failed = true;
    error = reader_finish(&fields);
    if (!error) *ret_record = record;
    return error;
}

int conflict_record_decode(const struct record_key *key, struct slice value, struct conflict_record *ret_record)
{
    return decode(record_key_slice(key), value, ret_record);
}

int conflict_record_get(struct store *store, uint64_t target_lineage, uint64_t sibling,
                        struct conflict_record *ret_record)
{
    struct record_key key;
    struct buffer value = {0};
    conflict_key(target_lineage, sibling, &key);
    int error = kv_get(store->kv, NULL, record_key_slice(&key), &value);
    if (!error) error = conflict_record_decode(&key, buffer_slice(&value), ret_record);
    buffer_release(&value);
    return error;
}

int conflict_record_load(struct transaction *tx, uint64_t target_lineage, uint64_t sibling,
                         struct conflict_record *ret_record)
{
    struct record_key key;
    conflict_key(target_lineage, sibling, &key);
    int error = transaction_load(tx, &key);
    return error ? error : conflict_record_decode(&key, buffer_slice(&tx->scratch), ret_record);
}

void conflict_record_put(struct transaction *tx, const struct conflict_record *record)
{
    struct record_key key;
    conflict_key(record->target_lineage, record->sibling, &key);
    conflict_record_encode(record, tx->commit_id, &tx->scratch);
    transaction_put(tx, &key, &tx->scratch);
}

void conflict_record_delete(struct transaction *tx, uint64_t target_lineage, uint64_t sibling)
{
    struct record_key key;
    conflict_key(target_lineage, sibling, &key);
    transaction_delete(tx, &key);
}

struct conflict_context {
    int (*visit)(void *context, const struct conflict_record *record);
    void *context;
};

static int visit_record(void *context, struct slice key, struct slice value)
{
    const struct conflict_context *conflicts = context;
    struct conflict_record record;
    int error = decode(key, value, &record);
    return error ? error : conflicts->visit(conflicts->context, &record);
}

static int scan_prefix(struct store *store, const struct record_key *prefix,
                       int (*visit)(void *context, const struct conflict_record *record), void *context)
{
    struct record_key end;
    record_key_after(&end, prefix);
    const struct kv_range range = {.first = record_key_slice(prefix), .end = record_key_slice(&end)};
    struct conflict_context conflicts = {visit, context};
    return kv_scan(store->kv, NULL, &range, visit_record, &conflicts);
}

int conflict_record_scan(struct store *store, uint64_t target_lineage,
                         int (*visit)(void *context, const struct conflict_record *record), void *context)
{
    struct record_key prefix;
    record_key_begin(&prefix, RECORD_CONFLICT);
    record_key_u64(&prefix, target_lineage);
    return scan_prefix(store, &prefix, visit, context);
}

int conflict_record_scan_all(struct store *store, int (*visit)(void *context, const struct conflict_record *record),
                             void *context)
{
    struct record_key prefix;
    record_key_begin(&prefix, RECORD_CONFLICT);
    return scan_prefix(store, &prefix, visit, context);
}
