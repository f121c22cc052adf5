/* SPDX-License-Identifier: Apache-2.0 */
#include "transaction.h"

void transaction_init(struct transaction *tx, struct store *store)
{
    *tx = (struct transaction){.store = store, .batch = kv_batch_new()};
    transaction_restart(tx);
}

void transaction_release(struct transaction *tx)
{
    kv_batch_free(tx->batch);
    buffer_release(&tx->scratch);
}

void transaction_restart(struct transaction *tx)
{
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
