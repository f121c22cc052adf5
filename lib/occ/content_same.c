/* SPDX-License-Identifier: Apache-2.0 */
#include "content_same.h"

#include <stdlib.h>
#include <string.h>

static int chunks_same(struct content_reader *a, struct content_reader *b, bool *ret_same)
{
    uint8_t *bytes = malloc(2 * (size_t)CHUNK_SIZE);
    if (!bytes) return ERR_NOMEM;
    uint64_t chunks = (a->content.size + CHUNK_SIZE - 1) / CHUNK_SIZE;
    bool same = true;
    int error = 0;
    for (uint64_t index = 0; index < chunks && same && !error; index++) {
        struct chunk_ref left, right;
        error = content_chunk(a, index, &left);
        if (!error) error = content_chunk(b, index, &right);
        if (error || left.id == right.id) continue;
        same = left.length == right.length && hash128_equal(&left.hash, &right.hash);
        if (!same) break;
        error = chunk_read(a->store, &left, 0, bytes, left.length);
        if (!error) error = chunk_read(b->store, &right, 0, bytes + CHUNK_SIZE, right.length);
        if (!error) same = memcmp(bytes, bytes + CHUNK_SIZE, left.length) == 0;
    }
    free(bytes);
    if (!error) *ret_same = same;
    return error;
}

/* Trees of equal hash. */
static int trees_same(struct store *store, const struct content *a, const struct content *b, bool *ret_same)
{
    static const struct version_id none;
    if (a->root.id == b->root.id) {
        *ret_same = true;
        return 0;
    }
    struct content_reader left, right;
    content_reader_init(&left, store, &none, false, a);
    content_reader_init(&right, store, &none, false, b);
    int error = chunks_same(&left, &right, ret_same);
    content_reader_release(&left);
    content_reader_release(&right);
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
    return trees_same(store, &sealed->content, &version->content, ret_same);
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
