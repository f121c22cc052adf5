/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_WATCHERS_H
#define OCC_WATCHERS_H

#include <pthread.h>

#include "kv.h"

/*
 * The watches of an engine, for engines that live in one process. They bracket what makes a commit happen:
 *
 *     watchers_begin(w);
 *     ... the engine's own write ...
 *     watchers_end(w, happened ? batch : NULL);   // shows it to the watches
 *
 * While there is no watch commits run in parallel between the two. With a watch they run one at a time, so that the
 * order in which they are shown is the one in which they happened. A watch is added between two commits.
 */
struct watchers {
    pthread_rwlock_t order; /* held between begin and end: shared while there is no watch, else exclusive */
    struct kv_watch *first; /* guarded by order */
};

void watchers_init(struct watchers *watchers);
/* No watch may be left. */
void watchers_release(struct watchers *watchers);

void watchers_begin(struct watchers *watchers);
/* Shows the operations of `batch` in the watched ranges; NULL: nothing has happened. */
void watchers_end(struct watchers *watchers, const struct kv_batch *batch);

/* As kv_watch; takes the snapshot of `kv`. */
int watchers_add(struct watchers *watchers, struct kv *kv, const struct kv_range *range, kv_watch_visit *visit,
                 void *context, struct kv_snapshot **ret_snapshot, struct kv_watch **ret_watch);
void watchers_remove(struct watchers *watchers, struct kv_watch *watch);

#endif
