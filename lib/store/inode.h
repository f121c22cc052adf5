/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_INODE_H
#define OCC_INODE_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "hash.h"
#include "transaction.h"

enum { ROOT_INO = 1 };
enum { INODE_ACL_ACCESS = 1, INODE_ACL_DEFAULT = 2 };

/* Names one version of one lineage. The nonce is random: an ordinal that was lost with the tail of the
 * log in a power cut and given again names another version. */
struct version_id {
    uint64_t lineage; /* 0: no version */
    uint64_t ordinal;
    uint64_t nonce;
};

bool version_id_equal(const struct version_id *a, const struct version_id *b);
void version_id_append(struct buffer *value, const struct version_id *id);
struct version_id version_id_read(struct reader *fields);

/* Who may do what with a file. */
struct file_rights {
    uint32_t mode; /* permission bits */
    uint32_t uid;
    uint32_t gid;
    struct hash128 acl; /* its access list (acl_record.h); zeros: none */
};

void file_rights_append(struct buffer *value, const struct file_rights *rights);
struct file_rights file_rights_read(struct reader *fields);

/*
 * Key: 'i' ino. The mutable part of a file of any type. What a regular file contains is not here but in the version
 * that `head` names; size, allocated and mtime repeat that version's so that stat needs one read.
 */
struct inode {
    uint64_t ino;
    uint32_t mode; /* type and permission bits, as in st_mode */
    uint32_t uid;
    uint32_t gid;
    uint32_t nlink;
    uint64_t rdev;
    struct timespec atime;
    struct timespec mtime;
    struct timespec ctime;
    struct timespec btime;
    uint64_t change;    /* counts writes of this record; any two states of a directory differ in it */
    uint64_t size;      /* bytes; of a symlink the target's length */
    uint64_t allocated; /* bytes that the content takes, holes not counted */
    uint8_t acl;        /* INODE_ACL_*: which access control lists stand among its attributes */
    uint8_t policy;     /* enum policy (policy.h): what was set on this file or directory; 0: it inherits */
    uint64_t parent;    /* of a directory: the directory that holds it (its own ino for the root); else 0 */

    /* Regular files only. */
    uint64_t lineage; /* the history that the next version goes into; what tells the file across saves by rename */
    struct version_id head;      /* of another lineage while the file has committed nothing of its own */
    struct version_id forked_at; /* the version of another lineage at which this one begins; lineage 0 if none */
    struct version_id
        continues; /* created anew at a name that had this version, and not committed since; lineage 0: no */
    struct file_rights continues_rights; /* of the file that had the name, when it lost it */
    struct version_id carried;           /* token of another file that was offered to this one; lineage 0 if none */
    uint64_t conflict_target;            /* lineage whose conflict sibling this file is; 0 if it is none */
};

void inode_key(uint64_t ino, struct record_key *ret_key);
void inode_encode(const struct inode *inode, uint64_t commit_id, struct buffer *ret_value);
int inode_decode(uint64_t ino, struct slice value, struct inode *ret_inode);

/* ERR_NOENT when there is no such inode. */
int inode_get(struct store *store, uint64_t ino, struct inode *ret_inode);
int inode_load(struct transaction *tx, uint64_t ino, struct inode *ret_inode);
/* Increments inode->change. */
void inode_put(struct transaction *tx, struct inode *inode);
void inode_delete(struct transaction *tx, uint64_t ino);

/*
 * Key: 'u' ino. An inode without a name that may still be open. Written when the last name goes, deleted with the
 * inode; what a crash leaves behind is removed at the next mount.
 */
void unlinked_put(struct transaction *tx, uint64_t ino);
void unlinked_delete(struct transaction *tx, uint64_t ino);
/* Visits every ino that has such a record; return 0 to go on, negative to stop with that error. */
int unlinked_scan(struct store *store, int (*visit)(void *context, uint64_t ino), void *context);

/*
 * Key: 'A' ino. A file that was created anew by who writes it, and has committed nothing: what its name had comes back unless it does.
 * Written when it is created, deleted when that is settled; what a crash leaves behind gets back what its name had at the next mount.
 */
void anew_put(struct transaction *tx, uint64_t ino);
void anew_delete(struct transaction *tx, uint64_t ino);
/* As unlinked_scan. */
int anew_scan(struct store *store, int (*visit)(void *context, uint64_t ino), void *context);

/* Key: 'l' ino. The target of a symbolic link, 1 to 4095 bytes. */
enum { SYMLINK_TARGET_MAX = 4095 };
int symlink_get(struct store *store, uint64_t ino, struct buffer *ret_target);
void symlink_put(struct transaction *tx, uint64_t ino, struct slice target);
void symlink_delete(struct transaction *tx, uint64_t ino);

#endif
