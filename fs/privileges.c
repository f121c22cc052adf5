/* SPDX-License-Identifier: Apache-2.0 */
#include "privileges.h"

#include <linux/capability.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "attributes.h"
#include "caller.h"
#include "connection.h"
#include "operations.h"

enum { GROUPS_FIRST = 64 };

static bool in_supplementary_group(fuse_req_t request, uint32_t gid)
{
    gid_t first[GROUPS_FIRST], *groups = first, *more = NULL;
    int count = fuse_req_getgroups(request, GROUPS_FIRST, first);
    if (count > GROUPS_FIRST) {
        int room = count;
        groups = more = malloc((size_t)room * sizeof *more);
        count = more ? fuse_req_getgroups(request, room, more) : 0;
        if (count > room) count = room;
    }
    bool found = false;
    for (int i = 0; i < count && !found; i++)
        found = groups[i] == gid;
    free(more);
    return found;
}

bool privileges_in_group(fuse_req_t request, const struct inode *inode)
{
    const struct fuse_ctx *context = fuse_req_ctx(request);
    return context->gid == inode->gid || in_supplementary_group(request, inode->gid) ||
           caller_is_capable(context->pid, context->uid, CAP_FSETID);
}

static bool lacks_fsetid(fuse_req_t request, enum shedding shedding)
{
    if (shedding == SHEDDING_TOLD) return connection_sheds_privileges();
    const struct fuse_ctx *context = fuse_req_ctx(request);
    return !caller_is_capable(context->pid, context->uid, CAP_FSETID);
}

static int shed(fuse_req_t request, struct open_draft *draft, unsigned looked_for, enum shedding shedding)
{
    struct filesystem *fs = filesystem_of(request);
    uint64_t ino = draft->file->ino;
    struct attribute_changes changes = {0};
    struct inode inode;
    int error = 0;
    if (looked_for & PRIVILEGE_CAPABILITY) error = attributes_has_capability(fs->store, ino, &changes.drop_capability);
    if (!error && (looked_for & PRIVILEGE_SET_ID)) {
        error = inode_get(fs->store, ino, &inode);
        if (!error && (inode.mode & (S_ISUID | S_ISGID)) && lacks_fsetid(request, shedding)) {
            changes.kill_suid_sgid = true;
            changes.in_group = privileges_in_group(request, &inode);
        }
    }
    if (error || (!changes.drop_capability && !changes.kill_suid_sgid)) return error;
    error = attributes_change(fs->store, ino, &changes, &inode);
    if (error) return error;
    struct expiry expiry;
    expiry_init(&expiry, fs);
    file_tell_views(&fs->views, draft->file, 0, &expiry);
    expiry_run(&expiry);
    return 0;
}

int privileges_shed(fuse_req_t request, struct open_draft *draft, enum shedding shedding)
{
    unsigned looked_for = draft->privileges;
    /* Who has CAP_FSETID leaves the bits to the next one. */
    if (shedding == SHEDDING_TOLD && !connection_sheds_privileges()) looked_for &= ~(unsigned)PRIVILEGE_SET_ID;
    if (looked_for == 0) return 0;
    /* Before looking: what is given meanwhile is looked for by the next change. */
    unsigned settled = shedding == SHEDDING_TOLD ? looked_for : looked_for & PRIVILEGE_CAPABILITY;
    atomic_fetch_and(&draft->privileges, ~settled);
    int error = shed(request, draft, looked_for, shedding);
    if (error) atomic_fetch_or(&draft->privileges, settled);
    return error;
}

void privileges_granted(struct filesystem *fs, struct file *file)
{
    MUTEX_GUARD(&fs->views.lock);
    for (struct open_draft *draft = file->drafts; draft; draft = draft->next_of_file)
        atomic_fetch_or(&draft->privileges, PRIVILEGE_SET_ID | PRIVILEGE_CAPABILITY);
    if (file->shared) atomic_fetch_or(&file->shared->privileges, PRIVILEGE_SET_ID | PRIVILEGE_CAPABILITY);
}
