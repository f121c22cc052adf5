/* SPDX-License-Identifier: Apache-2.0 */
#include "bases.h"

#include <string.h>

#include "caller.h"
#include "filesystem.h"
#include "succession.h"

void bases_read(struct filesystem *fs, pid_t tid, fuse_ino_t nodeid, bool bound, const struct version_id *version)
{
    if (fs->options.base_open || tid == 0) return;
    mutex_lock(&fs->views.lock);
    const struct node *node = node_find(&fs->views.nodes, nodeid);
    uint64_t lineage = !node || node->file->live ? 0 : bound ? node->file->lineage : node->lineage;
    mutex_unlock(&fs->views.lock);
    if (lineage != 0) reads_note(&fs->reads, tid, lineage, version);
}

/* ---- through the lineages of the file's history, its own one first ---- */

static bool recall(struct filesystem *fs, pid_t process, const struct inode *inode, struct version_id *ret_version)
{
    struct descent descent = succession_descent(inode);
    if (!reads_knows_any(&fs->reads, process)) return false;
    do {
        if (reads_recall(&fs->reads, process, descent.lineage, ret_version))
            return ret_version->ordinal <= descent.newest; /* else it is of the other branch */
    } while (succession_descend(fs->store, inode, &descent) == 0);
    return false;
}

static bool find_armed(struct filesystem *fs, const struct inode *inode, pid_t process, struct version_id *ret_version,
                       struct descent *ret_found)
{
    struct descent descent = succession_descent(inode);
    if (fs->armed.count == 0) return false;
    do {
        if (!armed_find(&fs->armed, process, descent.lineage, ret_version)) continue;
        *ret_found = descent;
        return ret_version->ordinal <= descent.newest;
    } while (succession_descend(fs->store, inode, &descent) == 0);
    return false;
}

void bases_forget(struct filesystem *fs, pid_t tid, uint64_t ino)
{
    struct inode inode;
    if (!reads_knows_any(&fs->reads, caller_process(tid)) || inode_get(fs->store, ino, &inode) != 0) return;
    struct descent descent = succession_descent(&inode);
    do
        reads_forget(&fs->reads, tid, descent.lineage);
    while (succession_descend(fs->store, &inode, &descent) == 0);
}

bool bases_disarm(struct filesystem *fs, const struct inode *inode, pid_t process)
{
    struct descent descent = succession_descent(inode);
    bool any = false;
    if (fs->armed.count == 0) return false;
    do
        any |= armed_disarm(&fs->armed, process, descent.lineage);
    while (succession_descend(fs->store, inode, &descent) == 0);
    return any;
}

void bases_spend(struct filesystem *fs, const struct inode *inode, pid_t process)
{
    struct version_id version;
    struct descent found;
    if (find_armed(fs, inode, process, &version, &found)) armed_spend(&fs->armed, process, found.lineage);
}

/* ---- the rules ---- */

struct version_id bases_remembered(struct filesystem *fs, pid_t process, const struct inode *inode,
                                   const struct version_id *head)
{
    const struct version_id nothing = {0};
    struct version_id remembered;
    if (fs->options.base_open || !recall(fs, process, inode, &remembered)) return nothing;
    if (version_id_equal(&remembered, head)) return remembered;
    return caller_is_interactive_shell(process) ? nothing : remembered;
}

bool bases_armed(struct filesystem *fs, const struct inode *inode, const pid_t processes[], size_t count,
                 struct version_id *ret_version)
{
    struct descent found;
    for (size_t i = 0; i < count; i++)
        if (find_armed(fs, inode, processes[i], ret_version, &found)) return true;
    return false;
}

bool bases_armed_on(struct filesystem *fs, uint64_t ino, const pid_t processes[], size_t count,
                    struct version_id *ret_version)
{
    struct inode inode;
    return fs->armed.count > 0 && inode_get(fs->store, ino, &inode) == 0 &&
           bases_armed(fs, &inode, processes, count, ret_version);
}

void bases_committed(struct filesystem *fs, uint64_t ino, uint64_t lineage, const pid_t processes[], size_t count,
                     const struct version_id *head)
{
    struct inode inode;
    bool spend = fs->armed.count > 0 && inode_get(fs->store, ino, &inode) == 0;
    for (size_t i = 0; i < count; i++) {
        if (spend) bases_spend(fs, &inode, processes[i]);
        if (!fs->options.base_open) reads_know(&fs->reads, processes[i], lineage, head);
    }
}

void bases_copied(struct filesystem *fs, pid_t process, const struct version *version, const char *name)
{
    struct reread reread;
    struct version copied;
    size_t length = strlen(name);
    if (length < 2 || name[length - 1] != '~' || !reads_last_reread(&fs->reads, process, &reread)) return;
    if (reread.lineage == version->id.lineage) return;
    if (version_get(fs->store, reread.now.lineage, reread.now.ordinal, &copied) != 0) return;
    if (copied.content.size == version->content.size && hash128_equal(&copied.content.hash, &version->content.hash))
        reads_undo_reread(&fs->reads, process, &reread);
}
