/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_LAST_RECORD_H
#define OCC_LAST_RECORD_H

#include "version.h"

/* What a record tells of. Stored: append only. */
enum last_kind {
    LAST_CONFLICT = 1, /* a draft, or what was to be renamed over the file, went to a sibling */
    LAST_KILLED = 2,   /* a writer was killed: what it wrote is an abandoned version behind `base` */
};

/*
 * Key: 'L' lineage. The last time that what was written to a file did not become its next version. One per file: the next
 * one takes its place.
 */
struct last_record {
    uint64_t lineage;
    uint8_t kind;           /* enum last_kind */
    uint8_t operation;      /* enum version_operation of what was tried */
    struct version_id base; /* what the writer had read */
    struct version_id head; /* what stood there when it tried */
    struct author writer;
    struct timespec time;
    uint64_t size;      /* bytes that were kept */
    uint64_t directory; /* of a conflict: ino of where the sibling was put; else 0 */
    char sibling[256];  /* its name there, NUL-terminated; else empty */
};

void last_record_encode(const struct last_record *record, uint64_t commit_id, struct buffer *ret_value);
int last_record_decode(const struct record_key *key, struct slice value, struct last_record *ret_record);

/* ERR_NOT_FOUND when there never was a conflict or a killed writer. */
int last_record_get(struct store *store, uint64_t lineage, struct last_record *ret_record);
void last_record_put(struct transaction *tx, const struct last_record *record);

#endif
