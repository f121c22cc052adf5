/* SPDX-License-Identifier: Apache-2.0 */
#include "attributes.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "clock.h"
#include "file_acl.h"
#include "xattr.h"

static const char capability_name[] = "security.capability";

static void apply(const struct attribute_changes *changes, struct inode *inode)
{
    if (changes->set_mode) inode->mode = (inode->mode & S_IFMT) | (changes->mode & 07777);
    if (changes->set_uid) inode->uid = changes->uid;
    if (changes->set_gid) inode->gid = changes->gid;
    if (changes->set_atime) inode->atime = changes->atime;
    if (changes->set_mtime) inode->mtime = changes->mtime;
    if (changes->kill_suid_sgid && !S_ISDIR(inode->mode)) {
        inode->mode &= ~(uint32_t)S_ISUID;
        /* Without group execute the bit means mandatory locking, not a privilege. */
        if ((inode->mode & S_IXGRP) || !changes->in_group) inode->mode &= ~(uint32_t)S_ISGID;
    }
    inode->ctime = clock_now();
}

/* What a file may do beyond its user's rights goes with the set-id bits. */
static int capability_drop(struct transaction *tx, uint64_t ino)
{
    struct buffer value = {0};
    int error = xattr_load(tx, ino, SLICE_STRING(capability_name), &value);
    if (!error) xattr_delete(tx, ino, SLICE_STRING(capability_name), value.size);
    buffer_release(&value);
    return error == ERR_NODATA ? 0 : error;
}

int attributes_change(struct store *store, uint64_t ino, const struct attribute_changes *changes,
                      struct inode *ret_inode)
{
    struct transaction tx;
    struct inode inode;
    int error;
    transaction_init(&tx, store);
    do {
        transaction_restart(&tx);
        error = inode_load(&tx, ino, &inode);
        if (error) break;
        apply(changes, &inode);
        if (changes->set_mode) error = file_acl_follow_mode(&tx, &inode);
        if (!error && (changes->kill_suid_sgid || changes->drop_capability)) error = capability_drop(&tx, ino);
        if (error) break;
        inode_put(&tx, &inode);
        error = transaction_commit(&tx, false);
    } while (error == TRANSACTION_AGAIN);
    transaction_release(&tx);
    if (!error) *ret_inode = inode;
    return error;
}

static int note_accesses(struct transaction *tx, const struct access_time *accesses, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        struct inode inode;
        int error = inode_load(tx, accesses[i].ino, &inode);
        if (error && error != ERR_NOENT) return error;
        if (error || !clock_before(&inode.atime, &accesses[i].time)) continue;
        inode.atime = accesses[i].time;
        inode_put(tx, &inode);
        any = true;
    }
    return any ? transaction_commit(tx, false) : 0;
}

int attributes_note_accesses(struct store *store, const struct access_time *accesses, size_t count)
{
    struct transaction tx;
    int error;
    transaction_init(&tx, store);
    do {
        transaction_restart(&tx);
        error = note_accesses(&tx, accesses, count);
    } while (error == TRANSACTION_AGAIN);
    transaction_release(&tx);
    return error;
}

/* ---- extended attributes ---- */

static bool begins_with(struct slice name, const char *prefix)
{
    size_t length = strlen(prefix);
    return name.size >= length && memcmp(name.data, prefix, length) == 0;
}

bool attributes_is_capability(struct slice name)
{
    return slice_equal(name, SLICE_STRING(capability_name));
}

int attributes_has_capability(struct store *store, uint64_t ino, bool *ret_has)
{
    struct buffer value = {0};
    int error = xattr_get(store, ino, SLICE_STRING(capability_name), &value);
    buffer_release(&value);
    if (error && error != ERR_NODATA) return error;
    *ret_has = !error;
    return 0;
}

bool attributes_is_acl(struct slice name)
{
    return slice_equal(name, SLICE_STRING(ACL_ACCESS_NAME)) || slice_equal(name, SLICE_STRING(ACL_DEFAULT_NAME));
}

static int check_name(struct slice name)
{
    static const char *const namespaces[] = {"user.", "trusted.", "security."};
    if (name.size == 0 || name.size > XATTR_NAME_MAX_BYTES) return ERR_RANGE;
    for (size_t i = 0; i < sizeof namespaces / sizeof namespaces[0]; i++)
        if (begins_with(name, namespaces[i])) return name.size > strlen(namespaces[i]) ? 0 : ERR_INVAL;
    return attributes_is_acl(name) ? 0 : ERR_NOTSUP;
}

int attributes_xattr_get(struct store *store, uint64_t ino, struct slice name, struct buffer *ret_value)
{
    int error = check_name(name);
    if (error) return error;
    return begins_with(name, "user.occ.") ? ERR_NODATA : xattr_get(store, ino, name, ret_value);
}

int attributes_xattr_list(struct store *store, uint64_t ino, struct buffer *ret_names)
{
    return xattr_list(store, ino, ret_names);
}

struct xattr_change {
    struct slice name;
    const struct slice *value; /* NULL: remove */
    int flags;
};

static int xattr_change_once(struct transaction *tx, uint64_t ino, const struct xattr_change *change,
                             struct buffer *old, struct inode *inode)
{
    int error = inode_load(tx, ino, inode);
    if (error) return error;
    error = xattr_load(tx, ino, change->name, old);
    bool exists = error == 0;
    if (error && error != ERR_NODATA) return error;
    if (!exists && (!change->value || (change->flags & XATTR_REPLACE))) return ERR_NODATA;
    if (exists && (change->flags & XATTR_CREATE)) return ERR_EXIST;
    /* A shorter value has fewer records; those of the old one that it does not overwrite must not stay. */
    if (exists) xattr_delete(tx, ino, change->name, old->size);
    if (change->value) xattr_put(tx, ino, change->name, *change->value);
    inode->ctime = clock_now();
    inode_put(tx, inode);
    return transaction_commit(tx, false);
}

static int xattr_change(struct store *store, uint64_t ino, const struct xattr_change *change, struct inode *ret_inode)
{
    int error = check_name(change->name);
    if (!error && begins_with(change->name, "user.occ.")) error = ERR_PERM;
    if (!error && change->value && change->value->size > XATTR_VALUE_MAX) error = ERR_TOOBIG;
    if (error) return error;
    struct transaction tx;
    struct buffer old = {0};
    struct inode inode;
    transaction_init(&tx, store);
    do {
        transaction_restart(&tx);
        error = xattr_change_once(&tx, ino, change, &old, &inode);
    } while (error == TRANSACTION_AGAIN);
    transaction_release(&tx);
    buffer_release(&old);
    if (!error) *ret_inode = inode;
    return error;
}

int attributes_xattr_set(struct store *store, uint64_t ino, struct slice name, struct slice value, int flags,
                         struct inode *ret_inode)
{
    const struct xattr_change change = {.name = name, .value = &value, .flags = flags};
    return xattr_change(store, ino, &change, ret_inode);
}

int attributes_xattr_remove(struct store *store, uint64_t ino, struct slice name, struct inode *ret_inode)
{
    const struct xattr_change change = {.name = name};
    return xattr_change(store, ino, &change, ret_inode);
}
