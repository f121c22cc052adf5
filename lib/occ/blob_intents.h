/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_BLOB_INTENTS_H
#define OCC_BLOB_INTENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "transaction.h"

/*
 * Blob ids of a draft, each under an intent (chunk.h): what is written under them goes again unless a commit names it.
 *
 *     blob_intents_new_id ... blob_put ...
 *     blob_intents_fulfil in the transaction that names the blobs; once it is committed blob_intents_forget
 *     else blob_intents_abandon
 *
 * When the outcome of that commit is unknown (blob_intents_unsettled) neither is right: the blobs may be named. Nothing is
 * deleted then; the records stay, unless the commit has happened, and the next mount sees to the rest.
 * Not thread-safe.
 */
struct blob_intent {
    uint64_t first;
    uint64_t count;
    uint64_t used;
};

enum { INTENTS_MAX = 12 }; /* each range 8 times the one before: beyond 2^40 blobs */

struct blob_intents {
    struct store *store;
    struct blob_intent ranges[INTENTS_MAX];
    unsigned count;
    bool unsettled;
};

void blob_intents_init(struct blob_intents *intents, struct store *store);

int blob_intents_new_id(struct blob_intents *intents, uint64_t *ret_id);

/* Deletes one blob that was put under such an id and that nothing shall name. A failure is logged: at worst it stays. */
void blob_intents_drop(const struct blob_intents *intents, uint64_t id);

void blob_intents_fulfil(const struct blob_intents *intents, struct transaction *tx);
void blob_intents_forget(struct blob_intents *intents);
void blob_intents_unsettled(struct blob_intents *intents);
void blob_intents_abandon(struct blob_intents *intents);

#endif
