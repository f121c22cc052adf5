/* SPDX-License-Identifier: Apache-2.0 */
#include "draft_chunks.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scratch.h"

/* A failed allocation inside the hash table drops the entry instead of ending the process. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

enum chunk_place { HEAP, SCRATCH, STORED, SHARED };

struct draft_chunk {
    uint64_t index;
    enum chunk_place place;
    bool recorded; /* draft_chunks_set_recorded */
    union {
        struct {
            uint8_t *bytes;
            uint32_t capacity; /* what lies behind it reads as zeros */
        } heap;
        uint64_t slot;
        struct chunk_ref blob; /* STORED, SHARED */
    };
    UT_hash_handle hh;
};

static _Atomic long long heap_bytes; /* of all drafts */
static char *scratch_directory;

int draft_chunks_set_directory(const char *directory)
{
    char *copy = strdup(directory);
    if (!copy) return ERR_NOMEM;
    free(scratch_directory);
    scratch_directory = copy;
    return 0;
}

void draft_chunks_init(struct draft_chunks *chunks, struct store *store)
{
    *chunks = (struct draft_chunks){.store = store, .scratch = -1};
    blob_intents_init(&chunks->intents, store);
}

int draft_chunks_init_named(struct draft_chunks *chunks, struct store *store, const char *name)
{
    draft_chunks_init(chunks, store);
    chunks->scratch_name = strdup(name);
    return chunks->scratch_name ? 0 : ERR_NOMEM;
}

void draft_chunks_unlink(const char *name)
{
    scratch_unlink(scratch_directory, name);
}

/* A blob of a STORED chunk that the draft has dropped or rewritten: no version names it or will. */
static void blob_drop(struct draft_chunks *chunks, const struct chunk_ref *blob)
{
    if (blob->id != 0) blob_intents_drop(&chunks->intents, blob->id);
}

static bool is_blob(const struct draft_chunk *chunk)
{
    return chunk->place == STORED || chunk->place == SHARED;
}

/* Known to be of zeros alone. */
static bool is_hole(const struct draft_chunk *chunk)
{
    return is_blob(chunk) && chunk->blob.id == 0;
}

/* What it takes where it is. */
static uint32_t chunk_allocated(const struct draft_chunk *chunk)
{
    switch (chunk->place) {
    case HEAP:
        return chunk->heap.capacity;
    case SCRATCH:
        return CHUNK_SIZE;
    case STORED:
    case SHARED:
        break;
    }
    return chunk->blob.length;
}

/* Gives up what the chunk holds, but for a blob of the draft's own. */
static void chunk_empty(struct draft_chunks *chunks, struct draft_chunk *chunk)
{
    chunks->allocated -= chunk_allocated(chunk);
    switch (chunk->place) {
    case HEAP:
        heap_bytes -= chunk->heap.capacity;
        chunks->heap_chunks--;
        free(chunk->heap.bytes);
        break;
    case SCRATCH:
        if (chunks->scratch >= 0) scratch_drop(chunks->scratch, chunk->slot);
        break;
    case STORED:
    case SHARED:
        break;
    }
}

static void chunk_free(struct draft_chunks *chunks, struct draft_chunk *chunk)
{
    chunk_empty(chunks, chunk);
    HASH_DEL(chunks->by_index, chunk);
    free(chunk);
}

/* Makes a blob what the chunk holds. */
static void chunk_set_blob(struct draft_chunks *chunks, struct draft_chunk *chunk, enum chunk_place place,
                           const struct chunk_ref *blob)
{
    if (chunk->place == STORED) blob_drop(chunks, &chunk->blob);
    chunk_empty(chunks, chunk);
    chunk->place = place;
    chunk->blob = *blob;
    chunks->allocated += blob->length;
}

/* The scratch file first, so that no slot of it is given back by itself, and none at all where the file is wanted. */
static void all_free(struct draft_chunks *chunks)
{
    struct draft_chunk *chunk, *next;
    if (chunks->scratch >= 0) close(chunks->scratch);
    chunks->scratch = -1;
    chunks->scratch_slots = 0;
    HASH_ITER(hh, chunks->by_index, chunk, next) chunk_free(chunks, chunk);
}

void draft_chunks_clear(struct draft_chunks *chunks, bool kept_blobs)
{
    bool was_open = chunks->scratch >= 0;
    all_free(chunks);
    if (was_open && chunks->scratch_name) draft_chunks_unlink(chunks->scratch_name);
    if (kept_blobs) blob_intents_forget(&chunks->intents);
    else blob_intents_abandon(&chunks->intents);
}

void draft_chunks_release(struct draft_chunks *chunks)
{
    all_free(chunks);
    blob_intents_abandon(&chunks->intents);
    free(chunks->scratch_name);
}

uint64_t draft_chunks_count(const struct draft_chunks *chunks)
{
    return HASH_COUNT(chunks->by_index);
}

static struct draft_chunk *chunk_find(const struct draft_chunks *chunks, uint64_t index)
{
    struct draft_chunk *chunk;
    HASH_FIND(hh, chunks->by_index, &index, sizeof index, chunk);
    return chunk;
}

bool draft_chunks_has(const struct draft_chunks *chunks, uint64_t index)
{
    return chunk_find(chunks, index) != NULL;
}

/* ---- places ---- */

/* Before a new slot. */
static int scratch_ready(struct draft_chunks *chunks)
{
    assert(scratch_directory);
    int error = 0;
    if (chunks->scratch < 0 && chunks->scratch_name)
        error = scratch_open_named(scratch_directory, chunks->scratch_name, &chunks->scratch);
    else if (chunks->scratch < 0) error = scratch_open(scratch_directory, &chunks->scratch);
    return error ? error : scratch_check_room(chunks->scratch);
}

static int heap_grow(struct draft_chunks *chunks, struct draft_chunk *chunk, uint32_t needed)
{
    if (needed <= chunk->heap.capacity) return 0;
    uint32_t capacity = 4096;
    while (capacity < needed)
        capacity *= 2;
    uint8_t *bytes = realloc(chunk->heap.bytes, capacity);
    if (!bytes) return ERR_NOMEM;
    memset(bytes + chunk->heap.capacity, 0, capacity - chunk->heap.capacity);
    heap_bytes += capacity - chunk->heap.capacity;
    chunks->allocated += capacity - chunk->heap.capacity;
    chunk->heap.bytes = bytes;
    chunk->heap.capacity = capacity;
    return 0;
}

static bool heap_is_open(const struct draft_chunks *chunks)
{
    return chunks->heap_chunks < HEAP_CHUNKS_MAX && heap_bytes < HEAP_BYTES_MAX;
}

/* Enters the chunk into the table; frees it and fails when there is no memory. */
static int chunk_enter(struct draft_chunks *chunks, struct draft_chunk *chunk)
{
    bool full = false;
#undef uthash_nonfatal_oom
#define uthash_nonfatal_oom(element) (full = true)
    HASH_ADD(hh, chunks->by_index, index, sizeof chunk->index, chunk);
    if (!full) return 0;
    free(chunk);
    return ERR_NOMEM;
}

static int chunk_new(struct draft_chunks *chunks, uint64_t index, enum chunk_place place,
                     struct draft_chunk **ret_chunk)
{
    struct draft_chunk *chunk = calloc(1, sizeof *chunk);
    if (!chunk) return ERR_NOMEM;
    chunk->index = index;
    chunk->place = place;
    int error = chunk_enter(chunks, chunk);
    if (error) return error;
    if (place == HEAP) chunks->heap_chunks++;
    *ret_chunk = chunk;
    return 0;
}

static uint64_t slot_new(struct draft_chunks *chunks, uint64_t index)
{
    return chunks->scratch_name ? index : chunks->scratch_slots++;
}

int draft_chunks_add(struct draft_chunks *chunks, uint64_t index, struct slice bytes)
{
    assert(bytes.size <= CHUNK_SIZE && !draft_chunks_has(chunks, index));
    struct draft_chunk *chunk;
    bool in_heap = heap_is_open(chunks);
    int error = in_heap ? 0 : scratch_ready(chunks);
    if (!error) error = chunk_new(chunks, index, in_heap ? HEAP : SCRATCH, &chunk);
    if (error) return error;
    if (!in_heap) {
        chunk->slot = slot_new(chunks, index);
        chunks->allocated += CHUNK_SIZE;
    }
    error = draft_chunks_write(chunks, index, 0, bytes);
    if (error) chunk_free(chunks, chunk);
    return error;
}

/* Moves a chunk whose bytes are these into the scratch file. */
static int move_to_scratch(struct draft_chunks *chunks, struct draft_chunk *chunk, struct slice bytes)
{
    int error = scratch_ready(chunks);
    if (error) return error;
    uint64_t slot = slot_new(chunks, chunk->index);
    error = scratch_write(chunks->scratch, slot, 0, bytes);
    if (error) {
        scratch_drop(chunks->scratch, slot);
        return error;
    }
    if (chunk->place == STORED) blob_drop(chunks, &chunk->blob);
    chunk_empty(chunks, chunk);
    chunks->allocated += CHUNK_SIZE;
    chunk->place = SCRATCH;
    chunk->slot = slot;
    return 0;
}

static int heap_to_scratch(struct draft_chunks *chunks, struct draft_chunk *chunk)
{
    return move_to_scratch(chunks, chunk, SLICE(chunk->heap.bytes, chunk->heap.capacity));
}

static int blob_to_scratch(struct draft_chunks *chunks, struct draft_chunk *chunk)
{
    uint8_t *bytes = malloc(CHUNK_SIZE);
    if (!bytes) return ERR_NOMEM;
    int error = chunk_read(chunks->store, &chunk->blob, 0, bytes, CHUNK_SIZE);
    if (!error) error = move_to_scratch(chunks, chunk, SLICE(bytes, CHUNK_SIZE));
    free(bytes);
    return error;
}

/* Makes it possible to write the first `size` bytes of a chunk: a blob cannot be changed, and memory is bounded. */
static int chunk_open(struct draft_chunks *chunks, struct draft_chunk *chunk, uint32_t size)
{
    switch (chunk->place) {
    case HEAP:
        if (size > chunk->heap.capacity && heap_bytes >= HEAP_BYTES_MAX) return heap_to_scratch(chunks, chunk);
        return heap_grow(chunks, chunk, size);
    case STORED:
    case SHARED:
        return blob_to_scratch(chunks, chunk);
    case SCRATCH:
        break;
    }
    return 0;
}

int draft_chunks_write(struct draft_chunks *chunks, uint64_t index, uint32_t offset, struct slice bytes)
{
    struct draft_chunk *chunk = chunk_find(chunks, index);
    assert(chunk && offset + bytes.size <= CHUNK_SIZE);
    int error = chunk_open(chunks, chunk, offset + (uint32_t)bytes.size);
    if (error || bytes.size == 0) return error;
    if (chunk->place == SCRATCH) return scratch_write(chunks->scratch, chunk->slot, offset, bytes);
    memcpy(chunk->heap.bytes + offset, bytes.data, bytes.size);
    return 0;
}

int draft_chunks_read(struct draft_chunks *chunks, uint64_t index, uint32_t offset, void *bytes, uint32_t size)
{
    struct draft_chunk *chunk = chunk_find(chunks, index);
    assert(chunk && offset + size <= CHUNK_SIZE);
    switch (chunk->place) {
    case HEAP: {
        uint32_t there = offset < chunk->heap.capacity ? chunk->heap.capacity - offset : 0;
        if (there > size) there = size;
        if (there > 0) memcpy(bytes, chunk->heap.bytes + offset, there);
        memset((uint8_t *)bytes + there, 0, size - there);
        return 0;
    }
    case SCRATCH:
        return scratch_read(chunks->scratch, chunk->slot, offset, bytes, size);
    case STORED:
    case SHARED:
        break;
    }
    return chunk_read(chunks->store, &chunk->blob, offset, bytes, size);
}

/* The chunk becomes a blob, there or not. */
static int put_blob(struct draft_chunks *chunks, uint64_t index, enum chunk_place place, const struct chunk_ref *blob)
{
    struct draft_chunk *chunk = chunk_find(chunks, index);
    int error = chunk ? 0 : chunk_new(chunks, index, SHARED, &chunk);
    if (!error) chunk_set_blob(chunks, chunk, place, blob);
    return error;
}

int draft_chunks_put_whole(struct draft_chunks *chunks, uint64_t index, struct slice bytes,
                           const struct chunk_ref *twin)
{
    assert(bytes.size == CHUNK_SIZE);
    const struct draft_chunk *chunk = chunk_find(chunks, index);
    if (chunk && !is_blob(chunk)) return draft_chunks_write(chunks, index, 0, bytes);
    if (!chunk && (chunks->scratch_name || heap_is_open(chunks))) return draft_chunks_add(chunks, index, bytes);

    struct chunk_ref ref = chunk_describe(bytes);
    bool same;
    int error = chunk_same(chunks->store, twin, &ref, bytes.data, &same);
    if (!error && same) return put_blob(chunks, index, SHARED, twin);
    if (!error && ref.length > 0) {
        error = blob_intents_new_id(&chunks->intents, &ref.id);
        if (!error) error = blob_put(chunks->store->blobs, ref.id, SLICE(bytes.data, ref.length));
    }
    return error ? error : put_blob(chunks, index, STORED, &ref);
}

/* Of a live file, whose chunks are all its own. */
static int copy_blob(struct draft_chunks *chunks, uint64_t index, const struct chunk_ref *blob)
{
    uint8_t *bytes = malloc(CHUNK_SIZE);
    int error = bytes ? chunk_read(chunks->store, blob, 0, bytes, CHUNK_SIZE) : ERR_NOMEM;
    if (!error) error = draft_chunks_put_whole(chunks, index, SLICE(bytes, CHUNK_SIZE), blob);
    free(bytes);
    return error;
}

int draft_chunks_share(struct draft_chunks *chunks, uint64_t index, const struct chunk_ref *blob)
{
    if (chunks->scratch_name) return copy_blob(chunks, index, blob);
    return put_blob(chunks, index, SHARED, blob);
}

bool draft_chunks_shared(const struct draft_chunks *chunks, uint64_t index, struct chunk_ref *ret_blob)
{
    const struct draft_chunk *chunk = chunk_find(chunks, index);
    if (!chunk || chunk->place != SHARED) return false;
    *ret_blob = chunk->blob;
    return true;
}

bool draft_chunks_is_hole(const struct draft_chunks *chunks, uint64_t index)
{
    const struct draft_chunk *chunk = chunk_find(chunks, index);
    return chunk && is_hole(chunk);
}

uint64_t draft_chunks_next_data(const struct draft_chunks *chunks, uint64_t index)
{
    uint64_t least = UINT64_MAX;
    const struct draft_chunk *chunk, *next;
    HASH_ITER(hh, chunks->by_index, chunk, next)
    {
        if (chunk->index >= index && chunk->index < least && !is_hole(chunk)) least = chunk->index;
    }
    return least;
}

int draft_chunks_spill(struct draft_chunks *chunks)
{
    struct draft_chunk *chunk, *next;
    HASH_ITER(hh, chunks->by_index, chunk, next)
    {
        if (chunk->place != HEAP) continue;
        int error = heap_to_scratch(chunks, chunk);
        if (error) return error;
    }
    return 0;
}

int draft_chunks_find_again(struct draft_chunks *chunks, uint64_t index)
{
    struct draft_chunk *chunk;
    int error = scratch_ready(chunks);
    if (!error) error = chunk_new(chunks, index, SCRATCH, &chunk);
    if (error) return error;
    chunk->slot = index;
    chunk->recorded = true;
    chunks->allocated += CHUNK_SIZE;
    return 0;
}

static int chunk_cut(struct draft_chunks *chunks, struct draft_chunk *chunk, uint32_t offset)
{
    if (is_hole(chunk)) return 0;
    int error = is_blob(chunk) ? blob_to_scratch(chunks, chunk) : 0;
    if (error) return error;
    if (chunk->place == SCRATCH) return scratch_cut(chunks->scratch, chunk->slot, offset);
    if (offset < chunk->heap.capacity) memset(chunk->heap.bytes + offset, 0, chunk->heap.capacity - offset);
    return 0;
}

int draft_chunks_cut(struct draft_chunks *chunks, uint64_t index, uint32_t offset)
{
    struct draft_chunk *chunk = offset > 0 ? chunk_find(chunks, index) : NULL, *next;
    int error = chunk ? chunk_cut(chunks, chunk, offset) : 0;
    if (error) return error;
    const uint64_t first = index + (offset > 0);
    HASH_ITER(hh, chunks->by_index, chunk, next)
    {
        if (chunk->index < first) continue;
        if (chunk->place == STORED) blob_drop(chunks, &chunk->blob);
        chunk_free(chunks, chunk);
    }
    return 0;
}

void draft_chunks_make_holes(struct draft_chunks *chunks, uint64_t first, uint64_t end)
{
    static const struct chunk_ref hole;
    struct draft_chunk *chunk, *next;
    HASH_ITER(hh, chunks->by_index, chunk, next)
    {
        if (chunk->index < first || chunk->index >= end) continue;
        if (!chunks->scratch_name) chunk_set_blob(chunks, chunk, SHARED, &hole);
        else if (chunk->place == HEAP) memset(chunk->heap.bytes, 0, chunk->heap.capacity);
        else scratch_drop(chunks->scratch, chunk->slot); /* reads as zeros */
    }
}

static int compare_indexes(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

static int collect_sorted(const struct draft_chunks *chunks, bool recorded_too, uint64_t **ret_indexes,
                          size_t *ret_count)
{
    uint64_t *indexes = malloc((draft_chunks_count(chunks) + 1) * sizeof *indexes);
    if (!indexes) return ERR_NOMEM;
    size_t count = 0;
    struct draft_chunk *chunk, *next;
    HASH_ITER(hh, chunks->by_index, chunk, next)
    {
        if (recorded_too || !chunk->recorded) indexes[count++] = chunk->index;
    }
    qsort(indexes, count, sizeof *indexes, compare_indexes);
    *ret_indexes = indexes;
    *ret_count = count;
    return 0;
}

int draft_chunks_sorted(const struct draft_chunks *chunks, uint64_t **ret_indexes)
{
    size_t count;
    return collect_sorted(chunks, true, ret_indexes, &count);
}

int draft_chunks_unrecorded(const struct draft_chunks *chunks, uint64_t **ret_indexes, size_t *ret_count)
{
    return collect_sorted(chunks, false, ret_indexes, ret_count);
}

void draft_chunks_set_recorded(struct draft_chunks *chunks, const uint64_t *indexes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct draft_chunk *chunk = chunk_find(chunks, indexes[i]);
        if (chunk) chunk->recorded = true; /* else cut off meanwhile */
    }
}

int draft_chunks_describe(struct draft_chunks *chunks, uint64_t index, uint8_t *scratch, struct chunk_ref *ret_ref)
{
    struct draft_chunk *chunk = chunk_find(chunks, index);
    if (is_blob(chunk)) {
        *ret_ref = chunk->blob;
        return 0;
    }
    int error = draft_chunks_read(chunks, index, 0, scratch, CHUNK_SIZE);
    if (!error) *ret_ref = chunk_describe(SLICE(scratch, CHUNK_SIZE));
    return error;
}
