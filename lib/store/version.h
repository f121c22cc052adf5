/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_VERSION_H
#define OCC_VERSION_H

#include <stdint.h>

#include "chunk.h"
#include "hash.h"
#include "inode.h"
#include "transaction.h"

/* Who made a version: as the kernel told it at the time. */
struct author {
    uint32_t uid;
    uint32_t gid;
    uint32_t pid;     /* process, not thread; 0 when it could not be seen */
    char command[16]; /* /proc/PID/comm, NUL-terminated, may be empty */
};

void author_append(struct buffer *value, const struct author *author);
struct author author_read(struct reader *fields);

/* What made a version. Stored: append only. */
enum version_operation {
    VERSION_CREATE = 0,   /* ordinal 0 */
    VERSION_WRITE = 1,    /* a draft's commit */
    VERSION_TRUNCATE = 2, /* truncate(2) by path */
    VERSION_RENAME = 3,   /* another file was renamed over this name */
    VERSION_CONFLICT = 4, /* in a sibling: what a conflicting draft held */
    VERSION_KILLED = 5,   /* abandoned: the writer was killed */
    VERSION_RESOLVE = 6,  /* a draft's commit that resolves a conflict: its second parent is the sibling's */
};

enum { VERSION_PARENTS_MAX = 2, VERSION_MESSAGE_MAX = 4096 };

/*
 * Key: 'v' lineage, ordinal, nonce or 0. One immutable content with its history. Committed versions have 0 in the
 * key's last place, so that an ordinal is committed once; abandoned ones (`VERSION_KILLED`) stand behind the version
 * that their draft was based on, under its ordinal and their own nonce.
 */
struct version {
    struct version_id id;
    bool abandoned;
    uint8_t operation; /* enum version_operation */
    uint8_t parent_count;
    struct version_id parents[VERSION_PARENTS_MAX];
    struct author author;
    struct timespec time;  /* of the commit */
    struct timespec mtime; /* of the content */
    uint32_t mode;         /* owner, group, mode and access list that the file had then */
    uint32_t uid;
    uint32_t gid;
    struct hash128 acl; /* of the list (acl_record.h); zeros: the mode says it all */
    struct content content;
    uint16_t message_size; /* bytes of what its writer said of it; 0: nothing */
};

void version_key(const struct version_id *id, bool abandoned, struct record_key *ret_key);
void version_encode(const struct version *version, uint64_t commit_id, struct buffer *ret_value);
int version_decode(const struct record_key *key, struct slice value, struct version *ret_version);

/* The committed version of that lineage and ordinal; ERR_NOT_FOUND. The nonce is not compared. */
int version_get(struct store *store, uint64_t lineage, uint64_t ordinal, struct version *ret_version);
/* The abandoned version of that id; ERR_NOT_FOUND. */
int version_get_abandoned(struct store *store, const struct version_id *id, struct version *ret_version);
/* Also expects that no version of that key exists yet. */
void version_put(struct transaction *tx, const struct version *version);

/* Visits a lineage's versions from the given ordinal on, oldest first or newest first, abandoned ones among them.
 * Return 0 to go on, 1 to end, negative to fail. */
int version_scan(struct store *store, uint64_t lineage, uint64_t first_ordinal, bool reverse,
                 int (*visit)(void *context, const struct version *version), void *context);

/* Key: 'b' and the version's key. The bytes of a CONTENT_INLINE content; ERR_DAMAGED when absent, since the version
 * says that they are there. */
int body_get(struct store *store, const struct version_id *id, bool abandoned, struct buffer *ret_bytes);
void body_put(struct transaction *tx, const struct version_id *id, bool abandoned, struct slice bytes);

/* Key: 'm' and the version's key. The message of a version that has one (message_size), as it was given; ERR_DAMAGED when absent. */
int message_get(struct store *store, const struct version *version, struct buffer *ret_bytes);
/* 1 to VERSION_MESSAGE_MAX bytes; the version's message_size says how many. */
void message_put(struct transaction *tx, const struct version *version, struct slice bytes);

#endif
