/* SPDX-License-Identifier: Apache-2.0 */
#include "content_same.h"

#include <stdlib.h>

static int copy(void *context, struct slice bytes)
{
    struct buffer *copy = context;
    buffer_append(copy, bytes);
    return buffer_failed(copy);
}

static int leaves_same(struct store *store, const struct chunk_ref *a, const struct chunk_ref *b, bool *ret_same)
{
    struct buffer bytes = {0};
    int error = blob_get(store->blobs, a->id, copy, &bytes);
    if (error == ERR_NOT_FOUND || (!error && bytes.size != a->length)) error = ERR_DAMAGED;
    if (!error) error = chunk_same(store, b, a, bytes.data, ret_same);
    buffer_release(&bytes);
    return error;
}

/* Descends only where the hashes are equal and the blobs are not: what two contents share is not read, and neither are
 * holes, however large. */
static int trees_same(struct store *store, const struct chunk_ref *a, const struct chunk_ref *b, unsigned height,
                      bool *ret_same)
{
    *ret_same = a->id == b->id;
    if (*ret_same || a->id == 0 || b->id == 0 || !hash128_equal(&a->hash, &b->hash)) return 0;
    if (height == 0) return leaves_same(store, a, b, ret_same);
    struct chunk_node *nodes = malloc(2 * sizeof *nodes);
    if (!nodes) return ERR_NOMEM;
    int error = chunk_node_get(store, a, &nodes[0]);
    if (!error) error = chunk_node_get(store, b, &nodes[1]);
    bool same = true;
    for (unsigned slot = 0; slot < CHUNK_FANOUT && same && !error; slot++)
        error = trees_same(store, &nodes[0].entries[slot], &nodes[1].entries[slot], height - 1, &same);
    free(nodes);
    *ret_same = same;
    return error;
}

static int inline_same(struct store *store, struct slice bytes, const struct version *version, bool *ret_same)
{
    struct buffer body = {0};
    int error = body_get(store, &version->id, version->abandoned, &body);
    if (!error) *ret_same = slice_equal(bytes, buffer_slice(&body));
    buffer_release(&body);
    return error;
}

int content_same_as_sealed(struct store *store, const struct sealed *sealed, const struct version *version,
                           bool *ret_same)
{
    *ret_same = false;
    if (!content_equal(&sealed->content, &version->content)) return 0;
    switch ((enum content_kind)sealed->content.kind) {
    case CONTENT_EMPTY:
        *ret_same = true;
        return 0;
    case CONTENT_INLINE:
        return inline_same(store, buffer_slice(&sealed->body), version, ret_same);
    case CONTENT_TREE:
        break;
    }
    return trees_same(store, &sealed->content.root, &version->content.root, sealed->content.height, ret_same);
}

int content_same(struct store *store, const struct version *a, const struct version *b, bool *ret_same)
{
    struct sealed sealed = {.content = a->content};
    int error = 0;
    if (a->content.kind == CONTENT_INLINE) error = body_get(store, &a->id, a->abandoned, &sealed.body);
    if (!error) error = content_same_as_sealed(store, &sealed, b, ret_same);
    sealed_release(&sealed);
    return error;
}
