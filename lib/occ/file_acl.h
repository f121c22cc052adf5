/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_FILE_ACL_H
#define OCC_FILE_ACL_H

#include "acl.h"
#include "hash.h"
#include "inode.h"

/*
 * The access control lists of files: kept as attributes, in step with the mode bits, told by inode.acl without a look. An access
 * list that says no more than the mode bits is not kept.
 */

/* Sets or (value NULL, or of no entries) removes the list called `name` (acl.h). Changes mode and ctime. `keeps_sgid`: the caller may
 * keep the set-group-id bit (is root or in the file's group). ERR_INVAL, ERR_ACCES (a default list of what is no directory).
 * Removing what is not there is success. */
int file_acl_set(struct store *store, uint64_t ino, struct slice name, const struct slice *value, bool keeps_sgid,
                 struct inode *ret_inode);

/* In a transaction that has loaded the inode and has given it another mode: the access list follows. */
int file_acl_follow_mode(struct transaction *tx, const struct inode *inode);

/*
 * In a transaction that makes `inode` in `directory`: sets its mode to what it was created with (`umask` not applied) less what the
 * umask or, if the directory has a default list, that list does not grant. After the inode has its number, file_acl_inherit_put
 * stores the lists. Release afterwards.
 */
struct inherited_acl {
    struct acl access;       /* no entries: none is kept */
    struct acl default_list; /* of a directory: hands it on */
};

int file_acl_inherit(struct transaction *tx, const struct inode *directory, uint32_t umask, struct inode *inode,
                     struct inherited_acl *ret_inherited);
void file_acl_inherit_put(struct transaction *tx, const struct inode *inode, const struct inherited_acl *inherited);
void inherited_acl_release(struct inherited_acl *inherited);

/* In a transaction that makes a version of the file: keeps its access list where versions have theirs (acl_record.h) and tells which
 * it is; zeros for none. The inode was loaded in the transaction. */
int file_acl_keep(struct transaction *tx, const struct inode *inode, struct hash128 *ret_acl);
/* The same of a file that is made in the transaction. */
int file_acl_inherit_keep(struct transaction *tx, const struct inherited_acl *inherited, struct hash128 *ret_acl);
/* In a transaction that gives the file back the mode of a version: and the access list. The caller puts the inode. */
int file_acl_restore(struct transaction *tx, const struct hash128 *acl, struct inode *inode);

/* In a transaction that makes `to` (inode.acl and mode are set already): gives it the access list of `from`, if that has one. */
int file_acl_copy_access(struct transaction *tx, const struct inode *from, const struct inode *to);

#endif
