/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_DRAFT_H
#define OCC_DRAFT_H

#include <stdatomic.h>
#include <sys/types.h>

#include "content_reader.h"
#include "draft_chunks.h"

/*
 * A draft: the private, uncommitted content of one writer.
 *
 * It lies over a version (its origin): the one that it was opened on, or one of any file that was copied into it whole.
 * What the writer has not changed shows through, up to `visible` bytes. Changed chunks are whole in draft_chunks, in
 * memory, in a scratch file or in the store. draft_range.h and draft_copy.h are more ways to change a draft.
 *
 * Invariants:
 *  1. Nothing of a draft can be reached from a record until a commit names it: dropping it, or the death of the daemon,
 *     leaves no trace (scratch files have no name; blobs stand under an intent).
 *  2. Memory per draft is bounded, whatever its size (draft_chunks.h).
 *  3. visible <= origin's size, visible <= size.
 *  4. No chunk lies behind the end, and behind the end the last one is zeros: what was cut off or could not be written
 *     does not come back when the draft grows.
 *
 *      draft_init --> clean --write, truncate--> changed --draft_seal + commit, draft_rebase--> clean
 *                                                   '------- draft_release ------> gone
 *
 * All calls but init and release lock; draft_seal to draft_rebase is one critical section of the caller,
 * between draft_lock and draft_unlock.
 */
/* What makes a live file's draft durable (live.h). */
struct draft_live {
    uint64_t ino;           /* 0: an ordinary draft, nothing of this is used; immutable */
    struct mutex sync_lock; /* taken before the draft's lock: one change of the record at a time */
    uint64_t generation;    /* random: two drafts of one file, one after the other, share nothing; immutable */
    bool recorded;          /* there is a record. This and what follows: guarded by both locks */
    uint64_t size, visible; /* as the record says */
    bool synced;            /* guarded by the draft's lock: nothing was changed since live_sync */
};

struct draft {
    struct store *store;
    struct mutex lock;

    struct content_reader origin; /* guarded by lock: replaced by draft_rebase and draft_copy */
    uint64_t visible;             /* guarded by lock */
    uint64_t shown;               /* guarded by lock: bytes that what shows of the origin takes, about */
    struct draft_chunks chunks;   /* guarded by lock */
    struct blob_intents sealed;   /* guarded by lock: of what the last seal has put */
    struct version_id unsettled;  /* guarded by lock: what a commit of unknown outcome may have made; lineage 0: none */
    uint64_t appended_from;       /* guarded by lock: where the first appended byte stands, while only_appended */
    uint64_t sibling;             /* guarded by lock: ino of where a conflict has left the content; 0: no conflict */
    struct draft_live live;
    bool only_appended; /* guarded by lock: every change was an append through O_APPEND */

    /* Written under lock, read without: stat must not wait for a commit. */
    _Atomic uint64_t size;
    _Atomic uint64_t allocated;       /* bytes that the content takes, about */
    _Atomic int64_t first_written_ns; /* CLOCK_MONOTONIC: when it was first changed since the last commit */
    _Atomic int64_t written_ns;       /* when the content changed last: CLOCK_REALTIME, 0 if never */
    _Atomic int64_t mtime_seconds;    /* of the last change, or as set by the user since */
    atomic_long mtime_nanoseconds;
    atomic_bool changed;
};

/* A draft on a version; an empty one when `origin` is NULL. `store` and the version must outlive it. */
void draft_init(struct draft *draft, struct store *store, const struct version *origin);
void draft_release(struct draft *draft);

/* Fills `bytes` up to the draft's end; *ret_read is short there. */
int draft_read(struct draft *draft, uint64_t offset, void *bytes, size_t size, size_t *ret_read);

/* `append`: the descriptor has O_APPEND; the offset is then the caller's idea of the end and is taken as it is.
 * ERR_FBIG beyond 2^63-1. */
int draft_write(struct draft *draft, uint64_t offset, struct slice bytes, bool append);

int draft_truncate(struct draft *draft, uint64_t size);

/* When the content changed last, or what utimensat on the file said since. Never waits: an instant old at worst. */
struct timespec draft_changed_at(const struct draft *draft);
/* The later of the inode's ctime and the last change of the draft's content. Never waits. */
struct timespec draft_ctime(const struct draft *draft, struct timespec inode_ctime);
/* What the user says holds until the next write. */
void draft_set_mtime(struct draft *draft, struct timespec mtime);

/* Makes it one that is to be committed even if nothing is written to it: an empty file that replaces what its name had. */
void draft_begin(struct draft *draft);

/* Whether every change since the last commit was an append through O_APPEND. */
bool draft_only_appended(struct draft *draft);

/* Of a live file also keeps live_sync from telling of a state that this changes. */
void draft_lock(struct draft *draft);
void draft_unlock(struct draft *draft);

/* The same as draft_read inside the critical section, all within the draft's size. */
int draft_read_locked(struct draft *draft, uint64_t offset, uint8_t *bytes, size_t size);

/* ---- for what changes drafts; the caller holds the lock ---- */

/* Notes that the content was changed, to `size` bytes, otherwise than by an append. */
void draft_changed_locked(struct draft *draft, uint64_t size);

/* Whether the chunk holds what the origin has there; its blob, with id 0 for a hole. false: it is the draft's own, inline
 * or cut off. */
int draft_shows_locked(struct draft *draft, uint64_t index, bool *ret_shows, struct chunk_ref *ret_blob);

/* Overwrites a piece of one chunk with zeros. */
int draft_zero_piece_locked(struct draft *draft, uint64_t offset, uint32_t size);

/* Makes a committed blob, or a hole (id 0), the whole of a chunk. */
int draft_share_locked(struct draft *draft, uint64_t index, const struct chunk_ref *blob);

/* What a draft would be as a version. Its blobs are the draft's until a commit names them. */
struct sealed {
    struct content content;
    struct buffer body; /* the bytes when content.kind is CONTENT_INLINE */
};

/* Puts the content where a version may name it: chunks that differ from the origin's into the store, everything else is
 * shared. The draft can be written, sealed again (which takes back what the seal before has put) and dropped as before. Caller
 * holds the lock. */
int draft_seal_locked(struct draft *draft, struct sealed *ret_sealed);
void sealed_release(struct sealed *sealed);

/* Adds to the commit that names the sealed content that the intents of its blobs are fulfilled. Caller holds the lock. */
void draft_fulfil_locked(const struct draft *draft, struct transaction *tx);

/* The outcome of that commit is unknown: none of the blobs is deleted before the next mount. `version`: what it may have made the
 * file's head; NULL: it was no commit of the file. Caller holds the lock. */
void draft_unsettled_locked(struct draft *draft, const struct version_id *version);

/* After a commit: the draft is clean and lies over that version. `kept_blobs`: the commit has named the sealed content and fulfilled
 * the intents; else the draft's blobs are deleted. Caller holds the lock. */
void draft_rebase_locked(struct draft *draft, const struct version *version, bool kept_blobs);

/* The appended bytes are moved behind the end of another version, which becomes the origin. Caller holds the lock;
 * only_appended must be true. On failure the draft is as it was. */
int draft_append_to_locked(struct draft *draft, const struct version *version);

#endif
