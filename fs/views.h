/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_VIEWS_H
#define OCC_VIEWS_H

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

#include "file.h"
#include "mutex.h"
#include "node.h"
#include "reservation.h"

/*
 * A kernel inode is one view: it shows one version, or one draft, never first one and then the other. The kernel may
 * therefore cache pages, sizes and attributes without asking.
 *
 * Invariants:
 *  1. A file has at most one PUBLISHED view. It shows the head, or a version whose commit's successor has not been answered yet.
 *  2. What a PUBLISHED or SUPERSEDED view shows never changes while somebody has it open or a reservation names it.
 *  3. A view that was a DRAFT is PUBLISHED only when its last handle has gone and all that it showed is the head.
 *  4. What a view shows is of the history that the file had when a name led to the view (node->lineage). A PUBLISHED view is of the
 *     history that the file has now: what was read through it is remembered for the name by which it was found.
 *  5. When a commit is answered, no name that the kernel holds leads to an older view (expiry.h), but for the races that open
 *     redirects and getattr answers for the head.
 *
 *     LOOKUP, no published view: view_lookup ------> PUBLISHED <----- truncate by path keeps it (view_truncated)
 *     OPEN for writing, nobody has it open: -------> DRAFT            (its names are expired first; one name only)
 *     a commit on the file: view_committed --------> SUPERSEDED
 *     the file is of another history: -------------> SUPERSEDED       (view_history_changed, view_forked)
 *     OPEN that cannot be served: ESTALE, then the same thread's LOOKUP: RESERVED (writers) or the PUBLISHED one (readers)
 *     of a live file (live_file.h): LIVE, as long as the policy holds; PUBLISHED and LIVE turn into each other while nobody
 *     has the file open
 *     RESERVED --OPEN--> DRAFT --last close--> PUBLISHED if it shows the head, else SUPERSEDED --FORGET--> gone
 */
struct expiry;
struct filesystem;

struct views {
    struct mutex lock;
    struct node_table nodes;          /* guarded by lock, with all nodes in it */
    struct file *files;               /* guarded by lock: hash table by ino */
    struct reservations reservations; /* guarded by lock */
    struct open_draft *shared;        /* guarded by lock: list of the live files' drafts */
    struct open_draft *appending;     /* guarded by lock: list of drafts that were opened with O_APPEND */
    struct handle *handles;           /* guarded by lock: list, the newest first */
    uint64_t looks;                   /* guarded by lock: how often somebody looked at all that is open (status.c) */
    uint64_t handles_made;            /* guarded by lock */
};

/*
 * How long the kernel may keep what it was told, seconds. VIEW_TIMEOUT is a last bound: names are expired exactly when they
 * must be. The kernel enters a LOOKUP's answer under the directory's lock, which an expiry takes too, so that the two cannot
 * cross; but where it only asks again for a name that it holds (revalidation) it takes no lock. Such answers are told by the
 * view having been handed out before. They get no timeout while the file is changing, and otherwise an expiry that comes
 * within ANSWER_ON_ITS_WAY_NS of one is done twice before what it stands for is answered, unless the thread that asked has
 * made another request since: then its answer has arrived (view_answer_arrived_locked).
 */
#define VIEW_TIMEOUT 60.0
#define TREE_TIMEOUT 86400.0 /* directories, symlinks, special files, absent names: only the kernel changes these */
#define ANSWER_ON_ITS_WAY_NS 20000000LL
#define CHANGING_NS 100000000LL

int views_init(struct views *views);
/* The kernel has gone: everything is dropped, drafts too. */
void views_release(struct views *views);

/* The file's number behind a nodeid; 0 if the nodeid names nothing, or nothing of the store: history. */
uint64_t view_ino(struct views *views, fuse_ino_t nodeid);
/* Whether the node is one of history_view.h. */
bool view_is_history(struct views *views, fuse_ino_t nodeid);
/* Why there is none, for a request that would change something: ERR_STALE or ERR_HISTORY. */
int view_refusal(struct views *views, fuse_ino_t nodeid);

/* ---- files ---- */

/* The file's entry, made if need be, held until file_drop. NULL when out of memory. */
struct file *file_hold(struct views *views, uint64_t ino);
struct file *file_hold_node(struct views *views, fuse_ino_t nodeid);
void file_drop(struct filesystem *fs, struct file *file);

/* Adds the nodes of all the file's views but `except` to the expiry's inodes. */
void file_tell_views(struct views *views, struct file *file, fuse_ino_t except, struct expiry *expiry);
/* The same at once, for a request that answers by itself. */
void file_tell_all_views(struct filesystem *fs, uint64_t ino);

/* The path below the mountpoint, for people; best effort. */
void view_path(struct views *views, uint64_t directory, const char *name, char *path, size_t size);

/* ---- names ---- */

/* Looks at the file for the calling thread and fills the entry with one more kernel reference. `name`: as in the directory. */
int view_lookup(struct filesystem *fs, pid_t tid, uint64_t ino, uint64_t directory, const char *name,
                struct fuse_entry_param *ret_entry);
void view_forget(struct filesystem *fs, fuse_ino_t nodeid, uint64_t lookups);

/* After the store has done it: a name is gone, or leads from one place to another. */
void view_name_removed(struct filesystem *fs, uint64_t ino, uint64_t directory, const char *name, bool last, pid_t by);
void view_name_moved(struct filesystem *fs, uint64_t ino, uint64_t from_directory, const char *from_name,
                     uint64_t to_directory, const char *to_name, pid_t by);
/* The published view, if it was found by a name of another history than that one, is published no longer: who has found it so is sent to look
 * again, and who has it open goes on to see the version that was there, with that one's token. */
void view_retire_locked(struct views *views, struct file *file, uint64_t lineage);
/* A rename by that process may have made the file part of another history: the process's own drafts go on under the new head, which
 * says the same. Who has found the file by a name that it had before is sent to look again. */
void view_history_changed(struct filesystem *fs, const struct inode *inode, const struct version_id *before, pid_t by,
                          struct expiry *expiry);
/* The file, if it is not 0, has a lineage of its own from now on: the name that it had has kept the other one. */
void view_forked(struct filesystem *fs, uint64_t ino, struct expiry *expiry);

/* ---- attributes ---- */

/* What stat of the node answers, and for how long. */
int view_attributes(struct filesystem *fs, fuse_ino_t nodeid, struct stat *ret_attributes, double *ret_timeout);
/* The same from an inode that was just read. */
void view_fill(struct filesystem *fs, const struct node *node, const struct inode *inode, struct stat *ret_attributes);
/* The version whose token the node shows. */
int view_version(struct filesystem *fs, fuse_ino_t nodeid, struct version_id *ret_version);
/* Whether that is the file's head, since nobody has the node open and it shows nothing of its own any more. */
bool view_tells_head(struct views *views, fuse_ino_t nodeid);

/* The conflict that the draft of that node has met, if it has met one. */
bool view_conflict(struct views *views, fuse_ino_t nodeid, struct found_conflict *ret_conflict);

/* Whether the draft of that node has committed; *ret_made: and whether the last commit made a version. */
bool view_made(struct views *views, fuse_ino_t nodeid, bool *ret_made);

/* ---- commits ---- */

/* The thread makes a request of the node (NULL: of none): what it has asked before was answered, and is in the kernel's cache. */
void view_answer_arrived_locked(struct views *views, const struct node *node, pid_t tid);

/* The file has a new head, `version`: retires the published view unless it shows that or is `keep`, which shows it from now
 * on, and adds what the kernel must be told to `expiry`. */
void view_committed(struct filesystem *fs, struct file *file, const struct version *version, struct node *keep,
                    struct expiry *expiry);

/* Adds the names that the kernel may hold for the file; expiries under way are counted until the expiry has run. */
void view_expire_names_locked(struct filesystem *fs, struct file *file, struct expiry *expiry);
/* Adds those that the file has got by renames meanwhile. */
void view_add_moved_names(struct filesystem *fs, struct expiry *expiry);
void view_expired(struct filesystem *fs, uint64_t ino);

/* The node of an inode that has only one (a directory), 0 if the kernel does not know it. */
fuse_ino_t view_single_node(struct views *views, uint64_t ino);

/* Frees a node that nobody refers to any more. */
void node_settle_locked(struct views *views, struct node *node);

#endif
