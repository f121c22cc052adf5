/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "chunk.h"

bool content_equal(const struct content *a, const struct content *b)
{
    return a->size == b->size && a->kind == b->kind && hash128_equal(&a->hash, &b->hash);
}

void chunk_ref_append(struct buffer *value, const struct chunk_ref *ref)
{
    buffer_append_u64(value, ref->id);
    buffer_append_u32(value, ref->length);
    buffer_append(value, SLICE(ref->hash.bytes, sizeof ref->hash.bytes));
}

struct chunk_ref chunk_ref_read(struct reader *fields)
{
    struct chunk_ref ref = {.id = reader_u64(fields)};
    ref.length = reader_u32(fields);
    struct slice hash = reader_bytes(fields, sizeof ref.hash.bytes);
    if (hash.size > 0) memcpy(ref.hash.bytes, hash.data, hash.size);
    if (ref.length > CHUNK_SIZE) fields->failed = true;
    return ref;
}

void content_encode(const struct content *content, struct buffer *value)
{
    buffer_append_u8(value, content->kind);
    buffer_append_u8(value, content->height);
    buffer_append_u64(value, content->size);
    buffer_append_u64(value, content->allocated);
    buffer_append(value, SLICE(content->hash.bytes, sizeof content->hash.bytes));
    if (content->kind == CONTENT_TREE) chunk_ref_append(value, &content->root);
}

int content_decode(struct reader *fields, struct content *ret_content)
{
    struct content content = {.kind = reader_u8(fields)};
    content.height = reader_u8(fields);
    content.size = reader_u64(fields);
    content.allocated = reader_u64(fields);
    struct slice hash = reader_bytes(fields, sizeof content.hash.bytes);
    if (hash.size > 0) memcpy(content.hash.bytes, hash.data, hash.size);
    if (content.kind == CONTENT_TREE) content.root = chunk_ref_read(fields);
    if (fields->failed || content.kind > CONTENT_TREE || content.size > INT64_MAX) return ERR_DAMAGED;
    if (content.kind == CONTENT_INLINE && content.size > CONTENT_INLINE_MAX) return ERR_DAMAGED;
    if (content.kind == CONTENT_TREE &&
        (content.size == 0 || content.height != chunk_height(content.size) || content.root.id == 0))
        return ERR_DAMAGED;
    *ret_content = content;
    return 0;
}

unsigned chunk_height(uint64_t size)
{
    unsigned height = 0;
    for (uint64_t chunks = size == 0 ? 1 : (size - 1) / CHUNK_SIZE + 1; chunks > 1; height++)
        chunks = (chunks + CHUNK_FANOUT - 1) / CHUNK_FANOUT;
    return height;
}
