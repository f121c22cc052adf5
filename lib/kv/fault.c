/* SPDX-License-Identifier: Apache-2.0 */
#include "fault.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "fault_plan.h"

struct fault_kv {
    struct kv kv;
    struct kv *inner;
    struct fault_plan *plan;
};

struct fault_blobs {
    struct blobs blobs;
    struct blobs *inner;
    struct fault_plan *plan;
};

static struct kv *inner_of(struct kv *kv)
{
    return ((struct fault_kv *)kv)->inner;
}

static struct blobs *inner_blobs_of(struct blobs *blobs)
{
    return ((struct fault_blobs *)blobs)->inner;
}

static void sleep_ms(unsigned ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

/* Asks the plan, and sleeps if it says so. */
static struct fault suffer(struct fault_plan *plan, enum fault_operation operation)
{
    struct fault fault = fault_plan_decide(plan, operation);
    if (fault.action == FAULT_DELAY) sleep_ms(fault.delay_ms);
    return fault;
}

/* The error that the call is to fail with; 0: it is passed on. */
static int kv_fault(struct kv *kv, enum fault_operation operation)
{
    return suffer(((struct fault_kv *)kv)->plan, operation).error;
}

static int blob_fault(struct blobs *blobs, enum fault_operation operation)
{
    return suffer(((struct fault_blobs *)blobs)->plan, operation).error;
}

/* ---- records ---- */

static int fault_get(struct kv *kv, const struct kv_snapshot *snapshot, struct slice key, struct buffer *ret_value)
{
    int error = kv_fault(kv, FAULT_GET);
    return error ? error : kv_get(inner_of(kv), snapshot, key, ret_value);
}

static int fault_scan(struct kv *kv, const struct kv_snapshot *snapshot, const struct kv_range *range, kv_visit *visit,
                      void *context)
{
    int error = kv_fault(kv, FAULT_SCAN);
    return error ? error : kv_scan(inner_of(kv), snapshot, range, visit, context);
}

static int fault_snapshot(struct kv *kv, struct kv_snapshot **ret_snapshot)
{
    int error = kv_fault(kv, FAULT_SNAPSHOT);
    return error ? error : kv_snapshot(inner_of(kv), ret_snapshot);
}

static void fault_snapshot_free(struct kv *kv, struct kv_snapshot *snapshot)
{
    kv_snapshot_free(inner_of(kv), snapshot);
}

static int fault_commit(struct kv *kv, const struct kv_batch *batch, bool durable, enum kv_outcome *ret_outcome)
{
    struct kv *inner = inner_of(kv);
    struct fault fault = suffer(((struct fault_kv *)kv)->plan, FAULT_COMMIT);
    kv_batch_assert_limits(batch);
    if (fault.action == FAULT_ERROR) return fault.error;
    if (fault.action == FAULT_LOST) {
        *ret_outcome = KV_UNKNOWN;
        return 0;
    }
    int error = inner->engine->commit(inner, batch, durable, ret_outcome);
    if (!error && fault.action == FAULT_UNKNOWN) *ret_outcome = KV_UNKNOWN;
    return error;
}

static int fault_sync(struct kv *kv)
{
    int error = kv_fault(kv, FAULT_SYNC);
    return error ? error : kv_sync(inner_of(kv));
}

static int fault_watch(struct kv *kv, const struct kv_range *range, kv_watch_visit *visit, void *context,
                       struct kv_snapshot **ret_snapshot, struct kv_watch **ret_watch)
{
    return kv_watch(inner_of(kv), range, visit, context, ret_snapshot, ret_watch);
}

static void fault_watch_cancel(struct kv *kv, struct kv_watch *watch)
{
    kv_watch_cancel(inner_of(kv), watch);
}

static void fault_kv_free(struct kv *kv)
{
    kv_free(inner_of(kv));
    free(kv);
}

static const struct kv_engine fault_engine = {
    .name = "fault",
    .get = fault_get,
    .scan = fault_scan,
    .snapshot = fault_snapshot,
    .snapshot_free = fault_snapshot_free,
    .commit = fault_commit,
    .sync = fault_sync,
    .watch = fault_watch,
    .watch_cancel = fault_watch_cancel,
    .free = fault_kv_free,
};

struct kv *fault_kv_new(struct kv *inner, struct fault_plan *plan)
{
    struct fault_kv *kv = inner ? malloc(sizeof *kv) : NULL;
    if (!kv) {
        kv_free(inner);
        return NULL;
    }
    *kv = (struct fault_kv){{&fault_engine}, inner, plan};
    return &kv->kv;
}

/* ---- blobs ---- */

static int fault_blob_put(struct blobs *blobs, uint64_t id, struct slice bytes)
{
    int error = blob_fault(blobs, FAULT_BLOB_PUT);
    return error ? error : blob_put(inner_blobs_of(blobs), id, bytes);
}

static int fault_blob_get(struct blobs *blobs, uint64_t id, blob_visit *visit, void *context)
{
    int error = blob_fault(blobs, FAULT_BLOB_GET);
    return error ? error : blob_get(inner_blobs_of(blobs), id, visit, context);
}

static int fault_blob_delete_range(struct blobs *blobs, uint64_t first, uint64_t count)
{
    int error = blob_fault(blobs, FAULT_BLOB_DELETE);
    return error ? error : blob_delete_range(inner_blobs_of(blobs), first, count);
}

static int fault_blob_list(struct blobs *blobs, uint64_t first, blob_id_visit *visit, void *context)
{
    int error = blob_fault(blobs, FAULT_BLOB_LIST);
    return error ? error : blob_list(inner_blobs_of(blobs), first, visit, context);
}

static void fault_blobs_free(struct blobs *blobs)
{
    blobs_free(inner_blobs_of(blobs));
    free(blobs);
}

static const struct blob_engine fault_blob_engine = {
    .name = "fault",
    .put = fault_blob_put,
    .get = fault_blob_get,
    .delete_range = fault_blob_delete_range,
    .list = fault_blob_list,
    .free = fault_blobs_free,
};

struct blobs *fault_blobs_new(struct blobs *inner, struct fault_plan *plan)
{
    struct fault_blobs *blobs = inner ? malloc(sizeof *blobs) : NULL;
    if (!blobs) {
        blobs_free(inner);
        return NULL;
    }
    *blobs = (struct fault_blobs){{&fault_blob_engine}, inner, plan};
    return &blobs->blobs;
}
