/* SPDX-License-Identifier: Apache-2.0 */
#include "blob.h"

#include <assert.h>

int blob_put(struct blobs *blobs, uint64_t id, struct slice bytes)
{
    assert(id != 0 && bytes.size <= BLOB_MAX);
    return blobs->engine->put(blobs, id, bytes);
}

int blob_get(struct blobs *blobs, uint64_t id, blob_visit *visit, void *context)
{
    return blobs->engine->get(blobs, id, visit, context);
}

int blob_delete_range(struct blobs *blobs, uint64_t first, uint64_t count)
{
    return count > 0 ? blobs->engine->delete_range(blobs, first, count) : 0;
}

int blob_list(struct blobs *blobs, uint64_t first, blob_id_visit *visit, void *context)
{
    return blobs->engine->list(blobs, first, visit, context);
}

void blobs_free(struct blobs *blobs)
{
    if (blobs) blobs->engine->free(blobs);
}
