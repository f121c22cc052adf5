/* SPDX-License-Identifier: Apache-2.0 */
#include "file_acl.h"

#include <string.h>
#include <sys/stat.h>

#include "acl_record.h"
#include "clock.h"
#include "xattr.h"

static const struct slice access_name = {ACL_ACCESS_NAME, sizeof ACL_ACCESS_NAME - 1};
static const struct slice default_name = {ACL_DEFAULT_NAME, sizeof ACL_DEFAULT_NAME - 1};

static int load(struct transaction *tx, uint64_t ino, struct slice name, struct acl *ret_acl)
{
    struct buffer value = {0};
    int error = xattr_load(tx, ino, name, &value);
    if (!error) error = acl_parse(buffer_slice(&value), ret_acl);
    buffer_release(&value);
    return error == ERR_INVAL || error == ERR_NODATA ? ERR_DAMAGED : error; /* only valid ones are stored */
}

static void put(struct transaction *tx, uint64_t ino, struct slice name, const struct acl *acl)
{
    struct buffer value = {0};
    acl_encode(acl, &value);
    if (buffer_failed(&value)) tx->error = ERR_NOMEM;
    else xattr_put(tx, ino, name, buffer_slice(&value));
    buffer_release(&value);
}

static void set_permissions(struct inode *inode, const struct acl *acl)
{
    inode->mode = (inode->mode & ~0777u) | acl_permissions(acl);
}

/* ---- setting ---- */

struct acl_change {
    struct slice name;
    const struct acl *acl; /* NULL: remove */
    bool keeps_sgid;
};

static int change_once(struct transaction *tx, uint64_t ino, const struct acl_change *change, struct inode *inode)
{
    struct buffer old = {0};
    int error = inode_load(tx, ino, inode);
    if (error) return error;
    bool access = slice_equal(change->name, access_name);
    const uint8_t flag = access ? INODE_ACL_ACCESS : INODE_ACL_DEFAULT;
    if (S_ISLNK(inode->mode)) return ERR_NOTSUP;
    if (!access && !S_ISDIR(inode->mode)) return change->acl ? ERR_ACCES : 0;
    error = xattr_load(tx, ino, change->name, &old);
    bool exists = error == 0;
    buffer_release(&old);
    if (error && error != ERR_NODATA) return error;
    if (!change->acl && !exists) return 0;

    bool kept = change->acl && !(access && acl_is_minimal(change->acl));
    if (kept) put(tx, ino, change->name, change->acl);
    else if (exists) xattr_delete(tx, ino, change->name, 0);
    inode->acl = (uint8_t)(kept ? inode->acl | flag : inode->acl & ~flag);
    if (access && change->acl) {
        set_permissions(inode, change->acl);
        if (!change->keeps_sgid) inode->mode &= ~(uint32_t)S_ISGID;
    }
    inode->ctime = clock_now();
    inode_put(tx, inode);
    return transaction_commit(tx, false);
}

int file_acl_set(struct store *store, uint64_t ino, struct slice name, const struct slice *value, bool keeps_sgid,
                 struct inode *ret_inode)
{
    enum { HEADER_SIZE = 4 };
    struct acl acl = {0};
    struct inode inode;
    bool removes = !value || value->size == 0 || value->size == HEADER_SIZE;
    int error = removes ? 0 : acl_parse(*value, &acl);
    if (error) return error;
    const struct acl_change change = {.name = name, .acl = removes ? NULL : &acl, .keeps_sgid = keeps_sgid};
    struct transaction tx;
    transaction_init(&tx, store);
    do {
        transaction_restart(&tx);
        error = change_once(&tx, ino, &change, &inode);
    } while (error == TRANSACTION_AGAIN);
    transaction_release(&tx);
    acl_release(&acl);
    if (!error) *ret_inode = inode;
    return error;
}

int file_acl_follow_mode(struct transaction *tx, const struct inode *inode)
{
    if (!(inode->acl & INODE_ACL_ACCESS)) return 0;
    struct acl acl;
    int error = load(tx, inode->ino, access_name, &acl);
    if (error) return error;
    acl_chmod(&acl, inode->mode & 0777);
    put(tx, inode->ino, access_name, &acl);
    acl_release(&acl);
    return 0;
}

/* ---- handing on ---- */

void inherited_acl_release(struct inherited_acl *inherited)
{
    acl_release(&inherited->access);
    acl_release(&inherited->default_list);
}

int file_acl_inherit(struct transaction *tx, const struct inode *directory, uint32_t umask, struct inode *inode,
                     struct inherited_acl *ret_inherited)
{
    struct inherited_acl inherited = {0};
    if (S_ISLNK(inode->mode) || !(directory->acl & INODE_ACL_DEFAULT)) {
        if (!S_ISLNK(inode->mode)) inode->mode &= ~(umask & 0777);
        *ret_inherited = inherited;
        return 0;
    }
    int error = load(tx, directory->ino, default_name, &inherited.access);
    if (!error && S_ISDIR(inode->mode)) error = load(tx, directory->ino, default_name, &inherited.default_list);
    if (error) {
        inherited_acl_release(&inherited);
        return error;
    }
    acl_create(&inherited.access, inode->mode);
    set_permissions(inode, &inherited.access);
    if (acl_is_minimal(&inherited.access)) acl_release(&inherited.access);
    inode->acl = (uint8_t)((inherited.access.count > 0 ? INODE_ACL_ACCESS : 0) |
                           (inherited.default_list.count > 0 ? INODE_ACL_DEFAULT : 0));
    *ret_inherited = inherited;
    return 0;
}

void file_acl_inherit_put(struct transaction *tx, const struct inode *inode, const struct inherited_acl *inherited)
{
    if (inherited->access.count > 0) put(tx, inode->ino, access_name, &inherited->access);
    if (inherited->default_list.count > 0) put(tx, inode->ino, default_name, &inherited->default_list);
}

int file_acl_copy_access(struct transaction *tx, const struct inode *from, const struct inode *to)
{
    if (!(from->acl & INODE_ACL_ACCESS)) return 0;
    struct acl acl;
    int error = load(tx, from->ino, access_name, &acl);
    if (error) return error;
    put(tx, to->ino, access_name, &acl);
    acl_release(&acl);
    return 0;
}

/* ---- lists of versions ---- */

int file_acl_keep(struct transaction *tx, const struct inode *inode, struct hash128 *ret_acl)
{
    *ret_acl = (struct hash128){0};
    if (!(inode->acl & INODE_ACL_ACCESS)) return 0;
    struct buffer value = {0};
    int error = xattr_get(tx->store, inode->ino, access_name, &value);
    if (!error) error = acl_record_keep(tx, buffer_slice(&value), ret_acl);
    buffer_release(&value);
    return error == ERR_NODATA ? TRANSACTION_AGAIN : error; /* removed since the inode was loaded */
}

int file_acl_inherit_keep(struct transaction *tx, const struct inherited_acl *inherited, struct hash128 *ret_acl)
{
    *ret_acl = (struct hash128){0};
    if (inherited->access.count == 0) return 0;
    struct buffer value = {0};
    acl_encode(&inherited->access, &value);
    int error = buffer_failed(&value);
    if (!error) error = acl_record_keep(tx, buffer_slice(&value), ret_acl);
    buffer_release(&value);
    return error;
}

int file_acl_restore(struct transaction *tx, const struct hash128 *acl, struct inode *inode)
{
    struct buffer value = {0};
    int error = 0;
    if (!hash128_is_zero(acl)) {
        error = acl_record_get(tx->store, acl, &value);
        if (!error) xattr_put(tx, inode->ino, access_name, buffer_slice(&value));
        if (!error) inode->acl |= INODE_ACL_ACCESS;
    } else if (inode->acl & INODE_ACL_ACCESS) {
        xattr_delete(tx, inode->ino, access_name, 0);
        inode->acl &= (uint8_t)~INODE_ACL_ACCESS;
    }
    buffer_release(&value);
    return error;
}
