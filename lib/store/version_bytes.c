/* SPDX-License-Identifier: Apache-2.0 */
#include "version.h"

#include <assert.h>

enum { ENCODING = 1 };

static void body_key(const struct version_id *id, bool abandoned, struct record_key *ret_key)
{
    version_key(id, abandoned, ret_key);
    ret_key->bytes[0] = RECORD_BODY;
}

int body_get(struct store *store, const struct version_id *id, bool abandoned, struct buffer *ret_bytes)
{
    struct record_key key;
    struct buffer value = {0};
    body_key(id, abandoned, &key);
    int error = kv_get(store->kv, NULL, record_key_slice(&key), &value);
    struct reader fields;
    uint8_t encoding;
    if (!error) error = record_open(buffer_slice(&value), record_key_slice(&key), ENCODING, &encoding, &fields);
    if (!error) {
        struct slice bytes = reader_blob(&fields);
        error = reader_finish(&fields);
        if (!error && bytes.size > CONTENT_INLINE_MAX) error = ERR_DAMAGED;
        buffer_clear(ret_bytes);
        if (!error) buffer_append(ret_bytes, bytes);
        if (!error) error = buffer_failed(ret_bytes);
    }
    buffer_release(&value);
    return error == ERR_NOT_FOUND ? ERR_DAMAGED : error; /* its version says that there is one */
}

void body_put(struct transaction *tx, const struct version_id *id, bool abandoned, struct slice bytes)
{
    assert(bytes.size <= CONTENT_INLINE_MAX);
    struct record_key key;
    body_key(id, abandoned, &key);
    record_begin(&tx->scratch, ENCODING, tx->commit_id);
    buffer_append_blob(&tx->scratch, bytes);
    record_seal(&tx->scratch, record_key_slice(&key));
    transaction_put(tx, &key, &tx->scratch);
}
