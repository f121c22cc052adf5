/* SPDX-License-Identifier: Apache-2.0 */
#include "draft.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "live.h"

void draft_init(struct draft *draft, struct store *store, const struct version *origin)
{
    static const struct version nothing;
    if (!origin) origin = &nothing;
    *draft = (struct draft){.store = store};
    draft_set_mtime(draft, origin->mtime);
    mutex_init(&draft->lock);
    content_reader_init(&draft->origin, store, &origin->id, origin->abandoned, &origin->content);
    draft_chunks_init(&draft->chunks, store);
    blob_intents_init(&draft->sealed, store);
    draft->appended_from = origin->content.size;
    draft->visible = origin->content.size;
    draft->size = origin->content.size;
    draft->shown = origin->content.allocated;
    draft->allocated = origin->content.allocated;
}

void draft_release(struct draft *draft)
{
    draft_chunks_release(&draft->chunks);
    blob_intents_abandon(&draft->sealed);
    content_reader_release(&draft->origin);
    mutex_release(&draft->lock);
}

void draft_lock(struct draft *draft)
{
    if (draft->live.ino) mutex_lock(&draft->live.sync_lock);
    mutex_lock(&draft->lock);
}

void draft_unlock(struct draft *draft)
{
    mutex_unlock(&draft->lock);
    if (draft->live.ino) mutex_unlock(&draft->live.sync_lock);
}

struct timespec draft_changed_at(const struct draft *draft)
{
    return (struct timespec){.tv_sec = draft->mtime_seconds, .tv_nsec = draft->mtime_nanoseconds};
}

struct timespec draft_ctime(const struct draft *draft, struct timespec inode_ctime)
{
    struct timespec written = clock_from_ns(draft->written_ns);
    return clock_before(&inode_ctime, &written) ? written : inode_ctime;
}

void draft_set_mtime(struct draft *draft, struct timespec mtime)
{
    draft->mtime_seconds = mtime.tv_sec;
    draft->mtime_nanoseconds = mtime.tv_nsec;
}

/* What of the origin shows at `offset`: `size` bytes, zeros where it was cut off. */
static int origin_read_locked(struct draft *draft, uint64_t offset, uint8_t *bytes, size_t size)
{
    mutex_assert_held(&draft->lock);
    size_t there = 0;
    if (offset < draft->visible) {
        there = size < draft->visible - offset ? size : (size_t)(draft->visible - offset);
        int error = content_read(&draft->origin, offset, bytes, there);
        if (error) return error;
    }
    memset(bytes + there, 0, size - there);
    return 0;
}

int draft_read_locked(struct draft *draft, uint64_t offset, uint8_t *bytes, size_t size)
{
    mutex_assert_held(&draft->lock);
    while (size > 0) {
        uint64_t index = offset / CHUNK_SIZE;
        uint32_t within = (uint32_t)(offset % CHUNK_SIZE);
        uint32_t piece = CHUNK_SIZE - within;
        if (piece > size) piece = (uint32_t)size;
        int error = draft_chunks_has(&draft->chunks, index)
                        ? draft_chunks_read(&draft->chunks, index, within, bytes, piece)
                        : origin_read_locked(draft, offset, bytes, piece);
        if (error) return error;
        bytes += piece;
        offset += piece;
        size -= piece;
    }
    return 0;
}

int draft_read(struct draft *draft, uint64_t offset, void *bytes, size_t size, size_t *ret_read)
{
    MUTEX_GUARD(&draft->lock);
    uint64_t end = draft->size;
    if (offset >= end) size = 0;
    else if (size > end - offset) size = (size_t)(end - offset);
    int error = draft_read_locked(draft, offset, bytes, size);
    if (!error) *ret_read = size;
    return error;
}

/* ---- changes ---- */

/* What the draft takes, for stat, which does not lock. */
static void count_locked(struct draft *draft)
{
    uint64_t allocated = draft->chunks.allocated + draft->shown;
    draft->allocated = allocated < draft->size ? allocated : draft->size;
}

static void changed_locked(struct draft *draft)
{
    count_locked(draft);
    struct timespec now = clock_now();
    draft_set_mtime(draft, now);
    draft->live.synced = false;
    if (!draft->changed) draft->first_written_ns = clock_monotonic_ns();
    draft->written_ns = now.tv_sec * NS_PER_S + now.tv_nsec;
    draft->changed = true;
}

void draft_begin(struct draft *draft)
{
    MUTEX_GUARD(&draft->lock);
    draft->only_appended = true;
    changed_locked(draft);
}

void draft_changed_locked(struct draft *draft, uint64_t size)
{
    mutex_assert_held(&draft->lock);
    draft->only_appended = false;
    draft->size = size;
    changed_locked(draft);
}

/* A chunk has become the draft's own: what the origin has there counts no more. */
static void hidden_locked(struct draft *draft, uint64_t index)
{
    struct chunk_ref ref;
    uint64_t hidden = 0;
    if (index * CHUNK_SIZE >= draft->visible) return;
    if (draft->origin.content.kind == CONTENT_INLINE) hidden = draft->shown;
    else if (content_chunk(&draft->origin, index, &ref) == 0) hidden = ref.length;
    draft->shown -= hidden < draft->shown ? hidden : draft->shown;
}

/* Brings the origin's bytes of a chunk into the draft, so that part of it can be changed. */
static int chunk_own_locked(struct draft *draft, uint64_t index)
{
    if (draft_chunks_has(&draft->chunks, index)) return 0;
    uint64_t start = index * CHUNK_SIZE;
    size_t size = 0;
    if (start < draft->visible)
        size = draft->visible - start < CHUNK_SIZE ? (size_t)(draft->visible - start) : CHUNK_SIZE;
    if (size == 0) return draft_chunks_add(&draft->chunks, index, SLICE(NULL, 0));
    uint8_t *bytes = malloc(size);
    if (!bytes) return ERR_NOMEM;
    int error = content_read(&draft->origin, start, bytes, size);
    if (!error) error = draft_chunks_add(&draft->chunks, index, SLICE(bytes, size));
    free(bytes);
    if (!error) hidden_locked(draft, index);
    return error;
}

static int put_whole_locked(struct draft *draft, uint64_t index, const uint8_t *bytes)
{
    struct chunk_ref twin = {0};
    bool hides = !draft_chunks_has(&draft->chunks, index);
    int error = content_chunk(&draft->origin, index, &twin);
    if (error && error != ERR_DAMAGED) return error; /* damage to what is overwritten does no harm */
    error = draft_chunks_put_whole(&draft->chunks, index, SLICE(bytes, CHUNK_SIZE), &twin);
    if (!error && hides) hidden_locked(draft, index);
    return error;
}

int draft_share_locked(struct draft *draft, uint64_t index, const struct chunk_ref *blob)
{
    mutex_assert_held(&draft->lock);
    bool hides = !draft_chunks_has(&draft->chunks, index);
    if (hides && blob->id == 0 && index * CHUNK_SIZE >= draft->visible) return 0; /* nothing is there */
    int error = draft_chunks_share(&draft->chunks, index, blob);
    if (!error && hides) hidden_locked(draft, index);
    return error;
}

int draft_shows_locked(struct draft *draft, uint64_t index, bool *ret_shows, struct chunk_ref *ret_blob)
{
    mutex_assert_held(&draft->lock);
    uint64_t start = index * CHUNK_SIZE;
    *ret_shows = !draft_chunks_has(&draft->chunks, index);
    if (!*ret_shows) return 0;
    if (start >= draft->visible) {
        *ret_blob = (struct chunk_ref){0};
        return 0;
    }
    bool cut = draft->visible - start < CHUNK_SIZE && draft->visible < draft->origin.content.size;
    *ret_shows = !cut && draft->origin.content.kind != CONTENT_INLINE;
    return *ret_shows ? content_chunk(&draft->origin, index, ret_blob) : 0;
}

int draft_zero_piece_locked(struct draft *draft, uint64_t offset, uint32_t size)
{
    static const uint8_t zeros[CHUNK_SIZE];
    uint64_t index = offset / CHUNK_SIZE;
    bool shows;
    struct chunk_ref ref;
    if (draft_chunks_is_hole(&draft->chunks, index)) return 0;
    int error = draft_shows_locked(draft, index, &shows, &ref);
    if (error || (shows && ref.id == 0)) return error;
    error = chunk_own_locked(draft, index);
    return error ? error
                 : draft_chunks_write(&draft->chunks, index, (uint32_t)(offset % CHUNK_SIZE), SLICE(zeros, size));
}

int draft_write(struct draft *draft, uint64_t offset, struct slice bytes, bool append)
{
    if (offset > INT64_MAX || bytes.size > INT64_MAX - offset) return ERR_FBIG;
    MUTEX_GUARD(&draft->lock);

    if (!draft->changed) draft->only_appended = append && offset == draft->size;
    else if (!append || offset != draft->size) draft->only_appended = false;

    const uint8_t *from = bytes.data;
    uint64_t at = offset;
    size_t left = bytes.size;
    int error = 0;
    while (left > 0) {
        uint64_t index = at / CHUNK_SIZE;
        uint32_t within = (uint32_t)(at % CHUNK_SIZE);
        uint32_t piece = CHUNK_SIZE - within;
        if (piece > left) piece = (uint32_t)left;
        if (piece == CHUNK_SIZE) {
            error = put_whole_locked(draft, index, from);
        } else {
            error = chunk_own_locked(draft, index);
            if (!error) error = draft_chunks_write(&draft->chunks, index, within, SLICE(from, piece));
        }
        if (error) break;
        from += piece;
        at += piece;
        left -= piece;
    }
    /* What was written before a failure is there: the caller is told of the failure, the size is honest. */
    if (left < bytes.size && at > draft->size) draft->size = at;
    if (error) draft_chunks_cut(&draft->chunks, draft->size / CHUNK_SIZE, (uint32_t)(draft->size % CHUNK_SIZE));
    if (left < bytes.size) changed_locked(draft);
    return error;
}

static int cut_off_locked(struct draft *draft, uint64_t size)
{
    int error = draft->live.ino ? live_shorten(draft, size) : 0;
    if (!error) error = draft_chunks_cut(&draft->chunks, size / CHUNK_SIZE, (uint32_t)(size % CHUNK_SIZE));
    if (error) return error;
    if (draft->visible > size) draft->visible = size;
    if (draft->shown > draft->visible) draft->shown = draft->visible;
    return 0;
}

int draft_truncate(struct draft *draft, uint64_t size)
{
    if (size > INT64_MAX) return ERR_FBIG;
    draft_lock(draft);
    int error = size < draft->size ? cut_off_locked(draft, size) : 0;
    if (!error) draft_changed_locked(draft, size);
    draft_unlock(draft);
    return error;
}

void draft_fulfil_locked(const struct draft *draft, struct transaction *tx)
{
    blob_intents_fulfil(&draft->chunks.intents, tx);
    blob_intents_fulfil(&draft->sealed, tx);
}

void draft_unsettled_locked(struct draft *draft, const struct version_id *version)
{
    mutex_assert_held(&draft->lock);
    if (version) draft->unsettled = *version;
    blob_intents_unsettled(&draft->chunks.intents);
    blob_intents_unsettled(&draft->sealed);
}

void draft_rebase_locked(struct draft *draft, const struct version *version, bool kept_blobs)
{
    mutex_assert_held(&draft->lock);
    draft_chunks_clear(&draft->chunks, kept_blobs);
    if (kept_blobs) blob_intents_forget(&draft->sealed);
    else blob_intents_abandon(&draft->sealed);
    content_reader_release(&draft->origin);
    content_reader_init(&draft->origin, draft->store, &version->id, version->abandoned, &version->content);
    draft->appended_from = version->content.size;
    draft->visible = version->content.size;
    draft->size = version->content.size;
    draft->shown = version->content.allocated;
    draft->allocated = version->content.allocated;
    draft->unsettled = (struct version_id){0};
    draft->only_appended = false;
    draft->changed = false;
}

int draft_append_to_locked(struct draft *draft, const struct version *version)
{
    mutex_assert_held(&draft->lock);
    assert(draft->changed && draft->only_appended);
    struct draft fresh;
    draft_init(&fresh, draft->store, version);

    uint8_t *piece = malloc(CHUNK_SIZE);
    int error = piece ? 0 : ERR_NOMEM;
    uint64_t from = draft->appended_from, to = version->content.size, end = draft->size;
    while (!error && from < end) {
        /* Pieces end where a chunk of the new place ends, so that each of these is written once and whole. */
        size_t size = CHUNK_SIZE - (size_t)(to % CHUNK_SIZE);
        if (size > end - from) size = (size_t)(end - from);
        error = draft_read_locked(draft, from, piece, size);
        if (!error) error = draft_write(&fresh, to, SLICE(piece, size), true);
        from += size;
        to += size;
    }
    free(piece);
    if (error) {
        draft_release(&fresh);
        return error;
    }

    draft_chunks_release(&draft->chunks);
    draft->chunks = fresh.chunks;
    content_reader_release(&draft->origin);
    content_reader_init(&draft->origin, draft->store, &version->id, version->abandoned, &version->content);
    draft->visible = draft->appended_from = version->content.size;
    draft->shown = version->content.allocated;
    draft->size = to;
    count_locked(draft);
    content_reader_release(&fresh.origin);
    mutex_release(&fresh.lock);
    return 0;
}

bool draft_only_appended(struct draft *draft)
{
    MUTEX_GUARD(&draft->lock);
    return draft->only_appended && draft->size > draft->appended_from;
}
