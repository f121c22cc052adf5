/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_ATTRIBUTES_H
#define OCC_ATTRIBUTES_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "inode.h"

/*
 * Attributes of a file that are no content: they make no version and apply at once. Each call is one transaction,
 * repeated until nobody interfered.
 */
struct attribute_changes {
    bool set_mode, set_uid, set_gid, set_atime, set_mtime;
    uint32_t mode; /* permission, set-id and sticky bits; the type stays */
    uint32_t uid, gid;
    struct timespec atime, mtime;
    bool kill_suid_sgid;  /* clear set-user-id, and set-group-id unless it gives nobody anything and `in_group` */
    bool in_group;        /* the caller is in the file's group, or has CAP_FSETID */
    bool drop_capability; /* security.capability; implied by kill_suid_sgid */
};

/* ctime becomes now. chown of anything but a directory with set-id bits clears them when `kill_suid_sgid`. */
int attributes_change(struct store *store, uint64_t ino, const struct attribute_changes *changes,
                      struct inode *ret_inode);

/* Later times of last access, of all files in one commit; who is gone is passed over. ctime stays. */
enum { ACCESS_BATCH_MAX = 50 };
struct access_time {
    uint64_t ino;
    struct timespec time;
};
int attributes_note_accesses(struct store *store, const struct access_time *accesses, size_t count);

/* ---- extended attributes that are not occfs's own ("user.occ." is refused with ERR_PERM) ---- */

/* Whether it names a program's capability, and whether the file has that. */
bool attributes_is_capability(struct slice name);
int attributes_has_capability(struct store *store, uint64_t ino, bool *ret_has);

/* Whether it names an access control list. These can be read like others. */
bool attributes_is_acl(struct slice name);

/* ERR_NODATA. */
int attributes_xattr_get(struct store *store, uint64_t ino, struct slice name, struct buffer *ret_value);

/* flags: 0, XATTR_CREATE (ERR_EXIST) or XATTR_REPLACE (ERR_NODATA). ERR_TOOBIG above 64 KiB, ERR_RANGE for an empty or too long name,
 * ERR_NOTSUP for a namespace other than user, trusted and security. Changes ctime. Not for access control lists (file_acl.h). */
int attributes_xattr_set(struct store *store, uint64_t ino, struct slice name, struct slice value, int flags,
                         struct inode *ret_inode);
int attributes_xattr_remove(struct store *store, uint64_t ino, struct slice name, struct inode *ret_inode);

/* Names, each with a NUL. */
int attributes_xattr_list(struct store *store, uint64_t ino, struct buffer *ret_names);

#endif
