/* SPDX-License-Identifier: Apache-2.0 */

/* Bytes that belong to one version, in a record of their own: its content if that is small, and what its writer said of it. */
#include "version.h"

#include <assert.h>

enum { ENCODING = 1 };

static void bytes_key(enum record_kind kind, const struct version_id *id, bool abandoned, struct record_key *ret_key)
{
    version_key(id, abandoned, ret_key);
    ret_key->bytes[0] = kind;
}

/* The version says that they are there, and that there are no fewer and no more. */
static int bytes_get(struct store *store, const struct record_key *key, size_t least, size_t most,
                     struct buffer *ret_bytes)
{
    struct buffer value = {0};
    int error = kv_get(store->kv, NULL, record_key_slice(key), &value);
    struct reader fields;
    uint8_t encoding;
    if (!error) error = record_open(buffer_slice(&value), record_key_slice(key), ENCODING, &encoding, &fields);
    if (!error) {
        struct slice bytes = reader_blob(&fields);
        error = reader_finish(&fields);
        if (!error && (bytes.size < least || bytes.size > most)) error = ERR_DAMAGED;
        buffer_clear(ret_bytes);
        if (!error) buffer_append(ret_bytes, bytes);
        if (!error) error = buffer_failed(ret_bytes);
    }
    buffer_release(&value);
    return error == ERR_NOT_FOUND ? ERR_DAMAGED : error;
}

static void bytes_put(struct transaction *tx, const struct record_key *key, struct slice bytes)
{
    record_begin(&tx->scratch, ENCODING, tx->commit_id);
    buffer_append_blob(&tx->scratch, bytes);
    record_seal(&tx->scratch, record_key_slice(key));
    transaction_put(tx, key, &tx->scratch);
}

int body_get(struct store *store, const struct version_id *id, bool abandoned, struct buffer *ret_bytes)
{
    struct record_key key;
    bytes_key(RECORD_BODY, id, abandoned, &key);
    return bytes_get(store, &key, 0, CONTENT_INLINE_MAX, ret_bytes);
}

void body_put(struct transaction *tx, const struct version_id *id, bool abandoned, struct slice bytes)
{
    assert(bytes.size <= CONTENT_INLINE_MAX);
    struct record_key key;
    bytes_key(RECORD_BODY, id, abandoned, &key);
    bytes_put(tx, &key, bytes);
}

int message_get(struct store *store, const struct version *version, struct buffer *ret_bytes)
{
    struct record_key key;
    bytes_key(RECORD_MESSAGE, &version->id, version->abandoned, &key);
    return bytes_get(store, &key, version->message_size, version->message_size, ret_bytes);
}

void message_put(struct transaction *tx, const struct version *version, struct slice bytes)
{
    assert(bytes.size > 0 && bytes.size == version->message_size);
    struct record_key key;
    bytes_key(RECORD_MESSAGE, &version->id, version->abandoned, &key);
    bytes_put(tx, &key, bytes);
}
