/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_KV_H
#define OCC_KV_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "error.h"

/*
 * The record engine: an ordered map from keys to small values with snapshots and commits that
 * carry preconditions. Everything above this interface is written so that several processes on several
 * hosts may share one engine: nobody caches a value without a precondition on it when writing.
 *
 * Promises of every engine:
 *  1. A commit is atomic: readers, scans and a restart see all of it or nothing.
 *  2. It happens only if all of its conditions held at one moment, that of the commit.
 *  3. A read that starts after a commit has returned sees it. Snapshots see one moment.
 *  4. After a commit has returned KV_DONE it survives the death of this process; if it was durable, or
 *     kv_sync has returned 0 since, it survives loss of power.
 *  5. After loss of power the engine holds a prefix of the commits in their order.
 *  6. The portable limits below are asserted, so that no caller comes to rely on a richer engine.
 * All calls are thread-safe.
 */
enum {
    KV_KEY_MAX = 1024,                /* bytes */
    KV_VALUE_MAX = 64 * 1024,         /* bytes */
    KV_BATCH_OPERATIONS_MAX = 100,    /* puts and deletes in one commit */
    KV_BATCH_BYTES_MAX = 1024 * 1024, /* keys and values of these, in all */
};

/* ---- a batch: what a commit does, and on what condition ---- */

struct kv_operation {
    bool put; /* else delete; deleting an absent key is no error */
    struct slice key;
    struct slice value; /* of a put */
};

struct kv_condition {
    struct slice key;
    bool present;       /* else the key must be absent */
    struct slice value; /* what it must be, byte for byte */
};

/* Owns copies of all keys and values that were added. Out of memory is remembered and reported by
 * kv_commit. */
struct kv_batch;

struct kv_batch *kv_batch_new(void); /* NULL when out of memory */
void kv_batch_free(struct kv_batch *batch);
void kv_batch_clear(struct kv_batch *batch);
void kv_batch_put(struct kv_batch *batch, struct slice key, struct slice value);
void kv_batch_delete(struct kv_batch *batch, struct slice key);
void kv_batch_expect(struct kv_batch *batch, struct slice key, struct slice value);
void kv_batch_expect_absent(struct kv_batch *batch, struct slice key);

/* For engines and decorators. Pointers stay valid until the batch changes. */
size_t kv_batch_operations(const struct kv_batch *batch, const struct kv_operation **ret_operations);
size_t kv_batch_conditions(const struct kv_batch *batch, const struct kv_condition **ret_conditions);

enum kv_outcome {
    KV_DONE,
    KV_CONDITION_FALSE, /* somebody else was first; nothing happened */
    KV_UNKNOWN,         /* engines only: the answer was lost; kv_commit settles it */
};

/* ---- the engine ---- */

struct kv;
struct kv_snapshot;

/* One key and value of a scan; valid during the call. Return 0 to go on, 1 to end the scan
 * without an error, a negative error to end it with that. */
typedef int kv_visit(void *context, struct slice key, struct slice value);

struct kv_range {
    struct slice first; /* inclusive */
    struct slice end;   /* exclusive; empty means no bound */
    bool reverse;       /* from the last key of the range to the first */
    size_t limit;       /* at most so many keys; 0 means no limit */
};

/* What one commit did in a watched range, in the order of its batch; valid during the call. */
typedef void kv_watch_visit(void *context, const struct kv_operation *operations, size_t count);

struct kv_watch;

struct kv_engine {
    const char *name;
    int (*get)(struct kv *kv, const struct kv_snapshot *snapshot, struct slice key, struct buffer *ret_value);
    int (*scan)(struct kv *kv, const struct kv_snapshot *snapshot, const struct kv_range *range, kv_visit *visit,
                void *context);
    int (*snapshot)(struct kv *kv, struct kv_snapshot **ret_snapshot);
    void (*snapshot_free)(struct kv *kv, struct kv_snapshot *snapshot);
    /* May answer KV_UNKNOWN. Checks limits by kv_batch_assert_limits. */
    int (*commit)(struct kv *kv, const struct kv_batch *batch, bool durable, enum kv_outcome *ret_outcome);
    int (*sync)(struct kv *kv);
    int (*watch)(struct kv *kv, const struct kv_range *range, kv_watch_visit *visit, void *context,
                 struct kv_snapshot **ret_snapshot, struct kv_watch **ret_watch);
    void (*watch_cancel)(struct kv *kv, struct kv_watch *watch);
    void (*free)(struct kv *kv);
};

/* Engines and decorators embed this as their first member. */
struct kv {
    const struct kv_engine *engine;
};

/* Reads `key` from the snapshot, or the newest state when that is NULL, into ret_value (cleared first).
 * ERR_NOT_FOUND when absent. */
int kv_get(struct kv *kv, const struct kv_snapshot *snapshot, struct slice key, struct buffer *ret_value);

/* Visits the range in key order, all from one moment (the snapshot's, or the scan's beginning). The
 * visitor may call the engine. Returns 0 or the error of the engine or the visitor. */
int kv_scan(struct kv *kv, const struct kv_snapshot *snapshot, const struct kv_range *range, kv_visit *visit,
            void *context);

int kv_snapshot(struct kv *kv, struct kv_snapshot **ret_snapshot);
void kv_snapshot_free(struct kv *kv, struct kv_snapshot *snapshot);

/*
 * Commits the batch. 0 and KV_DONE or KV_CONDITION_FALSE, or an error, after which nothing of the batch
 * has happened or will. When the engine does not know the outcome the same batch is tried again; a failed
 * condition is then settled by looking whether the first put's value is there, which is why a
 * batch with conditions must put at least one value that no other commit writes (asserted: at least one put;
 * the store's records carry a commit id). ERR_UNKNOWN_OUTCOME if that cannot be settled in several tries.
 */
int kv_commit(struct kv *kv, const struct kv_batch *batch, bool durable, enum kv_outcome *ret_outcome);

/* Makes every commit that has returned KV_DONE before this call durable. */
int kv_sync(struct kv *kv);

/*
 * From now on `visit` is called once for each commit that changes keys of the range, in the order of the commits and no
 * later than the commit returns (its limit and direction do not matter). With ret_snapshot (NULL: not wanted; the
 * caller's to free) the moment can be told: the snapshot has every commit that is not shown, and none that is. Where
 * the outcome of a batch without conditions was unknown it may happen, and be shown, more than once.
 *
 * The visitor is called by the threads that commit, one at a time. It is to hand over and return: commits wait for it,
 * and run one at a time while anybody watches. It may read the engine; it must not commit, sync, watch or cancel.
 */
int kv_watch(struct kv *kv, const struct kv_range *range, kv_watch_visit *visit, void *context,
             struct kv_snapshot **ret_snapshot, struct kv_watch **ret_watch);

/* Ends the watch: when this has returned the visitor is not running and is not called any more. NULL is fine. */
void kv_watch_cancel(struct kv *kv, struct kv_watch *watch);

/* Aborts if the batch is larger than the portable limits. */
void kv_batch_assert_limits(const struct kv_batch *batch);

/* No snapshot and no watch may be left. NULL is fine. */
void kv_free(struct kv *kv);

/*
 * Reserves `count` numbers of the sequence called `name` (at most 32 bytes) for the caller. None of them is ever handed out
 * again, also not after loss of power: the reservation is durable before it returns. Numbers begin at 1.
 * Callers take large ranges and hand them out themselves.
 */
int kv_reserve_ids(struct kv *kv, const char *name, uint64_t count, uint64_t *ret_first);

/* The key prefix of the sequences of kv_reserve_ids; no other record may begin with it. */
#define KV_SEQUENCE_PREFIX '#'

#endif
