/* SPDX-License-Identifier: Apache-2.0 */
#include "live_record.h"

#include <assert.h>
#include <string.h>

enum { ENCODING = 1 };

static void record_key_of(uint64_t ino, struct record_key *ret_key)
{
    record_key_begin(ret_key, RECORD_LIVE);
    record_key_u64(ret_key, ino);
}

void live_record_encode(const struct live_record *record, uint64_t commit_id, struct buffer *ret_value)
{
    assert(record->visible <= record->size);
    struct record_key key;
    record_key_of(record->ino, &key);
    record_begin(ret_value, ENCODING, commit_id);
    buffer_append_u64(ret_value, record->generation);
    buffer_append_u64(ret_value, record->size);
    buffer_append_u64(ret_value, record->visible);
    version_id_append(ret_value, &record->origin);
    record_append_time(ret_value, record->mtime);
    record_seal(ret_value, record_key_slice(&key));
}

static int decode(struct slice key, struct slice value, struct live_record *ret_record)
{
    struct reader place, fields;
    uint8_t encoding;
    int error = record_open(value, key, ENCODING, &encoding, &fields);
    if (error) return error;
    reader_init(&place, key);
    reader_u8(&place);
    struct live_record record = {.ino = reader_u64(&place)};
    record.generation = reader_u64(&fields);
    record.size = reader_u64(&fields);
    record.visible = reader_u64(&fields);
    record.origin = version_id_read(&fields);
    record.mtime = record_read_time(&fields);
    error = reader_finish(&place);
    if (!error) error = reader_finish(&fields);
    if (!error && (record.size > INT64_MAX || record.visible > record.size)) error = ERR_DAMAGED;
    if (!error) *ret_record = record;
    return error;
}

int live_record_decode(const struct record_key *key, struct slice value, struct live_record *ret_record)
{
    return decode(record_key_slice(key), value, ret_record);
}

int live_record_get(struct store *store, uint64_t ino, struct live_record *ret_record)
{
    struct record_key key;
    struct buffer value = {0};
    record_key_of(ino, &key);
    int error = kv_get(store->kv, NULL, record_key_slice(&key), &value);
    if (!error) error = live_record_decode(&key, buffer_slice(&value), ret_record);
    buffer_release(&value);
    return error;
}

void live_record_put(struct transaction *tx, const struct live_record *record)
{
    struct record_key key;
    record_key_of(record->ino, &key);
    live_record_encode(record, tx->commit_id, &tx->scratch);
    transaction_put(tx, &key, &tx->scratch);
}

void live_record_delete(struct transaction *tx, uint64_t ino)
{
    struct record_key key;
    record_key_of(ino, &key);
    transaction_delete(tx, &key);
}

struct record_context {
    int (*visit)(void *context, const struct live_record *record);
    void *context;
};

static int visit_record(void *context, struct slice key, struct slice value)
{
    const struct record_context *records = context;
    struct live_record record;
    int error = decode(key, value, &record);
    return error ? error : records->visit(records->context, &record);
}

int live_record_scan(struct store *store, int (*visit)(void *context, const struct live_record *record), void *context)
{
    struct record_key first, end;
    record_key_begin(&first, RECORD_LIVE);
    record_key_after(&end, &first);
    const struct kv_range range = {.first = record_key_slice(&first), .end = record_key_slice(&end)};
    struct record_context records = {visit, context};
    return kv_scan(store->kv, NULL, &range, visit_record, &records);
}

/* ---- groups ---- */

static void group_key_of(uint64_t ino, uint64_t generation, uint64_t number, struct record_key *ret_key)
{
    record_key_begin(ret_key, RECORD_LIVE_GROUP);
    record_key_u64(ret_key, ino);
    record_key_u64(ret_key, generation);
    record_key_u64(ret_key, number);
}

void live_group_encode(const struct live_group *group, uint64_t commit_id, struct buffer *ret_value)
{
    struct record_key key;
    group_key_of(group->ino, group->generation, group->number, &key);
    record_begin(ret_value, ENCODING, commit_id);
    buffer_append(ret_value, SLICE(group->bits, sizeof group->bits));
    record_seal(ret_value, record_key_slice(&key));
}

static int group_decode(struct slice key, struct slice value, struct live_group *ret_group)
{
    struct reader place, fields;
    uint8_t encoding;
    int error = record_open(value, key, ENCODING, &encoding, &fields);
    if (error) return error;
    reader_init(&place, key);
    reader_u8(&place);
    struct live_group group = {.ino = reader_u64(&place)};
    group.generation = reader_u64(&place);
    group.number = reader_u64(&place);
    struct slice bits = reader_bytes(&fields, sizeof group.bits);
    error = reader_finish(&place);
    if (!error) error = reader_finish(&fields);
    if (error) return error;
    memcpy(group.bits, bits.data, sizeof group.bits);
    *ret_group = group;
    return 0;
}

int live_group_decode(const struct record_key *key, struct slice value, struct live_group *ret_group)
{
    return group_decode(record_key_slice(key), value, ret_group);
}

void live_group_put(struct transaction *tx, const struct live_group *group)
{
    struct record_key key;
    group_key_of(group->ino, group->generation, group->number, &key);
    live_group_encode(group, tx->commit_id, &tx->scratch);
    transaction_put(tx, &key, &tx->scratch);
}

struct group_context {
    int (*visit)(void *context, const struct live_group *group);
    void *context;
};

static int visit_group(void *context, struct slice key, struct slice value)
{
    const struct group_context *groups = context;
    struct live_group group;
    int error = group_decode(key, value, &group);
    return error ? error : groups->visit(groups->context, &group);
}

int live_group_scan(struct store *store, uint64_t ino, uint64_t generation,
                    int (*visit)(void *context, const struct live_group *group), void *context)
{
    struct record_key first, end;
    record_key_begin(&first, RECORD_LIVE_GROUP);
    record_key_u64(&first, ino);
    record_key_u64(&first, generation);
    record_key_after(&end, &first);
    const struct kv_range range = {.first = record_key_slice(&first), .end = record_key_slice(&end)};
    struct group_context groups = {visit, context};
    return kv_scan(store->kv, NULL, &range, visit_group, &groups);
}

int live_group_delete_all(struct store *store, uint64_t ino)
{
    struct record_key prefix;
    record_key_begin(&prefix, RECORD_LIVE_GROUP);
    record_key_u64(&prefix, ino);
    return transaction_delete_prefix(store, &prefix);
}
