/* SPDX-License-Identifier: Apache-2.0 */
#include "inode.h"

enum { ENCODING = 1 };

static void unlinked_key(uint64_t ino, struct record_key *ret_key)
{
    record_key_begin(ret_key, RECORD_UNLINKED);
    record_key_u64(ret_key, ino);
}

void unlinked_put(struct transaction *tx, uint64_t ino)
{
    struct record_key key;
    unlinked_key(ino, &key);
    record_begin(&tx->scratch, ENCODING, tx->commit_id);
    record_seal(&tx->scratch, record_key_slice(&key));
    transaction_put(tx, &key, &tx->scratch);
}

void unlinked_delete(struct transaction *tx, uint64_t ino)
{
    struct record_key key;
    unlinked_key(ino, &key);
    transaction_delete(tx, &key);
}

struct unlinked_context {
    int (*visit)(void *context, uint64_t ino);
    void *context;
};

static int visit_key(void *context, struct slice key, struct slice value)
{
    struct unlinked_context *unlinked = context;
    struct reader reader, fields;
    uint8_t encoding;
    int error = record_open(value, key, ENCODING, &encoding, &fields);
    if (!error) error = reader_finish(&fields); /* there are none */
    if (error) return error;
    reader_init(&reader, key);
    reader_u8(&reader);
    uint64_t ino = reader_u64(&reader);
    error = reader_finish(&reader);
    return error ? error : unlinked->visit(unlinked->context, ino);
}

int unlinked_scan(struct store *store, int (*visit)(void *context, uint64_t ino), void *context)
{
    struct record_key first, end;
    record_key_begin(&first, RECORD_UNLINKED);
    record_key_after(&end, &first);
    const struct kv_range range = {.first = record_key_slice(&first), .end = record_key_slice(&end)};
    struct unlinked_context unlinked = {visit, context};
    return kv_scan(store->kv, NULL, &range, visit_key, &unlinked);
}
