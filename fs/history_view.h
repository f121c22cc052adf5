/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_HISTORY_VIEW_H
#define OCC_HISTORY_VIEW_H

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

#include "history.h"
#include "node.h"

struct filesystem;

/*
 * History by path: the directory `f@@` beside a file f, or beside where one was, and the versions in it. No listing shows it, and
 * nothing of it can be changed, but that a version can be written on: that makes a draft of f (history_open.h).
 *
 * Nodes:
 *  1. All belong to a name: which history that is, is found anew by name for each request. Where a node was looked up last says it:
 *     `f@@` and `f@@/3` (whatever name led to version 3), both with f's directory.
 *  2. A VIEW_HISTORY hangs on the file that had the name when it was looked up, so that what tells the file's views tells it. Others,
 *     and that of a removed file, hang on a struct file of their own, with a number above all of the store's (bit 63).
 *  3. A VIEW_VERSION shows one version for ever. Only who may write on it changes, with f.
 *  4. `f@@TOKEN` is a symbolic link to `f@@/TOKEN`, so that the kernel asks whether the caller may enter `f@@`.
 *
 * The kernel keeps names for a moment only; what it must ask of f@@ at once (rights, listings) it is told to forget. A version's
 * attributes may lag behind f's as long: that f can be written again. That it cannot is seen when the version is opened
 * (history_open.h). The moments are such that `ls -l` of many versions asks for each once, or not at all.
 */
#define HISTORY_TIMEOUT 1.0         /* of f@@, and of what was listed */
#define HISTORY_VERSION_TIMEOUT 0.1 /* of a version that was looked up */

/* A history and the name that led to it. */
struct history_place {
    uint64_t directory;
    char base[256]; /* the file's name */
    struct history history;
};

/* The version that the entry of a directory leads to, with how it is called there. */
struct history_entry {
    struct version version;
    unsigned killed;
};

/* LOOKUP of what has no entry in a directory of the store: ERR_NOENT if it is no history either. */
int history_lookup(struct filesystem *fs, uint64_t directory, const char *name, struct fuse_entry_param *ret_entry);
/* LOOKUP in `f@@`. */
int history_lookup_in(struct filesystem *fs, fuse_ino_t parent, const char *name, struct fuse_entry_param *ret_entry);

/* The history that the node belongs to now. ERR_NOENT: none any more. */
int history_place_of(struct filesystem *fs, fuse_ino_t nodeid, struct history_place *ret_place);

/* One more kernel reference to the entry's node. */
int history_entry_view(struct filesystem *fs, const struct history_place *place, const struct history_entry *entry,
                       struct fuse_entry_param *ret_entry);

/* What a VIEW_VERSION shows. */
int history_version_of(struct filesystem *fs, fuse_ino_t nodeid, struct version *ret_version);

/* As for views and attributes of files. ERR_NODATA for all attributes but the access list and a version's token. */
int history_attributes(struct filesystem *fs, fuse_ino_t nodeid, struct stat *ret_attributes, double *ret_timeout);
int history_readlink(struct filesystem *fs, fuse_ino_t nodeid, struct buffer *ret_target);
int history_xattr_get(struct filesystem *fs, fuse_ino_t nodeid, const char *name, struct buffer *ret_value);
int history_xattr_list(struct filesystem *fs, fuse_ino_t nodeid, struct buffer *ret_names);

#endif
