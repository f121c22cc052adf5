/* SPDX-License-Identifier: Apache-2.0 */
#include "permission.h"

#include <string.h>
#include <sys/stat.h>

#include "acl.h"
#include "xattr.h"

static bool in_group(const struct credentials *who, uint32_t gid)
{
    bool in = who->gid == gid;
    for (size_t i = 0; i < who->group_count && !in; i++)
        in = who->groups[i] == gid;
    return in;
}

static bool mode_grants(const struct credentials *who, const struct inode *inode, unsigned wanted)
{
    unsigned shift = who->uid == inode->uid ? 6 : in_group(who, inode->gid) ? 3 : 0;
    return (inode->mode >> shift & wanted) == wanted;
}

/* The owner's entry and that of a named user decide alone; of the groups that the user is in any may grant; others get what is left. */
static bool list_grants(const struct credentials *who, const struct inode *inode, const struct acl *acl,
                        unsigned wanted)
{
    unsigned mask = PERMISSION_READ | PERMISSION_WRITE | PERMISSION_SEARCH, others = 0;
    bool grouped = false, granted = false;
    for (unsigned i = 0; i < acl->count; i++) {
        if (acl->entries[i].tag == ACL_MASK) mask = acl->entries[i].permissions;
        if (acl->entries[i].tag == ACL_OTHER) others = acl->entries[i].permissions;
    }
    for (unsigned i = 0; i < acl->count; i++) {
        const struct acl_entry *entry = &acl->entries[i];
        bool grants = (entry->permissions & mask & wanted) == wanted;
        bool group = entry->tag == ACL_GROUP_OBJ ? in_group(who, inode->gid)
                                                 : entry->tag == ACL_GROUP && in_group(who, entry->id);
        if (entry->tag == ACL_USER_OBJ && who->uid == inode->uid) return (entry->permissions & wanted) == wanted;
        if (entry->tag == ACL_USER && who->uid == entry->id) return grants;
        grouped |= group;
        granted |= group && grants;
    }
    return grouped ? granted : (others & wanted) == wanted;
}

int permission_check(struct transaction *tx, const struct credentials *who, const struct inode *inode, unsigned wanted)
{
    struct buffer value = {0};
    struct acl acl;
    if (who->overrides) return 0;
    if (!(inode->acl & INODE_ACL_ACCESS)) return mode_grants(who, inode, wanted) ? 0 : ERR_ACCES;
    int error = xattr_get(tx->store, inode->ino, SLICE_STRING(ACL_ACCESS_NAME), &value);
    if (!error && acl_parse(buffer_slice(&value), &acl) != 0) error = ERR_DAMAGED;
    if (!error) {
        error = list_grants(who, inode, &acl, wanted) ? 0 : ERR_ACCES;
        acl_release(&acl);
    }
    buffer_release(&value);
    return error == ERR_NODATA ? TRANSACTION_AGAIN : error; /* removed since the inode was loaded */
}

int permission_to_unlink(struct transaction *tx, const struct credentials *who, const struct inode *directory,
                         const struct inode *inode)
{
    int error = permission_check(tx, who, directory, PERMISSION_WRITE | PERMISSION_SEARCH);
    if (error) return error;
    bool own = who->owns_all || who->uid == inode->uid || who->uid == directory->uid;
    return (directory->mode & S_ISVTX) && !own ? ERR_PERM : 0;
}
