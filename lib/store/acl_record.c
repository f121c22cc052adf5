/* SPDX-License-Identifier: Apache-2.0 */
#include "acl_record.h"

#include <assert.h>
#include <sodium.h>

enum { ENCODING = 1, LIST_MAX = 32 * 1024 };

static void acl_key(const struct hash128 *hash, struct record_key *ret_key)
{
    record_key_begin(ret_key, RECORD_ACL);
    record_key_bytes(ret_key, SLICE(hash->bytes, sizeof hash->bytes));
}

struct hash128 acl_record_hash(struct slice list)
{
    struct hash128 hash;
    _Static_assert(sizeof hash.bytes >= crypto_generichash_BYTES_MIN, "a BLAKE2b hash may be as short");
    crypto_generichash(hash.bytes, sizeof hash.bytes, list.data, list.size, NULL, 0);
    return hash;
}

int acl_record_get(struct store *store, const struct hash128 *hash, struct buffer *ret_list)
{
    struct record_key key;
    struct buffer value = {0};
    acl_key(hash, &key);
    int error = kv_get(store->kv, NULL, record_key_slice(&key), &value);
    struct reader fields;
    uint8_t encoding;
    if (!error) error = record_open(buffer_slice(&value), record_key_slice(&key), ENCODING, &encoding, &fields);
    if (!error) {
        struct slice list = reader_blob(&fields);
        error = reader_finish(&fields);
        buffer_clear(ret_list);
        if (!error) buffer_append(ret_list, list);
        if (!error) error = buffer_failed(ret_list);
    }
    buffer_release(&value);
    return error == ERR_NOT_FOUND ? ERR_DAMAGED : error;
}

int acl_record_keep(struct transaction *tx, struct slice list, struct hash128 *ret_hash)
{
    assert(list.size > 0 && list.size <= LIST_MAX);
    const struct hash128 hash = acl_record_hash(list);
    struct record_key key;
    acl_key(&hash, &key);
    int error = kv_get(tx->store->kv, NULL, record_key_slice(&key), &tx->scratch);
    if (error && error != ERR_NOT_FOUND) return error;
    if (error == ERR_NOT_FOUND) {
        record_begin(&tx->scratch, ENCODING, tx->commit_id);
        buffer_append_blob(&tx->scratch, list);
        record_seal(&tx->scratch, record_key_slice(&key));
        transaction_put(tx, &key, &tx->scratch);
    }
    *ret_hash = hash;
    return 0;
}
