/* SPDX-License-Identifier: Apache-2.0 */
#include "history_open.h"

#include <stdio.h>
#include <stdlib.h>

#include "closing.h"
#include "filesystem.h"
#include "history_rights.h"
#include "history_view.h"
#include "live_file.h"
#include "open_draft.h"

static uint32_t mode_told(struct views *views, fuse_ino_t nodeid, uint64_t *ret_ino)
{
    MUTEX_GUARD(&views->lock);
    const struct node *node = node_find(&views->nodes, nodeid);
    *ret_ino = node ? node->file->ino : 0;
    return node ? node->told_mode : 0;
}

/* Whether the version is one of the file's that can be written on, and the kernel has asked the right question of the caller. */
static int check(struct filesystem *fs, const struct history_place *place, const struct version *version,
                 uint32_t told_mode, uint64_t *ret_lineage)
{
    struct inode inode;
    struct version same;
    unsigned killed;
    const struct history *history = &place->history;
    if (history->ino == 0 || version->abandoned) return ERR_HISTORY;
    int error = history_find_id(fs->store, &history->head, &version->id, &same, &killed);
    if (!error) error = inode_get(fs->store, history->ino, &inode);
    if (error) return error == ERR_NOENT ? ERR_HISTORY : error;
    if (live_policy(fs, (enum policy)inode.policy, place->directory)) return ERR_HISTORY;
    *ret_lineage = inode.lineage;
    return history_version_mode(history, &same) == told_mode ? 0 : ERR_STALE;
}

/* A draft of the file, not in any list, that holds it. */
static int draft_on(struct filesystem *fs, const struct fuse_ctx *context, fuse_ino_t nodeid,
                    struct history_place *ret_place, struct open_draft **ret_draft)
{
    struct version version;
    uint64_t shown_ino, lineage;
    uint32_t told_mode = mode_told(&fs->views, nodeid, &shown_ino);
    int error = history_version_of(fs, nodeid, &version);
    if (!error) error = history_place_of(fs, nodeid, ret_place);
    if (!error) error = check(fs, ret_place, &version, told_mode, &lineage);
    if (error) return error == ERR_NOENT ? ERR_HISTORY : error;
    struct file *file = file_hold(&fs->views, ret_place->history.ino);
    struct open_draft *draft;
    if (file) {
        mutex_lock(&fs->views.lock);
        file->lineage = lineage; /* the kernel may not have looked it up */
        mutex_unlock(&fs->views.lock);
    }
    error = file ? open_draft_new(fs, file, &version.id, context, &draft) : ERR_NOMEM;
    if (error) {
        if (file) file_drop(fs, file);
        return error;
    }
    draft->named = version.id;
    draft->shown_ino = shown_ino;
    draft->holds_file = true;
    draft->unwritten = draft->unwritten && version_id_equal(&version.id, &ret_place->history.head);
    *ret_draft = draft;
    return 0;
}

static void place_locked(struct open_draft *draft, const struct history_place *place)
{
    draft->directory = place->directory;
    snprintf(draft->name, sizeof draft->name, "%s", place->base);
}

int history_open(struct filesystem *fs, const struct fuse_ctx *context, fuse_ino_t nodeid, struct handle *handle)
{
    struct views *views = &fs->views;
    struct history_place place;
    struct open_draft *draft = NULL;
    int error = handle->writes ? draft_on(fs, context, nodeid, &place, &draft) : 0;
    if (error) return error;
    mutex_lock(&views->lock);
    struct node *node = node_find(&views->nodes, nodeid);
    if (node) {
        handle->file = node->file;
        handle->node = node;
        handle->draft = draft;
        handle->bound = draft;
        handle->read_noted = true; /* a version has no time of access */
        handle_enlist_locked(views, handle);
        node->opens++;
        if (draft) {
            draft_enlist_locked(views, draft, node, handle->append);
            place_locked(draft, &place);
        }
    }
    mutex_unlock(&views->lock);
    if (!node && draft) open_draft_free(fs, draft);
    return node ? 0 : ERR_STALE;
}

int history_truncate(struct filesystem *fs, const struct fuse_ctx *context, fuse_ino_t nodeid, uint64_t size,
                     struct expiry *expiry)
{
    struct history_place place;
    struct open_draft *draft;
    int error = draft_on(fs, context, nodeid, &place, &draft);
    if (error) return error;
    place_locked(draft, &place); /* nobody else has it */
    closing_note_writer(draft, context);
    error = draft_truncate(&draft->draft, size);
    if (!error) error = closing_commit(fs, draft, VERSION_TRUNCATE, false, NULL, expiry);
    open_draft_free(fs, draft);
    return error;
}
