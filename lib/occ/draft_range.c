/* SPDX-License-Identifier: Apache-2.0 */
#include "draft_range.h"

static bool too_big(uint64_t offset, uint64_t size)
{
    return offset > INT64_MAX || size > INT64_MAX - offset;
}

int draft_extend(struct draft *draft, uint64_t offset, uint64_t size)
{
    if (too_big(offset, size)) return ERR_FBIG;
    MUTEX_GUARD(&draft->lock);
    if (offset + size > draft->size) draft_changed_locked(draft, offset + size);
    return 0;
}

/* The first chunk from `index` on, and before `end`, where the origin's data shows; `end` if there is none. */
static int next_shown_locked(struct draft *draft, uint64_t index, uint64_t end, uint64_t *ret_index)
{
    mutex_assert_held(&draft->lock);
    uint64_t visible = (draft->visible + CHUNK_SIZE - 1) / CHUNK_SIZE;
    for (;; index++) {
        int error = index < end ? content_next_data(&draft->origin, index, &index) : 0;
        if (error) return error;
        if (index >= visible || index > end) index = end;
        if (index == end || !draft_chunks_has(&draft->chunks, index)) break;
    }
    *ret_index = index;
    return 0;
}

static int zero_chunks_locked(struct draft *draft, uint64_t first, uint64_t end)
{
    static const struct chunk_ref hole;
    uint64_t index = first;
    for (;; index++) {
        int error = next_shown_locked(draft, index, end, &index);
        if (!error && index == end) break;
        if (!error) error = draft_share_locked(draft, index, &hole);
        if (error) return error;
    }
    draft_chunks_make_holes(&draft->chunks, first, end);
    return 0;
}

static int zero_locked(struct draft *draft, uint64_t offset, uint64_t end)
{
    while (offset < end) {
        uint64_t within = offset % CHUNK_SIZE, size = end - offset;
        /* The last chunk ends where the draft ends: behind it are zeros anyway. */
        bool to_end = end == draft->size;
        int error;
        if (within == 0 && (size >= CHUNK_SIZE || to_end)) {
            uint64_t last = to_end ? (end + CHUNK_SIZE - 1) / CHUNK_SIZE : end / CHUNK_SIZE;
            error = zero_chunks_locked(draft, offset / CHUNK_SIZE, last);
            size = to_end ? size : size - end % CHUNK_SIZE;
        } else {
            if (size > CHUNK_SIZE - within) size = CHUNK_SIZE - within;
            error = draft_zero_piece_locked(draft, offset, (uint32_t)size);
        }
        if (error) return error;
        offset += size;
    }
    return 0;
}

int draft_zero(struct draft *draft, uint64_t offset, uint64_t size, bool extend)
{
    if (too_big(offset, size)) return ERR_FBIG;
    MUTEX_GUARD(&draft->lock);
    uint64_t end = offset + size, old_size = draft->size, new_size = extend && end > old_size ? end : old_size;
    int error = zero_locked(draft, offset, end < old_size ? end : old_size);
    draft_changed_locked(draft, error ? old_size : new_size);
    return error;
}

/* ---- data and holes ---- */

static int next_data_locked(struct draft *draft, uint64_t index, uint64_t *ret_index)
{
    uint64_t own = draft_chunks_next_data(&draft->chunks, index);
    return next_shown_locked(draft, index, own, ret_index);
}

static int next_hole_locked(struct draft *draft, uint64_t index, uint64_t *ret_index)
{
    uint64_t end = (draft->size + CHUNK_SIZE - 1) / CHUNK_SIZE;
    for (; index < end && !draft_chunks_is_hole(&draft->chunks, index); index++) {
        bool shows;
        struct chunk_ref ref;
        int error = draft_shows_locked(draft, index, &shows, &ref);
        if (error) return error;
        if (shows && ref.id == 0) break;
    }
    *ret_index = index;
    return 0;
}

int draft_seek(struct draft *draft, uint64_t offset, bool hole, uint64_t *ret_offset)
{
    MUTEX_GUARD(&draft->lock);
    uint64_t size = draft->size, index = offset / CHUNK_SIZE;
    if (offset >= size) return ERR_NXIO;
    int error = hole ? next_hole_locked(draft, index, &index) : next_data_locked(draft, index, &index);
    if (error) return error;
    if (!hole && index == UINT64_MAX) return ERR_NXIO;
    uint64_t at = index * CHUNK_SIZE;
    *ret_offset = at < offset ? offset : at < size ? at : size;
    return 0;
}
