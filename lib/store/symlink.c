/* SPDX-License-Identifier: Apache-2.0 */
#include "inode.h"

#include <assert.h>

enum { ENCODING = 1 };

static void symlink_key(uint64_t ino, struct record_key *ret_key)
{
    record_key_begin(ret_key, RECORD_SYMLINK);
    record_key_u64(ret_key, ino);
}

int symlink_get(struct store *store, uint64_t ino, struct buffer *ret_target)
{
    struct record_key key;
    struct buffer value = {0};
    symlink_key(ino, &key);
    int error = kv_get(store->kv, NULL, record_key_slice(&key), &value);
    struct reader fields;
    uint8_t encoding;
    if (!error) error = record_open(buffer_slice(&value), record_key_slice(&key), ENCODING, &encoding, &fields);
    if (!error) {
        struct slice target = reader_blob(&fields);
        error = reader_finish(&fields);
        if (!error && (target.size == 0 || target.size > SYMLINK_TARGET_MAX)) error = ERR_DAMAGED;
        buffer_clear(ret_target);
        if (!error) buffer_append(ret_target, target);
        if (!error) error = buffer_failed(ret_target);
    }
    buffer_release(&value);
    return error == ERR_NOT_FOUND ? ERR_NOENT : error;
}

void symlink_put(struct transaction *tx, uint64_t ino, struct slice target)
{
    assert(target.size > 0 && target.size <= SYMLINK_TARGET_MAX);
    struct record_key key;
    symlink_key(ino, &key);
    record_begin(&tx->scratch, ENCODING, tx->commit_id);
    buffer_append_blob(&tx->scratch, target);
    record_seal(&tx->scratch, record_key_slice(&key));
    transaction_put(tx, &key, &tx->scratch);
}

void symlink_delete(struct transaction *tx, uint64_t ino)
{
    struct record_key key;
    symlink_key(ino, &key);
    transaction_delete(tx, &key);
}
