/* SPDX-License-Identifier: Apache-2.0 */
#include "open_draft.h"

#include <stdio.h>
#include <stdlib.h>

#include "attributes.h"
#include "bases.h"
#include "caller.h"
#include "clock.h"
#include "filesystem.h"
#include "live.h"
#include "live_file.h"
#include "privileges.h"
#include "succession.h"

int open_draft_new(struct filesystem *fs, struct file *file, const struct version_id *version,
                   const struct fuse_ctx *context, struct open_draft **ret_draft)
{
    struct inode inode;
    struct version origin;
    pid_t opener = caller_process(context->pid);
    bool has_read = reads_knows_any(&fs->reads, opener);
    int error = version && !has_read ? 0 : inode_get(fs->store, file->ino, &inode);
    if (!version) version = &inode.head;
    if (!error) error = version_get(fs->store, version->lineage, version->ordinal, &origin);
    if (error) return error == ERR_NOT_FOUND ? ERR_DAMAGED : error;
    struct open_draft *draft = calloc(1, sizeof *draft);
    if (!draft) return ERR_NOMEM;
    draft_init(&draft->draft, fs->store, &origin);
    mutex_init(&draft->commit_lock);
    draft->file = file;
    draft->shown_ino = file->ino;
    draft->opened = *version;
    draft->unwritten = origin.operation == VERSION_CREATE;
    draft->privileges = PRIVILEGE_SET_ID | PRIVILEGE_CAPABILITY;
    draft->opener = opener;
    draft->opener_uid = context->uid;
    draft->since = clock_now();
    watches_note(&fs->watches, opener, draft->watches);
    if (has_read) draft->remembered = bases_remembered(fs, opener, &inode, succession_head(&inode));
    draft->last_writer.author =
        (struct author){.uid = context->uid, .gid = context->gid, .pid = (uint32_t)draft->opener};
    *ret_draft = draft;
    return 0;
}

void open_draft_destroy(struct open_draft *draft)
{
    if (!draft) return;
    if (draft->draft.live.ino) live_release(&draft->draft, false);
    else draft_release(&draft->draft);
    next_commit_clear(&draft->next);
    mutex_release(&draft->commit_lock);
    free(draft);
}

void open_draft_free(struct filesystem *fs, struct open_draft *draft)
{
    if (draft->draft.live.ino) {
        live_file_let_go(fs, draft);
        return;
    }
    mutex_lock(&fs->views.lock);
    struct open_draft **link = &draft->file->drafts;
    while (*link && *link != draft)
        link = &(*link)->next_of_file;
    if (*link) *link = draft->next_of_file;
    link = &fs->views.appending;
    while (*link && *link != draft)
        link = &(*link)->next_appending;
    if (*link) *link = draft->next_appending;
    mutex_unlock(&fs->views.lock);
    struct file *held = draft->holds_file ? draft->file : NULL;
    open_draft_destroy(draft);
    if (held) file_drop(fs, held);
}

void draft_enlist_locked(struct views *views, struct open_draft *draft, struct node *node, bool append)
{
    struct file *file = draft->file;
    draft->node = node;
    if (append) {
        draft->next_appending = views->appending;
        views->appending = draft;
    }
    draft->next_of_file = file->drafts;
    file->drafts = draft;
    draft->directory = node->directory;
    snprintf(draft->name, sizeof draft->name, "%s", node->name ? node->name : "");
    draft->handles = 1;
}

int open_draft_touch(struct filesystem *fs, struct open_draft *draft, struct expiry *expiry)
{
    const struct attribute_changes touch = {.set_mtime = true, .mtime = clock_now()};
    struct inode inode;
    int error = attributes_change(fs->store, draft->file->ino, &touch, &inode);
    if (error) return error;
    draft_set_mtime(&draft->draft, touch.mtime);
    file_tell_views(&fs->views, draft->file, 0, expiry);
    return 0;
}
