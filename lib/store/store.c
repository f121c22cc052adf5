/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "inode.h"
#include "occ_directory.h"

enum { INO_RANGE = 64 * 1024, LINEAGE_RANGE = 64 * 1024, BLOB_RANGE = 1024 * 1024 };

uint64_t store_random(void)
{
    /* Asked on every commit: drawn from the kernel a page at a time, per thread. */
    static __thread uint64_t drawn[64];
    static __thread unsigned left;
    uint64_t value;
    do {
        if (left == 0) {
            randombytes_buf(drawn, sizeof drawn);
            left = sizeof drawn / sizeof drawn[0];
        }
        value = drawn[--left];
        drawn[left] = 0; /* used once */
    } while (value == 0);
    return value;
}

static int visit_foreign(void *context, struct slice key, struct slice value)
{
    (void)key;
    (void)value;
    *(bool *)context = true;
    return 1;
}

/* Whether the engine holds anything, on either side of the sequences, which a store that was not finished may have. */
static int holds_anything(struct kv *kv, bool *ret_holds)
{
    static const uint8_t sequences = KV_SEQUENCE_PREFIX, behind = KV_SEQUENCE_PREFIX + 1;
    const struct kv_range ranges[] = {
        {.end = SLICE(&sequences, 1), .limit = 1},
        {.first = SLICE(&behind, 1), .limit = 1},
    };
    bool holds = false;
    int error = kv_scan(kv, NULL, &ranges[0], visit_foreign, &holds);
    if (!error && !holds) error = kv_scan(kv, NULL, &ranges[1], visit_foreign, &holds);
    if (!error) *ret_holds = holds;
    return error;
}

/* Names are hashed under a key of their own, so that nothing about tokens can be learnt from positions. */
static void derive_keys(struct store *store)
{
    static const char purpose[] = "occfs directory positions";
    _Static_assert(TOKEN_KEY_SIZE >= crypto_generichash_KEYBYTES_MIN, "the token key can key a derivation");
    crypto_generichash(store->dirent_key, sizeof store->dirent_key, (const uint8_t *)purpose, sizeof purpose,
                       store->superblock.token_key, TOKEN_KEY_SIZE);
}

static int store_create(struct store *store)
{
    bool foreign;
    int error = holds_anything(store->kv, &foreign);
    if (error) return error;
    if (foreign) return ERR_NOT_A_STORE;

    struct timespec now = clock_now();
    store->superblock = (struct superblock){.format = STORE_FORMAT, .created = now};
    randombytes_buf(store->superblock.store_id, STORE_ID_SIZE);
    randombytes_buf(store->superblock.token_key, TOKEN_KEY_SIZE);
    derive_keys(store);
    struct inode root = {.ino = ROOT_INO,
                         .mode = S_IFDIR | 0755,
                         .uid = geteuid(),
                         .gid = getegid(),
                         .nlink = 2,
                         .atime = now,
                         .mtime = now,
                         .ctime = now,
                         .btime = now,
                         .parent = ROOT_INO};
    struct transaction tx;
    struct record_key key;
    transaction_init(&tx, store);
    superblock_key(&key);
    error = transaction_load(&tx, &key); /* expects absence */
    if (error == ERR_NOT_FOUND) {
        superblock_encode(&store->superblock, tx.commit_id, &tx.scratch);
        transaction_put(&tx, &key, &tx.scratch);
        inode_put(&tx, &root);
        occ_directory_put(&tx, &root);
        error = transaction_commit(&tx, true);
    }
    transaction_release(&tx);
    return error == TRANSACTION_AGAIN ? ERR_STORE_IN_USE : error;
}

static int store_resume(struct store *store, struct slice superblock)
{
    int error = superblock_decode(superblock, &store->superblock);
    if (error) return error;
    derive_keys(store);
    return occ_directory_ensure(store);
}

int store_open(struct kv *kv, struct blobs *blobs, struct store **ret_store)
{
    struct store *store = calloc(1, sizeof *store);
    struct buffer value = {0};
    int error = store && sodium_init() >= 0 ? 0 : ERR_NOMEM;
    if (error) {
        kv_free(kv);
        blobs_free(blobs);
        free(store);
        return error;
    }
    store->kv = kv;
    store->blobs = blobs;
    mutex_init(&store->id_lock);
    struct record_key key;
    superblock_key(&key);
    error = kv_get(kv, NULL, record_key_slice(&key), &value);
    if (error == ERR_NOT_FOUND) error = store_create(store);
    else if (!error) error = store_resume(store, buffer_slice(&value));
    buffer_release(&value);
    if (error) {
        store_close(store);
        return error;
    }
    *ret_store = store;
    return 0;
}

void store_close(struct store *store)
{
    if (!store) return;
    kv_sync(store->kv); /* what was acknowledged is safe already; this only saves a replay */
    kv_free(store->kv);
    blobs_free(store->blobs);
    mutex_release(&store->id_lock);
    sodium_memzero(store, sizeof *store); /* the keys */
    free(store);
}

/* Takes `count` consecutive numbers out of the range, which is filled from the sequence when it is short. */
static int take_ids_locked(struct store *store, struct id_range *range, const char *sequence, uint64_t refill,
                           uint64_t count, uint64_t *ret_first)
{
    mutex_assert_held(&store->id_lock);
    if (range->end - range->next < count) {
        uint64_t first, size = count > refill ? count : refill;
        int error = kv_reserve_ids(store->kv, sequence, size, &first);
        if (error) return error;
        *range = (struct id_range){.next = first, .end = first + size};
    }
    *ret_first = range->next;
    range->next += count;
    return 0;
}

static int take_ids(struct store *store, struct id_range *range, const char *sequence, uint64_t refill, uint64_t count,
                    uint64_t *ret_first)
{
    mutex_lock(&store->id_lock);
    int error = take_ids_locked(store, range, sequence, refill, count, ret_first);
    mutex_unlock(&store->id_lock);
    return error;
}

int store_new_ino(struct store *store, uint64_t *ret_ino)
{
    int error = take_ids(store, &store->inos, "ino", INO_RANGE, 1, ret_ino);
    if (!error) *ret_ino += ROOT_INO; /* the sequence begins at 1, which is the root's */
    return error;
}

int store_new_lineage(struct store *store, uint64_t *ret_lineage)
{
    return take_ids(store, &store->lineages, "lineage", LINEAGE_RANGE, 1, ret_lineage);
}

int store_new_blob_ids(struct store *store, uint64_t count, uint64_t *ret_first)
{
    return take_ids(store, &store->blob_ids, "blob", BLOB_RANGE, count, ret_first);
}
