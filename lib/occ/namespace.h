/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_NAMESPACE_H
#define OCC_NAMESPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "commit.h"
#include "dirent_record.h"
#include "hash.h"
#include "inode.h"
#include "writer.h"

/*
 * Names: making, finding, moving and removing files of every type. Each call is one transaction, repeated until nobody interfered;
 * it changes the times, link counts and sizes that POSIX says, of directories too. Permissions are the caller's matter
 * (the kernel checks them); types, emptiness and existence are checked here. Every change of a directory's
 * entries rewrites the directory's inode, so that "the directory is empty" and "the directory still exists" hold at commit.
 *
 * An inode that loses its last name stays, marked as unlinked, until namespace_reap: it may be open.
 */

enum { LINKS_MAX = 65000 }; /* of a file; a directory has two and one for each directory in it */

/* ERR_NOENT, also when `directory` is none. Finds what occ_directory.h keeps out of the root's entries. */
int namespace_lookup(struct store *store, uint64_t directory, struct slice name, struct dirent_record *ret_dirent);

struct new_inode {
    uint32_t mode;     /* type and permission bits, as asked for */
    uint32_t umask;    /* of the caller; does not apply where the directory has a default access control list */
    uint32_t uid, gid; /* gid: replaced by the directory's where that is set-gid; a new directory then is set-gid too */
    uint64_t rdev;     /* devices */
    struct slice symlink; /* symlinks: the target */
    bool opened; /* regular files: its maker writes it. If that comes to nothing, it gets back what the name had */
};

/* Creates a file of any type. A regular one gets a lineage and version 0, or goes on with what its name had; the file that has moved
 * away from there then forks (ret_forked: its number, or 0). ERR_EXIST, ERR_NAMETOOLONG, ERR_MLINK (directories),
 * ERR_NOENT when the directory was removed. */
int namespace_create(struct store *store, uint64_t directory, struct slice name, const struct new_inode *new_inode,
                     const struct writer *writer, struct inode *ret_inode, uint64_t *ret_forked);

/* For modules that add a name in a transaction of their own (conflict.c). The directory has been loaded into the
 * transaction and is put by the caller; `inode` is complete but for its number, times, change count and nlink, `acl` names its
 * access list. Puts the dirent, the inode and, for regular files, version 0. Expects the name to be absent: ERR_EXIST. */
int namespace_create_in(struct transaction *tx, struct inode *directory, struct slice name, const struct writer *writer,
                        const struct hash128 *acl, struct inode *inode, uint64_t *ret_forked);

int namespace_link(struct store *store, uint64_t ino, uint64_t directory, struct slice name, struct inode *ret_inode);

/* Removes a name that is no directory. ret_inode: the file afterwards (nlink 0 if that was the last). ERR_ISDIR. ERR_CONFLICT if the
 * caller has named a version (not merely read one) and that is not the newest; `claim` NULL: nothing is compared. */
int namespace_unlink(struct store *store, uint64_t directory, struct slice name, const struct claim *claim,
                     struct inode *ret_inode);

/* For modules that remove such a name in a transaction of their own (resolution.c): both have been loaded, and are put. */
int namespace_unlink_in(struct transaction *tx, struct inode *directory, struct slice name, struct inode *inode);

/* ERR_NOTEMPTY, ERR_NOTDIR. ret_inode: the directory afterwards, nlink 0. */
int namespace_rmdir(struct store *store, uint64_t directory, struct slice name, struct inode *ret_inode);

struct rename_request {
    uint64_t from_directory, to_directory;
    struct slice from_name, to_name;
    bool no_replace; /* RENAME_NOREPLACE */
    const struct writer *writer;
    const struct claim *claim; /* NULL: nothing is compared */
};

struct rename_result {
    bool refused;                   /* a conflict: nothing was moved; `conflict` alone says more */
    struct commit_result conflict;  /* where the content stands that was not moved */
    struct inode moved;             /* what has the new name now */
    struct version_id moved_before; /* its head before; differs from moved.head when it took over a history */
    uint64_t forked;                /* another file that had the name once and forks; 0 for none */
    bool replaced;
    struct inode gone; /* what had the new name, when `replaced`; nlink 0 if that was its last */
    bool same;         /* both names were one file: nothing was done, as POSIX says */
};

/*
 * rename(2).
 *
 * A regular file over a regular file, or to a name that had one (succession.h), continues the history of the name: the moved
 * file's content becomes the next version of that lineage, with both heads as parents, and the moved file's inode goes on with it;
 * where the content is the same no version is made and the inode takes over the head. A replaced file that keeps other names
 * forks. A conflict's sibling that replaces the file whose conflict it is has resolved it: it is one no more. If what the
 * caller claims to have read is not the newest version of that history, nothing is moved: the result is a conflict.
 * ERR_NOENT, ERR_EXIST, ERR_NOTDIR, ERR_ISDIR, ERR_NOTEMPTY, ERR_INVAL (a directory into itself), ERR_MLINK.
 */
int namespace_rename(struct store *store, const struct rename_request *request, struct rename_result *ret_result);

/* RENAME_EXCHANGE: both names must exist; histories stay with their files. */
int namespace_exchange(struct store *store, uint64_t directory_a, struct slice name_a, uint64_t directory_b,
                       struct slice name_b);

/* Deletes an inode with nlink 0 that nobody has open, its attributes and target; its versions stay. ERR_BUSY when it has links. */
int namespace_reap(struct store *store, uint64_t ino);
/* After a crash: every inode that was unlinked. */
int namespace_reap_all(struct store *store);

/* Gives a file that was created anew what its name had, since its writer will not commit; ret_version: that, lineage 0 if the file is
 * gone or has committed something. */
int namespace_restore(struct store *store, uint64_t ino, struct version *ret_version);
/* After a crash: every file that was being created anew. */
int namespace_restore_all(struct store *store, uint64_t *ret_count);

#endif
