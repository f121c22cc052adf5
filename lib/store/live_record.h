/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_LIVE_RECORD_H
#define OCC_LIVE_RECORD_H

#include "version.h"

/*
 * Key: 'w' ino. What of a live file's content is durable but in no version yet: some chunks stand in a file of their own
 * beside the database, at their place; the others are those of the version `origin`, up to `visible` bytes.
 */
struct live_record {
    uint64_t ino;
    uint64_t generation; /* of the groups and the scratch file that belong to this record; others are left over */
    uint64_t size;       /* bytes of the whole */
    uint64_t visible;    /* bytes of the origin that show through; at most `size` */
    struct version_id origin;
    struct timespec mtime;
};

void live_record_encode(const struct live_record *record, uint64_t commit_id, struct buffer *ret_value);
int live_record_decode(const struct record_key *key, struct slice value, struct live_record *ret_record);

/* ERR_NOT_FOUND when all of the file's content is in versions. */
int live_record_get(struct store *store, uint64_t ino, struct live_record *ret_record);
void live_record_put(struct transaction *tx, const struct live_record *record);
void live_record_delete(struct transaction *tx, uint64_t ino);
/* All of the store. Visitor results as everywhere. */
int live_record_scan(struct store *store, int (*visit)(void *context, const struct live_record *record), void *context);

/* Key: 'W' ino, generation, number. Which of LIVE_GROUP_CHUNKS chunks, from number * LIVE_GROUP_CHUNKS on, stand beside. */
enum { LIVE_GROUP_CHUNKS = 4096 };

struct live_group {
    uint64_t ino;
    uint64_t generation;
    uint64_t number;
    uint8_t bits[LIVE_GROUP_CHUNKS / 8]; /* the lowest bit first */
};

void live_group_encode(const struct live_group *group, uint64_t commit_id, struct buffer *ret_value);
int live_group_decode(const struct record_key *key, struct slice value, struct live_group *ret_group);
void live_group_put(struct transaction *tx, const struct live_group *group);
int live_group_scan(struct store *store, uint64_t ino, uint64_t generation,
                    int (*visit)(void *context, const struct live_group *group), void *context);
/* Deletes the groups of all generations, in as many commits as it takes. */
int live_group_delete_all(struct store *store, uint64_t ino);

#endif
