/* SPDX-License-Identifier: Apache-2.0 */
#include "blob_intents.h"

#include "chunk.h"
#include "log.h"

void blob_intents_init(struct blob_intents *intents, struct store *store)
{
    *intents = (struct blob_intents){.store = store};
}

int blob_intents_new_id(struct blob_intents *intents, uint64_t *ret_id)
{
    struct blob_intent *last = intents->count > 0 ? &intents->ranges[intents->count - 1] : NULL;
    if (!last || last->used == last->count) {
        if (intents->count == INTENTS_MAX) return ERR_FBIG;
        struct blob_intent range = {.count = last ? last->count * 8 : 16};
        int error = store_new_blob_ids(intents->store, range.count, &range.first);
        if (!error) error = intent_commit(intents->store, range.first, range.count);
        if (error) return error;
        last = &intents->ranges[intents->count++];
        *last = range;
    }
    *ret_id = last->first + last->used++;
    return 0;
}

void blob_intents_drop(const struct blob_intents *intents, uint64_t id)
{
    if (intents->unsettled) return;
    int error = blob_delete_range(intents->store->blobs, id, 1);
    if (error) log_warning("a dropped chunk of a draft could not be deleted: %s", error_text(error));
}

void blob_intents_fulfil(const struct blob_intents *intents, struct transaction *tx)
{
    for (unsigned i = 0; i < intents->count; i++)
        intent_delete(tx, intents->ranges[i].first);
}

void blob_intents_forget(struct blob_intents *intents)
{
    intents->count = 0;
    intents->unsettled = false;
}

void blob_intents_unsettled(struct blob_intents *intents)
{
    intents->unsettled = intents->count > 0;
}

void blob_intents_abandon(struct blob_intents *intents)
{
    for (unsigned i = 0; i < intents->count && !intents->unsettled; i++) {
        int error = intent_abandon(intents->store, intents->ranges[i].first, intents->ranges[i].count);
        if (error) log_warning("blobs of a dropped draft stay until the next mount: %s", error_text(error));
    }
    blob_intents_forget(intents);
}
