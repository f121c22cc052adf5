/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_CONFLICT_RECORD_H
#define OCC_CONFLICT_RECORD_H

#include "version.h"

/*
 * Key: 'c' target lineage, sibling ino. One conflict that stands in a sibling: enough to tell people, to find
 * the ancestor of a merge, and to recognise the same process trying again.
 */
struct conflict_record {
    uint64_t target_lineage;
    uint64_t sibling;       /* ino */
    uint8_t operation;      /* enum version_operation of what was tried */
    struct version_id base; /* what the writer had read */
    struct version_id head; /* what stood there when it tried */
    struct author writer;
    uint64_t writer_started; /* start time of the process in clock ticks since boot; tells reused pids apart */
    struct timespec time;
    uint64_t size;
    struct hash128 hash;
    uint32_t retry_after_ms;
    char target[256];   /* the file's name in the directory when it happened, NUL-terminated */
    char name[256];     /* the sibling's own name */
    uint64_t directory; /* ino of where it was put */
};

void conflict_record_encode(const struct conflict_record *record, uint64_t commit_id, struct buffer *ret_value);
int conflict_record_decode(const struct record_key *key, struct slice value, struct conflict_record *ret_record);

int conflict_record_get(struct store *store, uint64_t target_lineage, uint64_t sibling,
                        struct conflict_record *ret_record);
int conflict_record_load(struct transaction *tx, uint64_t target_lineage, uint64_t sibling,
                         struct conflict_record *ret_record);
void conflict_record_put(struct transaction *tx, const struct conflict_record *record);
void conflict_record_delete(struct transaction *tx, uint64_t target_lineage, uint64_t sibling);
/* All conflicts of one file, in the order of the siblings' numbers. Visitor results as everywhere. */
int conflict_record_scan(struct store *store, uint64_t target_lineage,
                         int (*visit)(void *context, const struct conflict_record *record), void *context);
/* All conflicts of the store. */
int conflict_record_scan_all(struct store *store, int (*visit)(void *context, const struct conflict_record *record),
                             void *context);

#endif
