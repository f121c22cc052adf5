/* SPDX-License-Identifier: Apache-2.0 */
#include "content_reader.h"

#include <stdlib.h>
#include <string.h>

void content_reader_init(struct content_reader *reader, struct store *store, const struct version_id *id,
                         bool abandoned, const struct content *content)
{
    *reader = (struct content_reader){.store = store, .id = *id, .abandoned = abandoned, .content = *content};
    mutex_init(&reader->lock);
}

void content_reader_init_bytes(struct content_reader *reader, struct buffer *bytes)
{
    *reader = (struct content_reader){
        .content = {.kind = CONTENT_INLINE, .size = bytes->size}, .body = *bytes, .body_loaded = true};
    mutex_init(&reader->lock);
    buffer_init(bytes);
}

void content_reader_release(struct content_reader *reader)
{
    buffer_release(&reader->body);
    free(reader->leaf);
    mutex_release(&reader->lock);
}

static int body_load_locked(struct content_reader *reader)
{
    mutex_assert_held(&reader->lock);
    if (reader->body_loaded) return 0;
    int error = body_get(reader->store, &reader->id, reader->abandoned, &reader->body);
    if (error) return error;
    if (reader->body.size != reader->content.size) return ERR_DAMAGED;
    reader->body_loaded = true;
    return 0;
}

static int read_inline(struct content_reader *reader, uint64_t offset, uint8_t *bytes, size_t size)
{
    mutex_lock(&reader->lock);
    int error = body_load_locked(reader);
    mutex_unlock(&reader->lock);
    if (error) return error;

    size_t there = 0;
    if (offset < reader->body.size) {
        there = reader->body.size - (size_t)offset;
        if (there > size) there = size;
        memcpy(bytes, reader->body.data + offset, there);
    }
    memset(bytes + there, 0, size - there);
    return 0;
}

/* Walks from the root to the leaf node that holds chunk `index` into reader->leaf. */
static int leaf_load_locked(struct content_reader *reader, uint64_t index)
{
    mutex_assert_held(&reader->lock);
    uint64_t number = index / CHUNK_FANOUT;
    if (reader->leaf && reader->leaf_number == number) return 0;
    if (!reader->leaf) {
        reader->leaf = malloc(sizeof *reader->leaf);
        if (!reader->leaf) return ERR_NOMEM;
    }
    reader->leaf_number = UINT64_MAX; /* until it is whole */

    struct chunk_ref ref = reader->content.root;
    for (unsigned height = reader->content.height; height > 0; height--) {
        if (ref.id == 0) {
            memset(reader->leaf, 0, sizeof *reader->leaf);
            break;
        }
        int error = chunk_node_get(reader->store, &ref, reader->leaf);
        if (error) return error;
        if (height > 1) ref = reader->leaf->entries[index >> (8 * (height - 1)) & (CHUNK_FANOUT - 1)];
    }
    reader->leaf_number = number;
    return 0;
}

int content_chunk(struct content_reader *reader, uint64_t index, struct chunk_ref *ret_ref)
{
    _Static_assert(CHUNK_FANOUT == 256, "a level of the tree is 8 bits of the index");
    const struct content *content = &reader->content;
    if (content->kind != CONTENT_TREE || index > (content->size - 1) / CHUNK_SIZE) {
        *ret_ref = (struct chunk_ref){0};
        return 0;
    }
    if (content->height == 0) {
        *ret_ref = content->root;
        return 0;
    }
    MUTEX_GUARD(&reader->lock);
    int error = leaf_load_locked(reader, index);
    if (!error) *ret_ref = reader->leaf->entries[index & (CHUNK_FANOUT - 1)];
    return error;
}

/* ---- holes ---- */

/*
 * Looks for the first chunk from *index on below the node of `height` that `ref` names, which is no hole. Moves *index there,
 * or behind the node when there is none.
 */
static int next_data_below(struct content_reader *reader, const struct chunk_ref *ref, unsigned height, uint64_t *index,
                           bool *found)
{
    if (ref->id == 0 || height == 0) {
        *found = ref->id != 0;
        if (!*found) *index = ((*index >> (8 * height)) + 1) << (8 * height);
        return 0;
    }
    struct chunk_node *node = malloc(sizeof *node); /* 7 KiB; this recurses */
    if (!node) return ERR_NOMEM;
    int error = chunk_node_get(reader->store, ref, node);
    uint64_t end = ((*index >> (8 * height)) + 1) << (8 * height);
    while (!error && !*found && *index < end) {
        unsigned slot = *index >> (8 * (height - 1)) & (CHUNK_FANOUT - 1);
        error = next_data_below(reader, &node->entries[slot], height - 1, index, found);
    }
    free(node);
    return error;
}

int content_next_data(struct content_reader *reader, uint64_t index, uint64_t *ret_index)
{
    const struct content *content = &reader->content;
    bool found = content->kind == CONTENT_INLINE && index == 0 && content->size > 0;
    if (content->kind == CONTENT_TREE && index <= (content->size - 1) / CHUNK_SIZE) {
        int error = next_data_below(reader, &content->root, content->height, &index, &found);
        if (error) return error;
    }
    *ret_index = found ? index : UINT64_MAX;
    return 0;
}

static int next_hole(struct content_reader *reader, uint64_t index, uint64_t *ret_index)
{
    const struct content *content = &reader->content;
    uint64_t chunks = (content->size + CHUNK_SIZE - 1) / CHUNK_SIZE;
    if (content->kind == CONTENT_INLINE) index = chunks;
    while (index < chunks) {
        struct chunk_ref ref;
        int error = content_chunk(reader, index, &ref);
        if (error) return error;
        if (ref.id == 0) break;
        index++;
    }
    *ret_index = index;
    return 0;
}

int content_seek(struct content_reader *reader, uint64_t offset, bool hole, uint64_t *ret_offset)
{
    uint64_t size = reader->content.size, index = offset / CHUNK_SIZE;
    if (offset >= size) return ERR_NXIO;
    int error = hole ? next_hole(reader, index, &index) : content_next_data(reader, index, &index);
    if (error) return error;
    if (!hole && index == UINT64_MAX) return ERR_NXIO;
    uint64_t at = index * CHUNK_SIZE;
    *ret_offset = at < offset ? offset : at < size ? at : size;
    return 0;
}

/* ---- bytes ---- */

int content_read(struct content_reader *reader, uint64_t offset, void *bytes, size_t size)
{
    uint8_t *to = bytes;
    switch ((enum content_kind)reader->content.kind) {
    case CONTENT_EMPTY:
        memset(to, 0, size);
        return 0;
    case CONTENT_INLINE:
        return read_inline(reader, offset, to, size);
    case CONTENT_TREE:
        break;
    }
    while (size > 0) {
        uint32_t within = (uint32_t)(offset % CHUNK_SIZE);
        uint32_t piece = CHUNK_SIZE - within;
        if (piece > size) piece = (uint32_t)size;
        struct chunk_ref ref;
        int error = content_chunk(reader, offset / CHUNK_SIZE, &ref);
        if (!error) error = chunk_read(reader->store, &ref, within, to, piece);
        if (error) return error;
        to += piece;
        offset += piece;
        size -= piece;
    }
    return 0;
}
