/* SPDX-License-Identifier: Apache-2.0 */
#include "request_record.h"

#include <string.h>

enum { ENCODING = 1, PAGE = 16 };

static void request_key(uint64_t lineage, const char *id, struct record_key *ret_key)
{
    record_key_begin(ret_key, RECORD_REQUEST);
    record_key_u64(ret_key, lineage);
    record_key_bytes(ret_key, SLICE_STRING(id));
}

static void time_key(uint64_t seconds, uint64_t lineage, const char *id, struct record_key *ret_key)
{
    record_key_begin(ret_key, RECORD_REQUEST_TIME);
    record_key_u64(ret_key, seconds);
    record_key_u64(ret_key, lineage);
    record_key_bytes(ret_key, SLICE_STRING(id));
}

/* The rest of a key is an id. */
static void id_read(struct reader *place, char id[REQUEST_ID_MAX + 1])
{
    struct slice bytes = reader_bytes(place, reader_left(place));
    if (bytes.size == 0 || bytes.size > REQUEST_ID_MAX || memchr(bytes.data, '\0', bytes.size)) {
        place->failed = true;
        return;
    }
    memcpy(id, bytes.data, bytes.size);
    id[bytes.size] = '\0';
}

void request_record_encode(const struct request_record *record, uint64_t commit_id, struct buffer *ret_value)
{
    struct record_key key;
    request_key(record->lineage, record->id, &key);
    record_begin(ret_value, ENCODING, commit_id);
    version_id_append(ret_value, &record->version);
    buffer_append_u8(ret_value, record->appended);
    buffer_append_u64(ret_value, record->from);
    record_append_time(ret_value, record->time);
    record_seal(ret_value, record_key_slice(&key));
}

int request_record_decode(const struct record_key *key, struct slice value, struct request_record *ret_record)
{
    struct reader fields, place;
    uint8_t encoding;
    int error = record_open(value, record_key_slice(key), ENCODING, &encoding, &fields);
    if (error) return error;
    struct request_record record = {0};
    reader_init(&place, record_key_slice(key));
    reader_u8(&place);
    record.lineage = reader_u64(&place);
    id_read(&place, record.id);
    error = reader_finish(&place);
    if (error) return error;

    record.version = version_id_read(&fields);
    uint8_t appended = reader_u8(&fields);
    record.appended = appended;
    record.from = reader_u64(&fields);
    record.time = record_read_time(&fields);
    if (appended > 1 || record.from > INT64_MAX) fields.failed = true;
    error = reader_finish(&fields);
    if (!error) *ret_record = record;
    return error;
}

int request_record_get(struct store *store, uint64_t lineage, const char *id, struct request_record *ret_record)
{
    struct record_key key;
    struct buffer value = {0};
    request_key(lineage, id, &key);
    int error = kv_get(store->kv, NULL, record_key_slice(&key), &value);
    if (!error) error = request_record_decode(&key, buffer_slice(&value), ret_record);
    buffer_release(&value);
    return error;
}

int request_record_load(struct transaction *tx, uint64_t lineage, const char *id, struct request_record *ret_record)
{
    struct record_key key;
    request_key(lineage, id, &key);
    int error = transaction_load(tx, &key);
    return error ? error : request_record_decode(&key, buffer_slice(&tx->scratch), ret_record);
}

void request_record_put(struct transaction *tx, const struct request_record *record)
{
    struct record_key key;
    request_key(record->lineage, record->id, &key);
    request_record_encode(record, tx->commit_id, &tx->scratch);
    transaction_put(tx, &key, &tx->scratch);
    time_key((uint64_t)record->time.tv_sec, record->lineage, record->id, &key);
    record_begin(&tx->scratch, ENCODING, tx->commit_id);
    record_seal(&tx->scratch, record_key_slice(&key));
    transaction_put(tx, &key, &tx->scratch);
}

/* ---- expiring ---- */

struct due {
    struct record_key keys[PAGE];
    size_t count;
};

static int visit_due(void *context, struct slice key, struct slice value)
{
    (void)value;
    struct due *due = context;
    struct record_key *copy = &due->keys[due->count++];
    copy->size = 0;
    if (key.size > sizeof copy->bytes) return ERR_DAMAGED;
    record_key_bytes(copy, key);
    return 0;
}

/* Where the last call has come to. */
static int reached_get(struct store *store, uint64_t *ret_seconds)
{
    struct record_key key;
    struct buffer value = {0};
    struct reader fields;
    uint8_t encoding;
    uint64_t seconds = 0;
    record_key_begin(&key, RECORD_REQUEST_TIME);
    int error = kv_get(store->kv, NULL, record_key_slice(&key), &value);
    if (!error) error = record_open(buffer_slice(&value), record_key_slice(&key), ENCODING, &encoding, &fields);
    if (!error) {
        seconds = reader_u64(&fields);
        error = reader_finish(&fields);
    }
    buffer_release(&value);
    if (error && error != ERR_NOT_FOUND) return error;
    *ret_seconds = seconds;
    return 0;
}

static void reached_put(struct transaction *tx, uint64_t seconds)
{
    struct record_key key;
    record_key_begin(&key, RECORD_REQUEST_TIME);
    record_begin(&tx->scratch, ENCODING, tx->commit_id);
    buffer_append_u64(&tx->scratch, seconds);
    record_seal(&tx->scratch, record_key_slice(&key));
    transaction_put(tx, &key, &tx->scratch);
}

/* The record goes too, unless the id was used anew since. */
static int expire_one(struct transaction *tx, const struct record_key *key, uint64_t *ret_seconds)
{
    struct request_record record = {0};
    struct reader place;
    char id[REQUEST_ID_MAX + 1] = "";
    reader_init(&place, record_key_slice(key));
    reader_u8(&place);
    uint64_t seconds = reader_u64(&place), lineage = reader_u64(&place);
    id_read(&place, id);
    int error = reader_finish(&place);
    if (error) return error;
    error = request_record_load(tx, lineage, id, &record);
    if (!error && (uint64_t)record.time.tv_sec == seconds) {
        struct record_key of_record;
        request_key(lineage, id, &of_record);
        transaction_delete(tx, &of_record);
    }
    transaction_delete(tx, key);
    *ret_seconds = seconds;
    return error == ERR_NOT_FOUND ? 0 : error;
}

int request_record_expire(struct store *store, uint64_t before, size_t *ret_count)
{
    struct record_key first, end;
    struct due due = {.count = 0};
    struct transaction tx;
    uint64_t seconds;
    int error = reached_get(store, &seconds);
    if (error) return error;
    record_key_begin(&first, RECORD_REQUEST_TIME);
    end = first;
    record_key_u64(&first, seconds);
    record_key_u64(&end, before);
    const struct kv_range range = {.first = record_key_slice(&first), .end = record_key_slice(&end), .limit = PAGE};
    error = seconds < before ? kv_scan(store->kv, NULL, &range, visit_due, &due) : 0;
    *ret_count = 0;
    if (error || due.count == 0) return error;
    transaction_init(&tx, store);
    for (size_t i = 0; i < due.count && !error; i++)
        error = expire_one(&tx, &due.keys[i], &seconds);
    reached_put(&tx, seconds);
    if (!error) error = transaction_commit(&tx, false);
    transaction_release(&tx);
    if (!error) *ret_count = due.count;
    return error == TRANSACTION_AGAIN ? 0 : error; /* somebody uses one of the ids anew: the next call does it */
}
