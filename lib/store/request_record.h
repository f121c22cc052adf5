/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_REQUEST_RECORD_H
#define OCC_REQUEST_RECORD_H

#include "version.h"

/* An id has 1 to REQUEST_ID_MAX bytes, without NUL. */
enum { REQUEST_ID_MAX = 128 };

/*
 * Key: 'q' lineage, id. A commit that its writer gave an id, so that it can be asked for again when its answer was lost. Beside it
 * stands 'Q' time, lineage, id, without fields: by that those that have expired are found, in the order of time. 'Q' alone says up to which
 * second they are gone.
 */
struct request_record {
    uint64_t lineage;
    char id[REQUEST_ID_MAX + 1];
    struct version_id version; /* what it made or, where nothing was to be made, found */
    bool appended;             /* what was written is what the version holds from `from` on; else all of it */
    uint64_t from;
    struct timespec time;
};

void request_record_encode(const struct request_record *record, uint64_t commit_id, struct buffer *ret_value);
int request_record_decode(const struct record_key *key, struct slice value, struct request_record *ret_record);

/* ERR_NOT_FOUND. */
int request_record_get(struct store *store, uint64_t lineage, const char *id, struct request_record *ret_record);
int request_record_load(struct transaction *tx, uint64_t lineage, const char *id, struct request_record *ret_record);
void request_record_put(struct transaction *tx, const struct request_record *record);

/* Deletes some of those that are older than `before` (seconds), the oldest first, in one small commit. Returns how many in *ret_count: 0
 * when there are none. */
int request_record_expire(struct store *store, uint64_t before, size_t *ret_count);

#endif
