/* SPDX-License-Identifier: Apache-2.0 */
#include "name_record.h"

#include <assert.h>

#include "dirent_record.h"

enum { ENCODING = 1 };

static void name_key(uint64_t directory, struct slice name, struct record_key *ret_key)
{
    assert(name.size >= 1 && name.size <= NAME_MAX_BYTES);
    record_key_begin(ret_key, RECORD_NAME);
    record_key_u64(ret_key, directory);
    record_key_bytes(ret_key, name);
}

void name_record_encode(uint64_t directory, struct slice name, const struct name_record *record, uint64_t commit_id,
                        struct buffer *ret_value)
{
    struct record_key key;
    name_key(directory, name, &key);
    record_begin(ret_value, ENCODING, commit_id);
    buffer_append_u64(ret_value, record->lineage);
    version_id_append(ret_value, &record->head);
    version_id_append(ret_value, &record->forked_at);
    buffer_append_u64(ret_value, record->ino);
    record_append_time(ret_value, record->time);
    file_rights_append(ret_value, &record->rights);
    record_seal(ret_value, record_key_slice(&key));
}

int name_record_decode(const struct record_key *key, struct slice value, struct name_record *ret_record)
{
    struct reader fields;
    uint8_t encoding;
    int error = record_open(value, record_key_slice(key), ENCODING, &encoding, &fields);
    if (error) return error;
    struct name_record record = {.lineage = reader_u64(&fields)};
    record.head = version_id_read(&fields);
    record.forked_at = version_id_read(&fields);
    record.ino = reader_u64(&fields);
    record.time = record_read_time(&fields);
    record.rights = file_rights_read(&fields);
    error = reader_finish(&fields);
    if (!error) *ret_record = record;
    return error;
}

int name_record_get(struct store *store, uint64_t directory, struct slice name, struct name_record *ret_record)
{
    struct record_key key;
    struct buffer value = {0};
    name_key(directory, name, &key);
    int error = kv_get(store->kv, NULL, record_key_slice(&key), &value);
    if (!error) error = name_record_decode(&key, buffer_slice(&value), ret_record);
    buffer_release(&value);
    return error;
}

void name_record_put(struct transaction *tx, uint64_t directory, struct slice name, const struct name_record *record)
{
    struct record_key key;
    name_key(directory, name, &key);
    name_record_encode(directory, name, record, tx->commit_id, &tx->scratch);
    transaction_put(tx, &key, &tx->scratch);
}

void name_record_delete(struct transaction *tx, uint64_t directory, struct slice name)
{
    struct record_key key;
    name_key(directory, name, &key);
    transaction_delete(tx, &key);
}
