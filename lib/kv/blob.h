/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_BLOB_H
#define OCC_BLOB_H

#include "buffer.h"
#include "error.h"

/*
 * The content engine: immutable objects of up to BLOB_MAX bytes under ids that are never used twice
 * (kv_reserve_ids). A blob that was put before a record commit is at least as durable as that commit.
 * All calls are thread-safe.
 */
enum { BLOB_MAX = 256 * 1024 };

struct blobs;

/* Valid during the call only. The result is passed on by blob_get. */
typedef int blob_visit(void *context, struct slice bytes);
typedef int blob_id_visit(void *context, uint64_t id);

struct blob_engine {
    const char *name;
    int (*put)(struct blobs *blobs, uint64_t id, struct slice bytes);
    int (*get)(struct blobs *blobs, uint64_t id, blob_visit *visit, void *context);
    int (*delete_range)(struct blobs *blobs, uint64_t first, uint64_t count);
    int (*list)(struct blobs *blobs, uint64_t first, blob_id_visit *visit, void *context);
    void (*free)(struct blobs *blobs);
};

struct blobs {
    const struct blob_engine *engine;
};

/* Stores a new object. The bytes are copied before it returns. */
int blob_put(struct blobs *blobs, uint64_t id, struct slice bytes);

/* Shows the object's bytes to `visit` without a copy. ERR_NOT_FOUND when there is none. */
int blob_get(struct blobs *blobs, uint64_t id, blob_visit *visit, void *context);

/* Deletes the objects first .. first+count-1; absent ones are no error. */
int blob_delete_range(struct blobs *blobs, uint64_t first, uint64_t count);

/* Visits the ids from `first` on in ascending order; same visitor results as kv_scan. */
int blob_list(struct blobs *blobs, uint64_t first, blob_id_visit *visit, void *context);

void blobs_free(struct blobs *blobs);

#endif
