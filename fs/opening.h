/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_OPENING_H
#define OCC_OPENING_H

#include "views.h"

/* An open file description, as fi->fh. Owned by the kernel's file: made by open or create, freed by release. */
struct handle {
    struct file *file;
    uint64_t number;                /* from 1, never used again: names it in the table of locks */
    struct node *node;              /* counted in its `opens` */
    struct open_draft *draft;       /* of a writer, or of one who joined a writer; counted in its `handles` */
    struct watch *watch;            /* of .occ/watch: instead of a reader */
    struct content_reader *reader;  /* of a bound reader: its own version, whatever the node shows */
    struct handle *next, *previous; /* in the list of all, guarded by views->lock */
    bool bound;                     /* content hangs on the handle: no page cache */
    bool append;                    /* O_APPEND */
    bool writes;                    /* opened for writing */
    atomic_bool read_noted;         /* that it was read needs no more notice */
};

struct handle *handle_of(const struct fuse_file_info *file_info);

/*
 * Opens the node for the calling thread. ERR_STALE: a view was reserved, the kernel is to look the name up again.
 * Names that must be expired before the answer are added to `expiry`; file_info gets the caching flags.
 */
int view_open(struct filesystem *fs, const struct fuse_ctx *context, fuse_ino_t nodeid,
              struct fuse_file_info *file_info, struct expiry *expiry, struct handle **ret_handle);

/* After CREATE: a draft of a file that was just made, with its own view and one kernel reference. */
int view_create(struct filesystem *fs, const struct fuse_ctx *context, const struct inode *inode, uint64_t directory,
                const char *name, struct fuse_file_info *file_info, struct fuse_entry_param *ret_entry,
                struct handle **ret_handle);

/* Reserves a view for the thread, for a SETATTR of the size by path that `node` cannot serve: ERR_STALE, or ERR_NOMEM. */
int view_redirect(struct filesystem *fs, pid_t tid, fuse_ino_t nodeid, bool writing);

/* For an attribute of what a name leads to: ERR_STALE, once, where the file has left the name's history and the name may lead elsewhere. */
int view_look_again(struct filesystem *fs, pid_t tid, fuse_ino_t nodeid);

/*
 * A handle on the draft that the node is, if the caller is its opener or descends from that one and means the draft: it came back
 * after a redirection without looking a name up, or there is no version yet to which the name could lead. Else NULL.
 */
struct handle *view_join(struct filesystem *fs, const struct fuse_ctx *context, fuse_ino_t nodeid, bool came_back);

/* The same for a CREATE whose name is there already: the thread's next look at it must not be refused again, since the kernel
 * looks again only once. `flags`: of open(2). */
int view_redirect_create(struct filesystem *fs, pid_t tid, int flags);

/* For what opens files otherwise (history_open.c): put a handle, or a private draft, where all are found. */
void handle_enlist_locked(struct views *views, struct handle *handle);
void draft_enlist_locked(struct views *views, struct open_draft *draft, struct node *node, bool append);

/* Frees the handle. *ret_last_draft: the draft, if no other handle has it, or the handle's share of a shared one; the caller
 * passes it to closing_release or open_draft_free. */
void handle_close(struct filesystem *fs, struct handle *handle, struct open_draft **ret_last_draft);

/* One more handle on a private draft, for a while; given back with closing_handle. NULL without memory. */
struct handle *handle_share_locked(struct views *views, struct open_draft *draft);

/* The kernel has gone: frees all that are left, without what hangs on files. */
void handles_free(struct views *views);

/* Frees a handle that nobody was given, with all that hangs on it. */
void handle_discard(struct filesystem *fs, struct handle *handle);

/* Makes a draft on the version that is the file's head, or `version` if not NULL. Not in any list. */
int open_draft_new(struct filesystem *fs, struct file *file, const struct version_id *version,
                   const struct fuse_ctx *context, struct open_draft **ret_draft);
/* Takes it out of the file's list and frees it; of a shared one, lets go of one handle's share. */
void open_draft_free(struct filesystem *fs, struct open_draft *draft);
/* Moves the file's times, at once, for an operation that changes no byte of the draft. */
int open_draft_touch(struct filesystem *fs, struct open_draft *draft, struct expiry *expiry);
/* Frees one that is in no list. NULL is fine. */
void open_draft_destroy(struct open_draft *draft);

/* The content that a reading handle shows. */
int handle_reader(struct filesystem *fs, struct handle *handle, struct content_reader **ret_reader);

#endif
