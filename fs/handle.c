/* SPDX-License-Identifier: Apache-2.0 */
#include "handle.h"

#include <stdlib.h>

#include "filesystem.h"
#include "open_draft.h"

struct handle *handle_of(const struct fuse_file_info *file_info)
{
    return (struct handle *)(uintptr_t)file_info->fh; // NOLINT: the kernel hands back what open gave it
}

/* ---- the list of all ---- */

void handle_enlist_locked(struct views *views, struct handle *handle)
{
    handle->number = ++views->handles_made;
    handle->next = views->handles;
    if (handle->next) handle->next->previous = handle;
    views->handles = handle;
}

static void handle_delist_locked(struct views *views, struct handle *handle)
{
    if (handle->next) handle->next->previous = handle->previous;
    if (handle->previous) handle->previous->next = handle->next;
    else views->handles = handle->next;
}

struct handle *handle_share_locked(struct views *views, struct open_draft *draft)
{
    mutex_assert_held(&views->lock);
    struct handle *handle = calloc(1, sizeof *handle);
    if (!handle) return NULL;
    handle->file = draft->node->file;
    handle->node = draft->node;
    handle->draft = draft;
    handle->bound = draft->node->draft != draft;
    handle_enlist_locked(views, handle);
    draft->node->opens++;
    draft->handles++;
    return handle;
}

void handle_unbind(struct handle *handle)
{
    watch_close(handle->watch);
    handle->watch = NULL;
    if (!handle->reader) return;
    content_reader_release(handle->reader);
    free(handle->reader);
    handle->reader = NULL;
}

void handles_free(struct views *views)
{
    while (views->handles) {
        struct handle *handle = views->handles;
        views->handles = handle->next;
        handle_unbind(handle);
        free(handle);
    }
}

/* ---- what it shows ---- */

int handle_bind(struct filesystem *fs, uint64_t ino, struct handle *handle)
{
    struct inode inode;
    struct version head;
    int error = inode_get(fs->store, ino, &inode);
    if (!error) error = version_get(fs->store, inode.head.lineage, inode.head.ordinal, &head);
    if (error) return error;
    handle->reader = malloc(sizeof *handle->reader);
    if (!handle->reader) return ERR_NOMEM;
    content_reader_init(handle->reader, fs->store, &head.id, false, &head.content);
    return 0;
}

int handle_reader(struct filesystem *fs, struct handle *handle, struct content_reader **ret_reader)
{
    if (handle->watch) return ERR_INVAL;
    if (handle->reader) {
        *ret_reader = handle->reader;
        return 0;
    }
    struct views *views = &fs->views;
    mutex_lock(&views->lock);
    struct node *node = handle->node;
    *ret_reader = node->reader;
    struct version_id id = node->version;
    bool abandoned = node->abandoned;
    mutex_unlock(&views->lock);
    if (*ret_reader) return 0;

    struct version version;
    int error = abandoned ? version_get_abandoned(fs->store, &id, &version)
                          : version_get(fs->store, id.lineage, id.ordinal, &version);
    if (error) return error == ERR_NOT_FOUND ? ERR_DAMAGED : error;
    struct content_reader *reader = malloc(sizeof *reader);
    if (!reader) return ERR_NOMEM;
    content_reader_init(reader, fs->store, &version.id, abandoned, &version.content);
    mutex_lock(&views->lock);
    if (!node->reader) {
        node->reader = reader;
        reader = NULL;
    }
    *ret_reader = node->reader;
    mutex_unlock(&views->lock);
    if (reader) { /* another READ was first */
        content_reader_release(reader);
        free(reader);
    }
    return 0;
}

/* ---- the end ---- */

/*
 * The last handle of a draft goes and what it shows is the head: then its node is the published view from now on. The kernel's
 * pages and attributes of it are those of what was committed, and the next look at the name leads to the inode that is there.
 */
static void republish_locked(struct node *node, const struct open_draft *draft)
{
    struct file *file = node->file;
    bool committed = !draft->draft.changed && !draft->conflicted && !draft->finished && !draft->end_moved;
    if (!committed || file->published || node->opens > 1 || node->reserved > 0) return;
    if (node->lineage != file->lineage) return; /* it was found by a name that goes on without the file */
    if (!version_id_equal(&draft->opened, &file->newest)) return;
    node->state = VIEW_PUBLISHED;
    node->version = draft->opened;
    node->size = draft->draft.size;
    node->allocated = draft->draft.allocated;
    node->mtime = draft_changed_at(&draft->draft);
    file->published = node;
}

void handle_close(struct filesystem *fs, struct handle *handle, struct open_draft **ret_last_draft)
{
    struct views *views = &fs->views;
    struct node *node = handle->node;
    *ret_last_draft = NULL;
    mutex_lock(&views->lock);
    if (handle->draft && handle->draft->draft.live.ino) {
        handle->draft->writers -= handle->writes;
        *ret_last_draft = handle->draft;
    } else if (handle->draft && --handle->draft->handles == 0) {
        *ret_last_draft = handle->draft;
        if (node->draft == handle->draft) {
            node->draft = NULL;
            node->state = VIEW_SUPERSEDED;
            republish_locked(node, handle->draft);
        }
    }
    handle_delist_locked(views, handle);
    if (--node->opens == 0 && node->reader) {
        content_reader_release(node->reader);
        free(node->reader);
        node->reader = NULL;
    }
    node_settle_locked(views, node);
    mutex_unlock(&views->lock);
    handle_unbind(handle);
    free(handle);
}

void handle_discard(struct filesystem *fs, struct handle *handle)
{
    struct open_draft *last;
    struct file *file = file_hold(&fs->views, handle->node->file->ino);
    handle_close(fs, handle, &last);
    if (last) open_draft_free(fs, last);
    if (file) file_drop(fs, file);
}
