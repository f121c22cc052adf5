/* SPDX-License-Identifier: Apache-2.0 */
#include "last_record.h"

enum { ENCODING = 1 };

static void last_key(uint64_t lineage, struct record_key *ret_key)
{
    record_key_begin(ret_key, RECORD_LAST);
    record_key_u64(ret_key, lineage);
}

void last_record_encode(const struct last_record *record, uint64_t commit_id, struct buffer *ret_value)
{
    struct record_key key;
    last_key(record->lineage, &key);
    record_begin(ret_value, ENCODING, commit_id);
    buffer_append_u8(ret_value, record->kind);
    buffer_append_u8(ret_value, record->operation);
    version_id_append(ret_value, &record->base);
    version_id_append(ret_value, &record->head);
    author_append(ret_value, &record->writer);
    record_append_time(ret_value, record->time);
    buffer_append_u64(ret_value, record->size);
    buffer_append_u64(ret_value, record->directory);
    record_append_text(ret_value, record->sibling, sizeof record->sibling);
    record_seal(ret_value, record_key_slice(&key));
}

int last_record_decode(const struct record_key *key, struct slice value, struct last_record *ret_record)
{
    struct reader fields, place;
    uint8_t encoding;
    int error = record_open(value, record_key_slice(key), ENCODING, &encoding, &fields);
    if (error) return error;
    struct last_record record = {0};
    reader_init(&place, record_key_slice(key));
    reader_u8(&place);
    record.lineage = reader_u64(&place);
    error = reader_finish(&place);
    if (error) return error;

    record.kind = reader_u8(&fields);
    record.operation = reader_u8(&fields);
    record.base = version_id_read(&fields);
    record.head = version_id_read(&fields);
    record.writer = author_read(&fields);
    record.time = record_read_time(&fields);
    record.size = reader_u64(&fields);
    record.directory = reader_u64(&fields);
    record_read_text(&fields, record.sibling, sizeof record.sibling);
    if (record.kind != LAST_CONFLICT && record.kind != LAST_KILLED) fields.failed = true;
    if (record.size > INT64_MAX) fields.failed = true;
    error = reader_finish(&fields);
    if (!error) *ret_record = record;
    return error;
}

int last_record_get(struct store *store, uint64_t lineage, struct last_record *ret_record)
{
    struct record_key key;
    struct buffer value = {0};
    last_key(lineage, &key);
    int error = kv_get(store->kv, NULL, record_key_slice(&key), &value);
    if (!error) error = last_record_decode(&key, buffer_slice(&value), ret_record);
    buffer_release(&value);
    return error;
}

void last_record_put(struct transaction *tx, const struct last_record *record)
{
    struct record_key key;
    last_key(record->lineage, &key);
    last_record_encode(record, tx->commit_id, &tx->scratch);
    transaction_put(tx, &key, &tx->scratch);
}
