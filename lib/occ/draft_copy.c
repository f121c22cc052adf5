/* SPDX-License-Identifier: Apache-2.0 */
#include "draft_copy.h"

#include <stdlib.h>

#include "draft_range.h"

/* One call copies so much that cannot be shared, then lets its caller hear signals. */
#define COPIED_BYTES_MAX (16ULL * 1024 * 1024)

struct copy {
    struct draft *draft;
    const struct copy_source *source;
    uint64_t to, from, left;
    uint64_t source_end;
    uint64_t copied_bytes; /* those that were not shared */
    uint8_t *bytes;        /* CHUNK_SIZE, when the first is needed */
};

/* ---- the source ---- */

static uint64_t source_size(const struct copy_source *source)
{
    return source->draft ? source->draft->size : source->reader->content.size;
}

static int source_read(const struct copy_source *source, uint64_t offset, uint8_t *bytes, size_t size)
{
    if (!source->draft) return content_read(source->reader, offset, bytes, size);
    MUTEX_GUARD(&source->draft->lock);
    return draft_read_locked(source->draft, offset, bytes, size);
}

static int source_next_data(const struct copy_source *source, uint64_t offset, uint64_t *ret_offset)
{
    return source->draft ? draft_seek(source->draft, offset, false, ret_offset)
                         : content_seek(source->reader, offset, false, ret_offset);
}

/* The blob that holds the whole chunk and that others may name. */
static int source_chunk(const struct copy_source *source, uint64_t index, bool *ret_shared, struct chunk_ref *ret_blob)
{
    if (!source->draft) {
        *ret_shared = source->reader->content.kind != CONTENT_INLINE;
        return *ret_shared ? content_chunk(source->reader, index, ret_blob) : 0;
    }
    MUTEX_GUARD(&source->draft->lock);
    *ret_shared = draft_chunks_shared(&source->draft->chunks, index, ret_blob);
    return *ret_shared ? 0 : draft_shows_locked(source->draft, index, ret_shared, ret_blob);
}

/* The whole content as a committed version has it; false if the source is not such. */
static bool source_content(const struct copy_source *source, struct content *ret_content)
{
    if (!source->draft) {
        *ret_content = source->reader->content;
    } else {
        MUTEX_GUARD(&source->draft->lock);
        if (source->draft->changed) return false;
        *ret_content = source->draft->origin.content;
    }
    return ret_content->kind == CONTENT_TREE;
}

/* ---- ways to copy ---- */

static void advance(struct copy *copy, uint64_t size)
{
    copy->to += size;
    copy->from += size;
    copy->left -= size;
}

static bool aligned(const struct copy *copy)
{
    return copy->to % CHUNK_SIZE == copy->from % CHUNK_SIZE;
}

/*
 * The draft lies over the source's content from now on, up to where the copy ends: possible when nothing of the draft remains
 * but what it has of that content already. So a file of any size is copied without a look at its chunks.
 */
static bool share_content(struct copy *copy)
{
    struct draft *draft = copy->draft;
    struct content content;
    uint64_t end = copy->from + copy->left;
    if (draft->live.ino) return false; /* its record names the version that it lies over */
    if (copy->to != copy->from || (end != copy->source_end && end % CHUNK_SIZE != 0)) return false;
    if (!source_content(copy->source, &content) || end > content.size) return false;

    MUTEX_GUARD(&draft->lock);
    bool begins = copy->to == 0 && draft->size <= end;
    bool goes_on = draft->visible == copy->to && draft->size == copy->to && copy->to % CHUNK_SIZE == 0 &&
                   draft->origin.content.kind == CONTENT_TREE && draft->origin.content.root.id == content.root.id;
    if (!begins && !goes_on) return false;
    if (begins) {
        static const struct version_id none; /* a tree needs no other name than its root */
        draft_chunks_cut(&draft->chunks, 0, 0);
        content_reader_release(&draft->origin);
        content_reader_init(&draft->origin, draft->store, &none, false, &content);
    }
    draft->visible = end;
    draft->shown = content.allocated < end ? content.allocated : end;
    draft_changed_locked(draft, end);
    advance(copy, copy->left);
    return true;
}

/* Shares the chunk at hand, if it can be and is no hole. */
static int share_chunk(struct copy *copy, bool *ret_done)
{
    struct draft *draft = copy->draft;
    struct chunk_ref blob;
    uint64_t size = copy->left < CHUNK_SIZE ? copy->left : CHUNK_SIZE;
    bool to_end = copy->from + size == copy->source_end;
    *ret_done = false;
    if (!aligned(copy) || copy->to % CHUNK_SIZE != 0 || (size < CHUNK_SIZE && !to_end)) return 0;
    bool shared;
    int error = source_chunk(copy->source, copy->from / CHUNK_SIZE, &shared, &blob);
    if (error || !shared || blob.id == 0) return error;

    MUTEX_GUARD(&draft->lock);
    if (draft->size > copy->to + size && size < CHUNK_SIZE) return 0; /* the rest of the chunk is another's */
    error = draft_share_locked(draft, copy->to / CHUNK_SIZE, &blob);
    if (error) return error;
    draft_changed_locked(draft, draft->size > copy->to + size ? draft->size : copy->to + size);
    *ret_done = true;
    advance(copy, size);
    return 0;
}

/* Makes a hole of the target where the source has one, as far as that goes. */
static int copy_hole(struct copy *copy)
{
    uint64_t data;
    int error = source_next_data(copy->source, copy->from, &data);
    if (error == ERR_NXIO) data = copy->source_end;
    else if (error) return error;
    uint64_t size = data < copy->from + copy->left ? data - copy->from : copy->left;
    if (size == 0) return 0;
    error = draft_zero(copy->draft, copy->to, size, true);
    if (!error) advance(copy, size);
    return error;
}

static int copy_bytes(struct copy *copy)
{
    /* Up to where a chunk of the target ends: it is then written once. */
    uint64_t size = CHUNK_SIZE - copy->to % CHUNK_SIZE;
    if (size > copy->left) size = copy->left;
    if (!copy->bytes) copy->bytes = malloc(CHUNK_SIZE);
    if (!copy->bytes) return ERR_NOMEM;
    int error = source_read(copy->source, copy->from, copy->bytes, size);
    if (!error) error = draft_write(copy->draft, copy->to, SLICE(copy->bytes, size), false);
    if (error) return error;
    copy->copied_bytes += size;
    advance(copy, size);
    return 0;
}

int draft_copy(struct draft *draft, uint64_t offset, const struct copy_source *source, uint64_t source_offset,
               uint64_t size, uint64_t *ret_copied)
{
    if (offset > INT64_MAX || size > INT64_MAX - offset) return ERR_FBIG;
    struct copy copy = {.draft = draft, .source = source, .to = offset, .from = source_offset, .left = size};
    copy.source_end = source_size(source);
    if (copy.from >= copy.source_end) copy.left = 0;
    else if (copy.left > copy.source_end - copy.from) copy.left = copy.source_end - copy.from;
    /* A range that ends within the file and that may be shared ends with a chunk: the kernel cuts ranges at pages. */
    uint64_t rest = (copy.from + copy.left) % CHUNK_SIZE;
    if (aligned(&copy) && copy.from + copy.left < copy.source_end && copy.left > rest) copy.left -= rest;

    int error = 0;
    if (copy.left > 0) share_content(&copy);
    while (copy.left > 0 && copy.copied_bytes < COPIED_BYTES_MAX && !error) {
        bool done = false;
        error = share_chunk(&copy, &done);
        if (!error && !done) error = copy_hole(&copy);
        if (!error && !done && copy.left > 0) error = copy_bytes(&copy);
    }
    free(copy.bytes);
    uint64_t copied = copy.to - offset;
    if (error && copied == 0) return error;
    *ret_copied = copied;
    return 0;
}
