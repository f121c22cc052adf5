/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_HANDLE_H
#define OCC_HANDLE_H

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

/* Puts it where all are found. */
void handle_enlist_locked(struct views *views, struct handle *handle);

/* Frees the handle. *ret_last_draft: the draft, if no other handle has it, or the handle's share of a shared one; the caller
 * passes it to closing_release or open_draft_free. */
void handle_close(struct filesystem *fs, struct handle *handle, struct open_draft **ret_last_draft);

/* One more handle on a private draft, for a while; given back with closing_handle. NULL without memory. */
struct handle *handle_share_locked(struct views *views, struct open_draft *draft);

/* The kernel has gone: frees all that are left, without what hangs on files. */
void handles_free(struct views *views);

/* Frees a handle that nobody was given, with all that hangs on it. */
void handle_discard(struct filesystem *fs, struct handle *handle);

/* Makes it a bound reader of the file's head. */
int handle_bind(struct filesystem *fs, uint64_t ino, struct handle *handle);
void handle_unbind(struct handle *handle);

/* The content that a reading handle shows. */
int handle_reader(struct filesystem *fs, struct handle *handle, struct content_reader **ret_reader);

#endif
