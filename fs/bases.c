/* SPDX-License-Identifier: Apache-2.0 */
#include "bases.h"

#include <string.h>

#include "caller.h"
#include "filesystem.h"

void bases_read(struct filesystem *fs, pid_t tid, fuse_ino_t nodeid, const struct version_id *version)
{
    if (fs->options.base_open || tid == 0) return;
    mutex_lock(&fs->views.lock);
    const struct node *node = node_find(&fs->views.nodes, nodeid);
    uint64_t lineage = node && !node->file->live ? node->file->lineage : 0;
    mutex_unlock(&fs->views.lock);
    if (lineage != 0) reads_note(&fs->reads, tid, lineage, version);
}

struct version_id bases_remembered(struct filesystem *fs, pid_t process, const struct inode *inode,
                                   const struct version_id *head)
{
    const struct version_id nothing = {0};
    struct version_id remembered;
    if (fs->options.base_open || !reads_recall(&fs->reads, process, inode, &remembered)) return nothing;
    if (version_id_equal(&remembered, head)) return remembered;
    return caller_is_interactive_shell(process) ? nothing : remembered;
}

bool bases_armed(struct filesystem *fs, uint64_t lineage, const pid_t processes[], size_t count,
                 struct version_id *ret_version)
{
    for (size_t i = 0; i < count; i++)
        if (armed_find(&fs->armed, processes[i], lineage, ret_version)) return true;
    return false;
}

void bases_committed(struct filesystem *fs, uint64_t lineage, const pid_t processes[], size_t count,
                     const struct version_id *head)
{
    for (size_t i = 0; i < count; i++) {
        armed_spend(&fs->armed, processes[i], lineage);
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
