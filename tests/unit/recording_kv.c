/* SPDX-License-Identifier: Apache-2.0 */
#include "recording_kv.h"

#include <stdlib.h>

#include "unit.h"

struct recording_kv {
    struct kv kv;
    struct kv *inner;
    struct recording *recording;
};

static struct kv *inner_of(struct kv *kv)
{
    return ((struct recording_kv *)kv)->inner;
}

static struct recording *recording_of(struct kv *kv)
{
    return ((struct recording_kv *)kv)->recording;
}

static int recording_get(struct kv *kv, const struct kv_snapshot *snapshot, struct slice key, struct buffer *ret_value)
{
    int error = recording_of(kv)->get_error;
    recording_of(kv)->reads++;
    return error ? error : kv_get(inner_of(kv), snapshot, key, ret_value);
}

struct recorded_scan {
    struct recording *recording;
    kv_visit *visit;
    void *context;
};

static int count_visit(void *context, struct slice key, struct slice value)
{
    const struct recorded_scan *scan = context;
    scan->recording->reads++;
    return scan->visit(scan->context, key, value);
}

static int recording_scan(struct kv *kv, const struct kv_snapshot *snapshot, const struct kv_range *range,
                          kv_visit *visit, void *context)
{
    struct recorded_scan scan = {recording_of(kv), visit, context};
    return kv_scan(inner_of(kv), snapshot, range, count_visit, &scan);
}

static int recording_snapshot(struct kv *kv, struct kv_snapshot **ret_snapshot)
{
    return kv_snapshot(inner_of(kv), ret_snapshot);
}

static void recording_snapshot_free(struct kv *kv, struct kv_snapshot *snapshot)
{
    kv_snapshot_free(inner_of(kv), snapshot);
}

static int recording_commit(struct kv *kv, const struct kv_batch *batch, bool durable, enum kv_outcome *ret_outcome)
{
    const struct kv_operation *operations;
    const struct kv_condition *conditions;
    void (*meddle)(void *) = recording_of(kv)->meddle;
    if (meddle && kv_batch_conditions(batch, &conditions) > 0) {
        recording_of(kv)->meddle = NULL;
        meddle(recording_of(kv)->context);
    }
    if (kv_batch_operations(batch, &operations) > 0) {
        recording_of(kv)->commits++;
        recording_of(kv)->durable_commits += durable;
    }
    struct kv *inner = inner_of(kv);
    return inner->engine->commit(inner, batch, durable, ret_outcome);
}

static int recording_sync(struct kv *kv)
{
    recording_of(kv)->syncs++;
    return kv_sync(inner_of(kv));
}

static void recording_free(struct kv *kv)
{
    recording_of(kv)->frees++;
    kv_free(inner_of(kv));
    free(kv);
}

static const struct kv_engine recording_engine = {
    .name = "recording",
    .get = recording_get,
    .scan = recording_scan,
    .snapshot = recording_snapshot,
    .snapshot_free = recording_snapshot_free,
    .commit = recording_commit,
    .sync = recording_sync,
    .free = recording_free,
};

struct kv *recording_kv_new(struct kv *inner, struct recording *recording)
{
    struct recording_kv *kv = malloc(sizeof *kv);
    assert_non_null(kv);
    *kv = (struct recording_kv){{&recording_engine}, inner, recording};
    return &kv->kv;
}
