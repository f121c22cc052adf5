/* SPDX-License-Identifier: Apache-2.0 */
#include "transaction.h"

enum { DELETES_PER_COMMIT = 32 };

void transaction_init(struct transaction *tx, struct store *store)
{
    *tx = (struct transaction){.store = store, .batch = kv_batch_new()};
    transaction_restart(tx);
    tx->attempts = 0;
}

void transaction_release(struct transaction *tx)
{
    kv_batch_free(tx->batch);
    buffer_release(&tx->scratch);
}

void transaction_restart(struct transaction *tx)
{
    tx->attempts++;
    tx->commit_id = store_random();
    tx->error = tx->batch ? 0 : ERR_NOMEM;
    if (tx->batch) kv_batch_clear(tx->batch);
}

int transaction_commit(struct transaction *tx, bool durable)
{
    if (tx->error) return tx->error;
    enum kv_outcome outcome;
    int error = kv_commit(tx->store->kv, tx->batch, durable, &outcome);
    if (error) return error;
    return outcome == KV_DONE ? 0 : TRANSACTION_AGAIN;
}

int transaction_load(struct transaction *tx, const struct record_key *key)
{
    if (!tx->batch) return ERR_NOMEM;
    int error = kv_get(tx->store->kv, NULL, record_key_slice(key), &tx->scratch);
    if (!error) kv_batch_expect(tx->batch, record_key_slice(key), buffer_slice(&tx->scratch));
    else if (error == ERR_NOT_FOUND) kv_batch_expect_absent(tx->batch, record_key_slice(key));
    return error;
}

void transaction_put(struct transaction *tx, const struct record_key *key, const struct buffer *sealed_value)
{
    if (!tx->error) tx->error = buffer_failed(sealed_value);
    if (!tx->error) kv_batch_put(tx->batch, record_key_slice(key), buffer_slice(sealed_value));
}

void transaction_delete(struct transaction *tx, const struct record_key *key)
{
    if (!tx->error) kv_batch_delete(tx->batch, record_key_slice(key));
}

static int visit_delete(void *context, struct slice key, struct slice value)
{
    (void)value;
    struct transaction *tx = context;
    struct record_key copy = {.size = 0};
    if (key.size > sizeof copy.bytes) return ERR_DAMAGED;
    record_key_bytes(&copy, key);
    transaction_delete(tx, &copy);
    return 0;
}

int transaction_delete_prefix(struct store *store, const struct record_key *prefix)
{
    struct record_key end;
    record_key_after(&end, prefix);
    const struct kv_range range = {
        .first = record_key_slice(prefix), .end = record_key_slice(&end), .limit = DELETES_PER_COMMIT};
    struct transaction tx;
    const struct kv_operation *operations;
    transaction_init(&tx, store);
    int error;
    do {
        transaction_restart(&tx);
        error = kv_scan(store->kv, NULL, &range, visit_delete, &tx);
        if (!error) error = tx.error;
        if (error || kv_batch_operations(tx.batch, &operations) == 0) break;
        error = transaction_commit(&tx, false);
    } while (!error);
    transaction_release(&tx);
    return error;
}
