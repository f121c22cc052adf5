/* SPDX-License-Identifier: Apache-2.0 */
#include "chunk.h"
#include "transaction.h"

enum { ENCODING = 1, PAGE = 64 };

static void intent_key(uint64_t first, struct record_key *ret_key)
{
    record_key_begin(ret_key, RECORD_INTENT);
    record_key_u64(ret_key, first);
}

int intent_commit(struct store *store, uint64_t first, uint64_t count)
{
    struct transaction tx;
    struct record_key key;
    transaction_init(&tx, store);
    intent_key(first, &key);
    record_begin(&tx.scratch, ENCODING, tx.commit_id);
    buffer_append_u64(&tx.scratch, count);
    record_seal(&tx.scratch, record_key_slice(&key));
    transaction_put(&tx, &key, &tx.scratch);
    int error = transaction_commit(&tx, false);
    transaction_release(&tx);
    return error;
}

void intent_delete(struct transaction *tx, uint64_t first)
{
    struct record_key key;
    intent_key(first, &key);
    transaction_delete(tx, &key);
}

int intent_abandon(struct store *store, uint64_t first, uint64_t count)
{
    struct transaction tx;
    int error = blob_delete_range(store->blobs, first, count);
    if (error) return error;
    transaction_init(&tx, store);
    intent_delete(&tx, first);
    error = transaction_commit(&tx, false);
    transaction_release(&tx);
    return error;
}

struct intent_page {
    uint64_t first[PAGE];
    uint64_t count[PAGE];
    size_t size;
};

static int visit_intent(void *context, struct slice key, struct slice value)
{
    struct intent_page *page = context;
    struct reader place, fields;
    uint8_t encoding;
    int error = record_open(value, key, ENCODING, &encoding, &fields);
    if (error) return error;
    reader_init(&place, key);
    reader_u8(&place);
    uint64_t first = reader_u64(&place), count = reader_u64(&fields);
    error = reader_finish(&place);
    if (!error) error = reader_finish(&fields);
    /* What is read here is deleted without another look. */
    if (!error && (first == 0 || count == 0 || count > UINT64_MAX - first)) error = ERR_DAMAGED;
    if (error) return error;
    page->first[page->size] = first;
    page->count[page->size++] = count;
    return 0;
}

int intent_abandon_all(struct store *store, uint64_t *ret_count)
{
    struct record_key first, end;
    record_key_begin(&first, RECORD_INTENT);
    record_key_after(&end, &first);
    const struct kv_range range = {.first = record_key_slice(&first), .end = record_key_slice(&end), .limit = PAGE};
    uint64_t count = 0;
    struct intent_page page;
    do {
        page.size = 0;
        int error = kv_scan(store->kv, NULL, &range, visit_intent, &page);
        for (size_t i = 0; i < page.size && !error; i++)
            error = intent_abandon(store, page.first[i], page.count[i]);
        if (error) return error;
        count += page.size;
    } while (page.size > 0);
    *ret_count = count;
    return 0;
}
