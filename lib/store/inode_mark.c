/* SPDX-License-Identifier: Apache-2.0 */

/* Records that say no more than the number of an inode: what a crash may leave to be done about it. */
#include "inode.h"

enum { ENCODING = 1 };

static void mark_key(enum record_kind kind, uint64_t ino, struct record_key *ret_key)
{
    record_key_begin(ret_key, kind);
    record_key_u64(ret_key, ino);
}

static void mark_put(struct transaction *tx, enum record_kind kind, uint64_t ino)
{
    struct record_key key;
    mark_key(kind, ino, &key);
    record_begin(&tx->scratch, ENCODING, tx->commit_id);
    record_seal(&tx->scratch, record_key_slice(&key));
    transaction_put(tx, &key, &tx->scratch);
}

static void mark_delete(struct transaction *tx, enum record_kind kind, uint64_t ino)
{
    struct record_key key;
    mark_key(kind, ino, &key);
    transaction_delete(tx, &key);
}

void unlinked_put(struct transaction *tx, uint64_t ino)
{
    mark_put(tx, RECORD_UNLINKED, ino);
}

void unlinked_delete(struct transaction *tx, uint64_t ino)
{
    mark_delete(tx, RECORD_UNLINKED, ino);
}

void anew_put(struct transaction *tx, uint64_t ino)
{
    mark_put(tx, RECORD_ANEW, ino);
}

void anew_delete(struct transaction *tx, uint64_t ino)
{
    mark_delete(tx, RECORD_ANEW, ino);
}

struct mark_context {
    int (*visit)(void *context, uint64_t ino);
    void *context;
};

static int visit_key(void *context, struct slice key, struct slice value)
{
    struct mark_context *marks = context;
    struct reader reader, fields;
    uint8_t encoding;
    int error = record_open(value, key, ENCODING, &encoding, &fields);
    if (!error) error = reader_finish(&fields); /* there are none */
    if (error) return error;
    reader_init(&reader, key);
    reader_u8(&reader);
    uint64_t ino = reader_u64(&reader);
    error = reader_finish(&reader);
    return error ? error : marks->visit(marks->context, ino);
}

static int mark_scan(struct store *store, enum record_kind kind, int (*visit)(void *context, uint64_t ino),
                     void *context)
{
    struct record_key first, end;
    record_key_begin(&first, kind);
    record_key_after(&end, &first);
    const struct kv_range range = {.first = record_key_slice(&first), .end = record_key_slice(&end)};
    struct mark_context marks = {visit, context};
    return kv_scan(store->kv, NULL, &range, visit_key, &marks);
}

int unlinked_scan(struct store *store, int (*visit)(void *context, uint64_t ino), void *context)
{
    return mark_scan(store, RECORD_UNLINKED, visit, context);
}

int anew_scan(struct store *store, int (*visit)(void *context, uint64_t ino), void *context)
{
    return mark_scan(store, RECORD_ANEW, visit, context);
}
