/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_STORE_H
#define OCC_STORE_H

#include <stdatomic.h>
#include <stdint.h>

#include "blob.h"
#include "kv.h"
#include "mutex.h"
#include "superblock.h"

/*
 * An open store: the two engines and what every record module needs. The record modules beside this one encode,
 * decode and find their records; they know nothing of what the records mean together (that is lib/occ).
 *
 * Reading a record: `X_get` reads the newest; `X_load` reads it into a transaction, which then commits only if
 * the record has not changed. Writing: `X_put` and `X_delete` add to a transaction. All out-structures are
 * plain values unless a module says otherwise.
 */
struct id_range {
    uint64_t next;
    uint64_t end;
};

struct store {
    struct kv *kv;
    struct blobs *blobs;
    struct superblock superblock;       /* immutable after store_open */
    uint8_t dirent_key[TOKEN_KEY_SIZE]; /* of the hash of names; derived from token_key */

    struct mutex id_lock;
    struct id_range inos;     /* guarded by id_lock */
    struct id_range lineages; /* guarded by id_lock */
    struct id_range blob_ids; /* guarded by id_lock */
};

/*
 * Takes over both engines (also on failure, when they are freed) and reads the superblock; where the engine is empty,
 * makes a new store: superblock, root directory (owner uid, gid of the caller, mode 0755) and .occ, durable before it
 * returns. ERR_NOT_A_STORE when the engine holds something else, ERR_NEWER_FORMAT, ERR_DAMAGED.
 */
int store_open(struct kv *kv, struct blobs *blobs, struct store **ret_store);

/* Syncs and closes; NULL is fine. */
void store_close(struct store *store);

/* Fresh numbers, never handed out before. */
int store_new_ino(struct store *store, uint64_t *ret_ino);
int store_new_lineage(struct store *store, uint64_t *ret_lineage);
/* `count` consecutive blob ids. */
int store_new_blob_ids(struct store *store, uint64_t count, uint64_t *ret_first);

/* A random nonzero number, from a generator fit for keys. */
uint64_t store_random(void);

#endif
