/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_CLOSING_H
#define OCC_CLOSING_H

#include "opening.h"

/*
 * When and how drafts commit: what a close means, and everything that follows from a commit in the daemon: views, the
 * kernel's caches, the sibling of a conflict, the log.
 */

/* What the FLUSH of a writing descriptor means for its draft. */
enum closing {
    CLOSING_NOT_LAST, /* other descriptors of the open file description remain, or nobody can be seen: later */
    CLOSING_LAST,     /* commit now */
    CLOSING_KILLED,   /* its writer was killed: publish nothing that replaces anything */
};

/*
 * Whether closing a descriptor of the new handle may do what must be done before close(2) returns, and so needs a FLUSH: commit, or
 * end record locks, which go with any descriptor of the file that their owner closes. Other readers save the round trip:
 * a process is taken to lock a file only if it had it open for writing or somebody had locked it when it opened it again. Where that
 * is wrong its locks last until the release of the handle through which they were set.
 */
bool closing_matters(struct filesystem *fs, const struct handle *handle, const struct fuse_ctx *context);

/* Looks at the closing process and the one that opened the draft, no further. Notes who closes as the draft's last writer. */
enum closing closing_of(struct filesystem *fs, struct open_draft *draft, const struct fuse_ctx *context);

/*
 * Commits the draft for its last writer, tells views and, through `expiry`, the kernel. 0, ERR_CONFLICT, or an error after which the
 * draft is as it was. `keep`: a view that shows what is committed from now on (truncate by path), or NULL.
 */
int closing_commit(struct filesystem *fs, struct open_draft *draft, uint8_t operation, bool durable, struct node *keep,
                   struct expiry *expiry);

/* Drops what the draft holds uncommitted, with all that was said of its next commit. */
int closing_discard(struct filesystem *fs, struct open_draft *draft, struct expiry *expiry);

/* After a conflict was stored: the log, the sibling's views and, through `expiry`, the kernel. */
void conflict_told(struct filesystem *fs, uint64_t directory, const char *name, const struct author *writer,
                   const struct commit_result *result, struct expiry *expiry);

/* Commits for the last time: if the commit is refused for what was said of it (next_commit.h), what was written is kept as a killed writer's
 * is. Returns what closing_commit has returned. */
int closing_last(struct filesystem *fs, struct open_draft *draft, struct expiry *expiry);

/* What becomes of the draft of a writer that was killed. */
int closing_killed(struct filesystem *fs, struct open_draft *draft, struct expiry *expiry);

/* Frees the handle. If it is its draft's last, what is left is committed. */
void closing_handle(struct filesystem *fs, struct handle *handle, struct expiry *expiry);

/* Notes the caller as the draft's last writer. */
void closing_note_writer(struct open_draft *draft, const struct fuse_ctx *context);
/* Notes who opened it, unless somebody is noted. */
void closing_note_opener(struct open_draft *draft);

#endif
