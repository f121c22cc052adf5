/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_TRANSACTION_H
#define OCC_TRANSACTION_H

#include <stdbool.h>

#include "record.h"
#include "store.h"

/*
 * An optimistic transaction over records: what it loads must be unchanged when it commits. The shape of every user:
 *
 *     struct transaction tx;
 *     transaction_init(&tx, store);
 *     do {
 *         transaction_restart(&tx);
 *         error = inode_load(&tx, ino, &inode);      // reads and expects
 *         if (error) break;
 *         ... change, inode_put(&tx, &inode) ...
 *         error = transaction_commit(&tx, durable);  // 0, TRANSACTION_AGAIN or an error
 *     } while (error == TRANSACTION_AGAIN);
 *     transaction_release(&tx);
 *
 * A transaction does not read what it has itself put: load each record once and keep the struct. One that loads must
 * put something before it commits (kv_commit asserts it). Not thread-safe.
 */
struct transaction {
    struct store *store;
    uint64_t commit_id;     /* in every value that this transaction puts */
    unsigned attempts;      /* how often it was restarted */
    struct kv_batch *batch; /* NULL when out of memory: every later call says so */
    struct buffer scratch;  /* for encoding and loading */
    int error;              /* the first failure of a put; transaction_commit returns it */
};

/* A loaded record had changed; nothing was written; restart. Not an error number. */
enum { TRANSACTION_AGAIN = 1 };

void transaction_init(struct transaction *tx, struct store *store);
void transaction_release(struct transaction *tx);
/* Forgets loads and puts and takes a new commit id. */
void transaction_restart(struct transaction *tx);
int transaction_commit(struct transaction *tx, bool durable);

/*
 * For record modules. transaction_load reads the newest value into tx->scratch and adds the expectation that it is
 * so at commit; where the key is absent it expects absence and returns ERR_NOT_FOUND. Loads made through the
 * snapshotless reads of X_get are not validated.
 */
int transaction_load(struct transaction *tx, const struct record_key *key);
void transaction_put(struct transaction *tx, const struct record_key *key, const struct buffer *sealed_value);
void transaction_delete(struct transaction *tx, const struct record_key *key);

/* Deletes every record whose key begins with `prefix`, in as many commits as it takes; for records that nobody can
 * reach any more. */
int transaction_delete_prefix(struct store *store, const struct record_key *prefix);

#endif
