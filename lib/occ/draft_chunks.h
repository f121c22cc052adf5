/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_DRAFT_CHUNKS_H
#define OCC_DRAFT_CHUNKS_H

#include <stdbool.h>
#include <stdint.h>

#include "blob_intents.h"
#include "chunk.h"

/*
 * The chunks that a draft has changed, each whole, by index. A chunk is in one of four places:
 *  - HEAP: memory, grown as far as it is written. The first HEAP_CHUNKS_MAX of a draft, and HEAP_BYTES_MAX of
 *    all drafts together.
 *  - SCRATCH: a slot of an unnamed scratch file, made when the heap is used up.
 *  - STORED: a blob, under an intent. Chunks that one write covers whole when the heap is used up: a large sequential
 *    file is then written once.
 *  - SHARED: a blob that a committed version names, of this file or another, or a hole. The draft neither owns nor
 *    deletes it; versions that are named by a draft must not be pruned, nor a chunk that any version names.
 * Of a live file (live.h) the scratch file has a name and outlives the daemon, a chunk's slot is its index, and chunks are in
 * no other place than HEAP and SCRATCH.
 * Not thread-safe; the draft's lock guards it.
 */
enum { HEAP_CHUNKS_MAX = 8 };
#define HEAP_BYTES_MAX (64LL * 1024 * 1024)

struct draft_chunk; /* opaque */

struct draft_chunks {
    struct store *store;
    struct draft_chunk *by_index; /* hash table */
    uint64_t allocated;           /* bytes that the chunks take where they are */
    uint64_t heap_chunks;
    uint64_t scratch_slots;
    int scratch;                 /* descriptor or -1 */
    char *scratch_name;          /* of a live file's; NULL: without a name. Owned */
    struct blob_intents intents; /* of STORED chunks */
};

/* Where scratch files are made: a directory on the store's disk, with a subdirectory `live`. Before the first draft; the string is copied. */
int draft_chunks_set_directory(const char *directory);

void draft_chunks_init(struct draft_chunks *chunks, struct store *store);
/* Of a live file, whose scratch file is made or opened under `name` when it is needed. Copies the name. */
int draft_chunks_init_named(struct draft_chunks *chunks, struct store *store, const char *name);
/* Abandons the intents with their blobs. A scratch file with a name stays. */
void draft_chunks_release(struct draft_chunks *chunks);
/* Forgets all chunks. `kept_blobs`: a commit has taken over the blobs and fulfilled the intents; else they are abandoned. */
void draft_chunks_clear(struct draft_chunks *chunks, bool kept_blobs);

uint64_t draft_chunks_count(const struct draft_chunks *chunks);
bool draft_chunks_has(const struct draft_chunks *chunks, uint64_t index);

/* Fills `bytes` from a chunk that is there. */
int draft_chunks_read(struct draft_chunks *chunks, uint64_t index, uint32_t offset, void *bytes, uint32_t size);

/* Makes a chunk whose first `bytes.size` bytes are these and the rest zeros. It must not be there yet. */
int draft_chunks_add(struct draft_chunks *chunks, uint64_t index, struct slice bytes);

/* Overwrites part of a chunk that is there. */
int draft_chunks_write(struct draft_chunks *chunks, uint64_t index, uint32_t offset, struct slice bytes);

/* Replaces a whole chunk (CHUNK_SIZE bytes), there or not. `twin`: the origin's, which is shared if it is the same. */
int draft_chunks_put_whole(struct draft_chunks *chunks, uint64_t index, struct slice bytes,
                           const struct chunk_ref *twin);

/* Makes a committed blob, or a hole (id 0), the whole chunk, there or not. */
int draft_chunks_share(struct draft_chunks *chunks, uint64_t index, const struct chunk_ref *blob);

/* Whether the chunk is there and is a blob that others may share. */
bool draft_chunks_shared(const struct draft_chunks *chunks, uint64_t index, struct chunk_ref *ret_blob);

/* Whether the chunk is there and known to be of zeros alone. */
bool draft_chunks_is_hole(const struct draft_chunks *chunks, uint64_t index);

/* The first chunk from `index` on that is there and no hole; UINT64_MAX if there is none. */
uint64_t draft_chunks_next_data(const struct draft_chunks *chunks, uint64_t index);

/* Of a live file: moves what is in memory to the scratch file; makes known what an earlier daemon left in slot `index`. */
int draft_chunks_spill(struct draft_chunks *chunks);
int draft_chunks_find_again(struct draft_chunks *chunks, uint64_t index);
/* The indexes of chunks that draft_chunks_set_recorded has not been told of, ascending, in an array that the caller frees. */
int draft_chunks_unrecorded(const struct draft_chunks *chunks, uint64_t **ret_indexes, size_t *ret_count);
void draft_chunks_set_recorded(struct draft_chunks *chunks, const uint64_t *indexes, size_t count);
/* Removes a scratch file with a name. */
void draft_chunks_unlink(const char *name);

/* Drops what lies from chunk `index`, `offset` (below CHUNK_SIZE) on: whole chunks, and in that one the bytes, which become
 * zeros. On failure nothing was dropped; there is none where `offset` is 0. */
int draft_chunks_cut(struct draft_chunks *chunks, uint64_t index, uint32_t offset);

/* Makes holes of those of the chunks `first` .. `end`-1 that are there. */
void draft_chunks_make_holes(struct draft_chunks *chunks, uint64_t first, uint64_t end);

/* The indexes in ascending order, in an array that the caller frees; NULL and ERR_NOMEM otherwise. */
int draft_chunks_sorted(const struct draft_chunks *chunks, uint64_t **ret_indexes);

/* The chunk as a blob: the one it already is, or described with id 0 and its bytes in `scratch` (CHUNK_SIZE bytes of the
 * caller's). */
int draft_chunks_describe(struct draft_chunks *chunks, uint64_t index, uint8_t *scratch, struct chunk_ref *ret_ref);

#endif
