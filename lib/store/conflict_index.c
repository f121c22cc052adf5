/* SPDX-License-Identifier: Apache-2.0 */
#include "conflict_index.h"

enum { ENCODING = 1 };
enum { BY_WRITER = 'p', BY_CONTENT = 'h', BY_TIME = 'n' };

static void begin(uint64_t target_lineage, uint8_t letter, struct record_key *key)
{
    record_key_begin(key, RECORD_CONFLICT_INDEX);
    record_key_u64(key, target_lineage);
    record_key_u8(key, letter);
}

void conflict_index_by_writer(uint64_t target_lineage, uint32_t pid, uint64_t started, const struct version_id *base,
                              struct record_key *ret_key)
{
    begin(target_lineage, BY_WRITER, ret_key);
    record_key_u64(ret_key, pid);
    record_key_u64(ret_key, started);
    record_key_u64(ret_key, base->lineage);
    record_key_u64(ret_key, base->ordinal);
    record_key_u64(ret_key, base->nonce);
}

void conflict_index_by_content(uint64_t target_lineage, uint64_t size, const struct hash128 *hash,
                               struct record_key *ret_key)
{
    begin(target_lineage, BY_CONTENT, ret_key);
    record_key_u64(ret_key, size);
    record_key_bytes(ret_key, SLICE(hash->bytes, sizeof hash->bytes));
}

void conflict_index_by_time(uint64_t target_lineage, struct record_key *ret_key)
{
    begin(target_lineage, BY_TIME, ret_key);
}

void conflict_index_encode(const struct record_key *key, uint64_t number, uint64_t commit_id, struct buffer *ret_value)
{
    record_begin(ret_value, ENCODING, commit_id);
    buffer_append_u64(ret_value, number);
    record_seal(ret_value, record_key_slice(key));
}

int conflict_index_decode(const struct record_key *key, struct slice value, uint64_t *ret_number)
{
    struct reader fields;
    uint8_t encoding;
    int error = record_open(value, record_key_slice(key), ENCODING, &encoding, &fields);
    if (error) return error;
    uint64_t number = reader_u64(&fields);
    error = reader_finish(&fields);
    if (!error && number == 0) error = ERR_DAMAGED;
    if (!error) *ret_number = number;
    return error;
}

int conflict_index_get(struct store *store, const struct record_key *key, uint64_t *ret_number)
{
    struct buffer value = {0};
    int error = kv_get(store->kv, NULL, record_key_slice(key), &value);
    if (!error) error = conflict_index_decode(key, buffer_slice(&value), ret_number);
    buffer_release(&value);
    return error;
}

int conflict_index_load(struct transaction *tx, const struct record_key *key, uint64_t *ret_number)
{
    int error = transaction_load(tx, key);
    return error ? error : conflict_index_decode(key, buffer_slice(&tx->scratch), ret_number);
}

void conflict_index_put(struct transaction *tx, const struct record_key *key, uint64_t number)
{
    conflict_index_encode(key, number, tx->commit_id, &tx->scratch);
    transaction_put(tx, key, &tx->scratch);
}
