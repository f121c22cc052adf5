/* SPDX-License-Identifier: Apache-2.0 */
#include "succession.h"

#include <sys/stat.h>

#include "clock.h"
#include "file_acl.h"
#include "limit_record.h"

const struct version_id *succession_head(const struct inode *inode)
{
    return inode->continues.lineage != 0 ? &inode->continues : &inode->head;
}

int succession_resolve(struct store *store, struct version_id *version)
{
    struct version anew;
    int error = version_get(store, version->lineage, version->ordinal, &anew);
    if (error) return error == ERR_NOT_FOUND ? 0 : error;
    if (anew.operation == VERSION_CREATE && anew.parent_count > 0) *version = anew.parents[0];
    return 0;
}

struct descent succession_descent(const struct inode *inode)
{
    return (struct descent){.lineage = inode->lineage, .newest = succession_head(inode)->ordinal};
}

static int take_parent(void *context, const struct version *version)
{
    struct version_id *parent = context;
    if (version->parent_count > 0) *parent = version->parents[0];
    return 1;
}

int succession_descend(struct store *store, const struct inode *inode, struct descent *descent)
{
    struct version_id origin = {0};
    bool own = descent->lineage == inode->lineage; /* nothing may have been committed since it forked */
    int error = 0;
    if (own) origin = inode->forked_at;
    else error = version_scan(store, descent->lineage, 0, false, take_parent, &origin);
    if (error < 0) return error;
    bool begins = origin.lineage == 0 || origin.lineage == descent->lineage;
    if (begins || origin.ordinal + !own > descent->newest) return ERR_NOT_FOUND; /* damage makes no loop */
    *descent = (struct descent){.lineage = origin.lineage, .newest = origin.ordinal};
    return 0;
}

int succession_runs_through(struct store *store, const struct inode *inode, uint64_t lineage, bool *ret_does)
{
    struct descent descent = succession_descent(inode);
    int error = 0;
    *ret_does = lineage == descent.lineage;
    while (lineage != 0 && !*ret_does && !error) {
        error = succession_descend(store, inode, &descent);
        *ret_does = !error && lineage == descent.lineage;
    }
    return error == ERR_NOT_FOUND ? 0 : error;
}

int succession_owns(struct store *store, const struct inode *inode, const struct version_id *version, bool *ret_owns)
{
    *ret_owns = version->lineage != 0 && version->lineage == succession_head(inode)->lineage;
    return *ret_owns || version->lineage == 0 ? 0 : succession_runs_through(store, inode, version->lineage, ret_owns);
}

bool succession_is_unwritten(const struct inode *inode)
{
    return inode->continues.lineage != 0 || inode->head.ordinal == 0;
}

int succession_note(struct transaction *tx, uint64_t directory, struct slice name, const struct inode *inode,
                    struct timespec now)
{
    const struct version_id *head = succession_head(inode);
    if (!S_ISREG(inode->mode) || head->ordinal == 0) return 0;
    struct name_record record = {
        .lineage = inode->lineage,
        .head = *head,
        .forked_at = inode->forked_at,
        .ino = inode->ino,
        .time = now,
        .rights = {.mode = inode->mode & 0777, .uid = inode->uid, .gid = inode->gid},
    };
    if (inode->continues.lineage != 0) record.rights = inode->continues_rights; /* it is the old one's past still */
    int error = inode->continues.lineage != 0 ? 0 : file_acl_keep(tx, inode, &record.rights.acl);
    if (!error) name_record_put(tx, directory, name, &record);
    return error;
}

int succession_find(struct store *store, uint64_t directory, struct slice name, struct name_record *ret_record)
{
    return name_record_get(store, directory, name, ret_record);
}

/* The heir's owner decides who may look into the history from now on; not about what was before. */
static void limit(struct transaction *tx, const struct version_id *last, const struct file_rights *rights,
                  const struct inode *heir)
{
    if (rights->uid != heir->uid) limit_record_put(tx, last->lineage, last->ordinal, rights);
}

/* From the version that it shows on, the file has a lineage of its own. */
static int fork_lineage(struct transaction *tx, const struct version_id *at, struct inode *inode)
{
    int error = store_new_lineage(tx->store, &inode->lineage);
    if (!error) inode->forked_at = *at;
    return error;
}

int succession_take(struct transaction *tx, uint64_t directory, struct slice name, const struct name_record *record,
                    struct inode *heir, uint64_t *ret_forked)
{
    struct inode owner;
    *ret_forked = 0;
    name_record_delete(tx, directory, name);
    if (heir->lineage == record->lineage) return 0; /* it comes back */
    limit(tx, &record->head, &record->rights, heir);
    int error = inode_load(tx, record->ino, &owner);
    if (error && error != ERR_NOENT) return error;
    if (!error && owner.nlink > 0 && owner.lineage == record->lineage) {
        if (!version_id_equal(succession_head(&owner), &record->head)) return fork_lineage(tx, &record->head, heir);
        error = fork_lineage(tx, &record->head, &owner);
        if (error) return error;
        inode_put(tx, &owner);
        *ret_forked = owner.ino;
    }
    heir->lineage = record->lineage;
    heir->forked_at = record->forked_at;
    return 0;
}

int succession_hand_over(struct transaction *tx, struct inode *owner, struct inode *heir)
{
    const struct version_id *head = succession_head(owner);
    struct file_rights rights = {.mode = owner->mode & 0777, .uid = owner->uid, .gid = owner->gid};
    int error = owner->uid != heir->uid ? file_acl_keep(tx, owner, &rights.acl) : 0;
    if (error) return error;
    limit(tx, head, &rights, heir);
    heir->lineage = owner->lineage;
    heir->forked_at = owner->forked_at;
    return owner->nlink > 0 ? fork_lineage(tx, succession_head(owner), owner) : 0;
}

int succession_next(struct transaction *tx, struct inode *inode, struct version_id *ret_id)
{
    const struct version_id head = *succession_head(inode);
    struct version taken;
    /* version_put expects that there is none: only who was refused asks. */
    int error = tx->attempts > 1 ? version_get(tx->store, inode->lineage, head.ordinal + 1, &taken) : ERR_NOT_FOUND;
    if (!error) error = fork_lineage(tx, &head, inode);
    if (error && error != ERR_NOT_FOUND) return error;
    *ret_id = (struct version_id){.lineage = inode->lineage, .ordinal = head.ordinal + 1, .nonce = store_random()};
    return 0;
}

void succession_settled(struct transaction *tx, struct inode *inode)
{
    if (inode->continues.lineage != 0) anew_delete(tx, inode->ino);
    inode->continues = (struct version_id){0};
}

int succession_restore(struct transaction *tx, struct inode *inode, struct version *ret_version)
{
    const struct version_id id = inode->continues;
    int error = version_get(tx->store, id.lineage, id.ordinal, ret_version);
    if (error) return error == ERR_NOT_FOUND ? ERR_DAMAGED : error;
    succession_settled(tx, inode);
    inode->head = id;
    inode->size = ret_version->content.size;
    inode->allocated = ret_version->content.allocated;
    inode->mtime = ret_version->mtime;
    inode->ctime = clock_now();
    inode->mode = (inode->mode & S_IFMT) | inode->continues_rights.mode;
    inode->uid = inode->continues_rights.uid;
    inode->gid = inode->continues_rights.gid;
    return file_acl_restore(tx, &inode->continues_rights.acl, inode);
}
