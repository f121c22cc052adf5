/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_CONTENT_READER_H
#define OCC_CONTENT_READER_H

#include "mutex.h"
#include "version.h"

/*
 * Reads the content of one version. Immutable but for what it remembers: the body of an inline content, the node of the
 * tree that was used last. Thread-safe. The version must not be pruned while a reader of it is open.
 */
struct content_reader {
    struct store *store;
    struct version_id id; /* whose body an inline content is */
    bool abandoned;
    struct content content;

    struct mutex lock;
    struct buffer body;      /* guarded by lock until body_loaded, immutable afterwards */
    bool body_loaded;        /* guarded by lock */
    struct chunk_node *leaf; /* guarded by lock; NULL until a tree is read */
    uint64_t leaf_number;    /* guarded by lock; leaf covers the chunks from leaf_number * CHUNK_FANOUT on */
};

void content_reader_init(struct content_reader *reader, struct store *store, const struct version_id *id,
                         bool abandoned, const struct content *content);
/* The same of bytes that are no version's; they are taken over. */
void content_reader_init_bytes(struct content_reader *reader, struct buffer *bytes);
void content_reader_release(struct content_reader *reader);

/* Fills all `size` bytes: holes and what lies behind the end read as zeros. ERR_DAMAGED, ERR_IO. */
int content_read(struct content_reader *reader, uint64_t offset, void *bytes, size_t size);

/* Of a tree: the chunk that covers CHUNK_SIZE bytes from index * CHUNK_SIZE; id 0 for a hole or behind the end. */
int content_chunk(struct content_reader *reader, uint64_t index, struct chunk_ref *ret_ref);

/* The first chunk from `index` on that is no hole; UINT64_MAX if there is none. An inline content is one chunk. */
int content_next_data(struct content_reader *reader, uint64_t index, uint64_t *ret_index);

/* Where data, or a hole, is next from `offset` on, as SEEK_DATA and SEEK_HOLE have it: holes are whole chunks, and the end is
 * one. ERR_NXIO at or behind the end, or when there is no more data. */
int content_seek(struct content_reader *reader, uint64_t offset, bool hole, uint64_t *ret_offset);

#endif
