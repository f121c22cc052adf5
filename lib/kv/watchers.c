/* SPDX-License-Identifier: Apache-2.0 */
#include "watchers.h"

#include <assert.h>
#include <stdlib.h>

struct kv_watch {
    struct kv_watch *next;
    struct buffer first;
    struct buffer end; /* empty: no bound */
    kv_watch_visit *visit;
    void *context;
};

void watchers_init(struct watchers *watchers)
{
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    /* A new watch is not kept waiting by commits that go on for ever. */
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&watchers->order, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    watchers->first = NULL;
}

void watchers_release(struct watchers *watchers)
{
    assert(!watchers->first);
    pthread_rwlock_destroy(&watchers->order);
}

void watchers_begin(struct watchers *watchers)
{
    pthread_rwlock_rdlock(&watchers->order);
    if (!watchers->first) return;
    pthread_rwlock_unlock(&watchers->order);
    pthread_rwlock_wrlock(&watchers->order);
}

static bool is_watched(const struct kv_watch *watch, struct slice key)
{
    struct slice end = buffer_slice(&watch->end);
    return slice_compare(key, buffer_slice(&watch->first)) >= 0 && (end.size == 0 || slice_compare(key, end) < 0);
}

static void show(const struct kv_watch *watch, const struct kv_batch *batch)
{
    struct kv_operation watched[KV_BATCH_OPERATIONS_MAX];
    const struct kv_operation *operations;
    size_t count = kv_batch_operations(batch, &operations), watched_count = 0;
    for (size_t i = 0; i < count; i++)
        if (is_watched(watch, operations[i].key)) watched[watched_count++] = operations[i];
    if (watched_count > 0) watch->visit(watch->context, watched, watched_count);
}

void watchers_end(struct watchers *watchers, const struct kv_batch *batch)
{
    for (const struct kv_watch *watch = watchers->first; watch && batch; watch = watch->next)
        show(watch, batch);
    pthread_rwlock_unlock(&watchers->order);
}

static void watch_free(struct kv_watch *watch)
{
    buffer_release(&watch->first);
    buffer_release(&watch->end);
    free(watch);
}

static struct kv_watch *watch_new(const struct kv_range *range, kv_watch_visit *visit, void *context)
{
    struct kv_watch *watch = malloc(sizeof *watch);
    if (!watch) return NULL;
    *watch = (struct kv_watch){.visit = visit, .context = context};
    buffer_append(&watch->first, range->first);
    buffer_append(&watch->end, range->end);
    if (!buffer_failed(&watch->first) && !buffer_failed(&watch->end)) return watch;
    watch_free(watch);
    return NULL;
}

int watchers_add(struct watchers *watchers, struct kv *kv, const struct kv_range *range, kv_watch_visit *visit,
                 void *context, struct kv_snapshot **ret_snapshot, struct kv_watch **ret_watch)
{
    struct kv_watch *watch = watch_new(range, visit, context);
    if (!watch) return ERR_NOMEM;
    pthread_rwlock_wrlock(&watchers->order);
    int error = ret_snapshot ? kv_snapshot(kv, ret_snapshot) : 0;
    if (!error) {
        watch->next = watchers->first;
        watchers->first = watch;
    }
    pthread_rwlock_unlock(&watchers->order);
    if (error) watch_free(watch);
    else *ret_watch = watch;
    return error;
}

void watchers_remove(struct watchers *watchers, struct kv_watch *watch)
{
    pthread_rwlock_wrlock(&watchers->order);
    struct kv_watch **at = &watchers->first;
    while (*at != watch)
        at = &(*at)->next;
    *at = watch->next;
    pthread_rwlock_unlock(&watchers->order);
    watch_free(watch);
}
