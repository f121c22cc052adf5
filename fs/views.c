/* SPDX-License-Identifier: Apache-2.0 */
#include "views.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "filesystem.h"
#include "handle.h"
#include "occ_directory.h"

int views_init(struct views *views)
{
    *views = (struct views){0};
    mutex_init(&views->lock);
    int error = node_table_init(&views->nodes);
    if (error) return error;
    struct file *root = file_hold(views, ROOT_INO);
    if (!root) return ERR_NOMEM;
    root->published = node_new(&views->nodes, root, VIEW_OTHER);
    if (!root->published) return ERR_NOMEM;
    root->published->lookups = 1; /* the kernel never forgets it */
    return 0;
}

static void reader_free(struct content_reader *reader)
{
    if (!reader) return;
    content_reader_release(reader);
    free(reader);
}

void views_release(struct views *views)
{
    handles_free(views);
    struct file *file, *next;
    HASH_ITER(hh, views->files, file, next)
    {
        while (file->drafts) {
            struct open_draft *draft = file->drafts;
            file->drafts = draft->next_of_file;
            draft_release(&draft->draft);
            next_commit_clear(&draft->next);
            free(draft);
        }
        while (file->nodes) {
            reader_free(file->nodes->reader);
            node_free(&views->nodes, file->nodes);
        }
        handed_names_free(file);
        HASH_DEL(views->files, file);
        free(file);
    }
    struct reservation *reservation, *after;
    HASH_ITER(hh, views->reservations.by_tid, reservation, after)
    {
        HASH_DEL(views->reservations.by_tid, reservation);
        free(reservation);
    }
    node_table_release(&views->nodes);
    mutex_release(&views->lock);
}

uint64_t view_ino(struct views *views, fuse_ino_t nodeid)
{
    MUTEX_GUARD(&views->lock);
    struct node *node = node_find(&views->nodes, nodeid);
    return node && node->state < VIEW_HISTORY ? node->file->ino : 0;
}

bool view_is_history(struct views *views, fuse_ino_t nodeid)
{
    MUTEX_GUARD(&views->lock);
    const struct node *node = node_find(&views->nodes, nodeid);
    return node && node->state >= VIEW_HISTORY;
}

int view_refusal(struct views *views, fuse_ino_t nodeid)
{
    MUTEX_GUARD(&views->lock);
    return node_find(&views->nodes, nodeid) ? ERR_HISTORY : ERR_STALE;
}

/* ---- files ---- */

static struct file *file_find_locked(struct views *views, uint64_t ino)
{
    struct file *file;
    HASH_FIND(hh, views->files, &ino, sizeof ino, file);
    return file;
}

struct file *file_hold(struct views *views, uint64_t ino)
{
    MUTEX_GUARD(&views->lock);
    struct file *file = file_find_locked(views, ino);
    if (!file) {
        file = calloc(1, sizeof *file);
        if (!file) return NULL;
        file->ino = ino;
        HASH_ADD(hh, views->files, ino, sizeof file->ino, file);
    }
    file->holds++;
    return file;
}

struct file *file_hold_node(struct views *views, fuse_ino_t nodeid)
{
    MUTEX_GUARD(&views->lock);
    struct node *node = node_find(&views->nodes, nodeid);
    if (!node) return NULL;
    node->file->holds++;
    return node->file;
}

void file_drop(struct filesystem *fs, struct file *file)
{
    struct views *views = &fs->views;
    mutex_lock(&views->lock);
    bool gone = --file->holds == 0 && !file->nodes && !file->drafts && !file->shared;
    bool reap = gone && file->unlinked;
    uint64_t ino = file->ino;
    if (gone) {
        HASH_DEL(views->files, file);
        handed_names_free(file);
        free(file);
    }
    mutex_unlock(&views->lock);
    if (reap) reaper_add(&fs->reaper, ino);
}

void file_tell_views(struct views *views, struct file *file, fuse_ino_t except, struct expiry *expiry)
{
    MUTEX_GUARD(&views->lock);
    file->read_noted_ns = 0; /* ctime has changed */
    for (struct node *node = file->nodes; node; node = node->next_of_file)
        if (node->id != except && node->lookups > 0) expiry_add_inode(expiry, node->id);
}

void file_tell_all_views(struct filesystem *fs, uint64_t ino)
{
    struct file *file = file_hold(&fs->views, ino);
    if (!file) return;
    struct expiry expiry;
    expiry_init(&expiry, fs);
    file_tell_views(&fs->views, file, 0, &expiry);
    expiry_run(&expiry);
    file_drop(fs, file);
}

void node_settle_locked(struct views *views, struct node *node)
{
    mutex_assert_held(&views->lock);
    if (node->lookups > 0 || node->opens > 0 || node->reserved > 0) return;
    reader_free(node->reader);
    node_free(&views->nodes, node);
}

fuse_ino_t view_single_node(struct views *views, uint64_t ino)
{
    MUTEX_GUARD(&views->lock);
    struct file *file = file_find_locked(views, ino);
    return file && file->published ? file->published->id : 0;
}

void view_path(struct views *views, uint64_t directory, const char *name, char *path, size_t size)
{
    MUTEX_GUARD(&views->lock);
    char *at = path + size - 1;
    *at = '\0';
    size_t length = strlen(name);
    for (;;) {
        if ((size_t)(at - path) < length + 1) break;
        at -= length;
        memcpy(at, name, length);
        if (directory == LOST_FOUND_INO) { /* known, whether or not the kernel knows it */
            name = OCC_DIRECTORY_NAME "/" LOST_FOUND_NAME;
            directory = ROOT_INO;
        } else {
            const struct file *parent = directory == ROOT_INO ? NULL : file_find_locked(views, directory);
            if (!parent || !parent->published || !parent->published->name) break;
            name = parent->published->name;
            directory = parent->published->directory;
        }
        *--at = '/';
        length = strlen(name);
    }
    memmove(path, at, strlen(at) + 1);
}

bool view_conflict(struct views *views, fuse_ino_t nodeid, struct found_conflict *ret_conflict)
{
    MUTEX_GUARD(&views->lock);
    const struct node *node = node_find(&views->nodes, nodeid);
    if (!node || !node->draft || node->draft->conflict.target == 0) return false;
    *ret_conflict = node->draft->conflict;
    return true;
}

bool view_made(struct views *views, fuse_ino_t nodeid, bool *ret_made)
{
    MUTEX_GUARD(&views->lock);
    const struct node *node = node_find(&views->nodes, nodeid);
    if (!node || !node->draft || !node->draft->committed) return false;
    *ret_made = node->draft->made;
    return true;
}

/* ---- forgetting and names ---- */

void view_forget(struct filesystem *fs, fuse_ino_t nodeid, uint64_t lookups)
{
    struct file *file = file_hold_node(&fs->views, nodeid);
    if (!file) return;
    mutex_lock(&fs->views.lock);
    struct node *node = node_find(&fs->views.nodes, nodeid);
    if (node) {
        node->lookups -= lookups < node->lookups ? lookups : node->lookups;
        node_settle_locked(&fs->views, node);
    }
    mutex_unlock(&fs->views.lock);
    file_drop(fs, file);
}

void view_name_removed(struct filesystem *fs, uint64_t ino, uint64_t directory, const char *name, bool last, pid_t by)
{
    struct file *file = file_hold(&fs->views, ino);
    if (!file) return; /* then its inode stays until the next mount */
    mutex_lock(&fs->views.lock);
    handed_name_remove(file, directory, name);
    if (last) {
        file->unlinked = true;
        file->unlinked_by = by;
    }
    mutex_unlock(&fs->views.lock);
    file_drop(fs, file);
}

void view_name_moved(struct filesystem *fs, uint64_t ino, uint64_t from_directory, const char *from_name,
                     uint64_t to_directory, const char *to_name, pid_t by)
{
    struct file *file = file_hold(&fs->views, ino);
    if (!file) return;
    mutex_lock(&fs->views.lock);
    if (handed_name_find(file, from_directory, from_name)) {
        handed_name_remove(file, from_directory, from_name);
        handed_name_add(file, to_directory, to_name);
    }
    for (struct node *node = file->nodes; node; node = node->next_of_file)
        if (node_is_at(node, from_directory, from_name)) node_set_place(node, to_directory, to_name);
    for (struct open_draft *draft = file->drafts; draft; draft = draft->next_of_file)
        if (draft->directory == from_directory && strcmp(draft->name, from_name) == 0) {
            if (draft->moved_from.name[0] == '\0') {
                draft->moved_from.directory = from_directory;
                draft->moved_from.by = by;
                snprintf(draft->moved_from.name, sizeof draft->moved_from.name, "%s", from_name);
            }
            draft->directory = to_directory;
            snprintf(draft->name, sizeof draft->name, "%s", to_name);
        }
    mutex_unlock(&fs->views.lock);
    file_drop(fs, file);
}

void view_retire_locked(struct views *views, struct file *file, uint64_t lineage)
{
    mutex_assert_held(&views->lock);
    struct node *published = file->published;
    if (!published || published->state != VIEW_PUBLISHED || published->lineage == lineage) return;
    published->state = VIEW_SUPERSEDED;
    file->published = NULL;
}

static void retire_and_expire_locked(struct filesystem *fs, struct file *file, struct expiry *expiry)
{
    view_retire_locked(&fs->views, file, file->lineage);
    if (file->names) view_expire_names_locked(fs, file, expiry);
}

void view_forked(struct filesystem *fs, uint64_t ino, struct expiry *expiry)
{
    struct inode inode;
    if (ino == 0 || inode_get(fs->store, ino, &inode) != 0) return;
    MUTEX_GUARD(&fs->views.lock);
    struct file *file = file_find_locked(&fs->views, ino);
    if (!file) return;
    file->commits++;
    file->lineage = inode.lineage;
    retire_and_expire_locked(fs, file, expiry);
}

/* Whether somebody may have it open, or be about to open it, by a name that the file had. */
static bool view_is_found(const struct node *node)
{
    return node->found || node->opens > 0 || node->reserved > 0;
}

/* What the node shows says the same as the file's new head. */
static void node_go_on(struct node *node, const struct version_id *before, const struct inode *inode)
{
    if (!version_id_equal(&node->version, before)) return;
    node->version = inode->head;
    node->lineage = inode->lineage;
}

/* `before`: the head until then, in the file's history until then. */
static void history_change_locked(struct filesystem *fs, struct file *file, const struct inode *inode,
                                  const struct version_id *before, pid_t by, struct expiry *expiry)
{
    struct node *published = file->published;
    file->commits++;
    file->lineage = inode->lineage;
    if (version_id_equal(&file->newest, before)) file->newest = inode->head;
    if (published && !view_is_found(published)) node_go_on(published, before, inode);
    retire_and_expire_locked(fs, file, expiry);
    for (struct open_draft *draft = file->drafts; draft; draft = draft->next_of_file) {
        if (draft->opener != by || !version_id_equal(&draft->opened, before)) continue;
        draft->opened = inode->head;
        if (version_id_equal(&draft->remembered, before)) draft->remembered = inode->head;
        if (draft->node->draft != draft) continue;
        node_go_on(draft->node, before, inode);
        draft->node->lineage = inode->lineage; /* also where it has committed since: it shows what the draft is */
    }
}

void view_history_changed(struct filesystem *fs, const struct inode *inode, const struct version_id *before, pid_t by,
                          struct expiry *expiry)
{
    struct file *file = file_hold(&fs->views, inode->ino);
    if (!file) return;
    mutex_lock(&fs->views.lock);
    if (!version_id_equal(before, &inode->head) || file->lineage != inode->lineage)
        history_change_locked(fs, file, inode, before, by, expiry);
    mutex_unlock(&fs->views.lock);
    file_drop(fs, file);
}

/* ---- commits ---- */

void view_answer_arrived_locked(struct views *views, const struct node *node, pid_t tid)
{
    mutex_assert_held(&views->lock);
    if (!node || tid == 0 || node->file->revalidated_tid != tid) return;
    node->file->revalidated_tid = 0;
    node->file->revalidated_ns = node->file->revalidated_other_ns;
}

static bool expiry_has_name(const struct expiry *expiry, fuse_ino_t parent, const char *name)
{
    for (size_t i = 0; i < expiry->name_count; i++)
        if (expiry->names[i].parent == parent && strcmp(expiry->names[i].name, name) == 0) return true;
    return false;
}

static void add_names_locked(struct views *views, const struct file *file, struct expiry *expiry)
{
    for (const struct handed_name *name = file->names; name; name = name->next) {
        const struct file *parent = file_find_locked(views, name->directory);
        if (parent && parent->published && !expiry_has_name(expiry, parent->published->id, name->name))
            expiry_add_name(expiry, parent->published->id, name->name);
    }
}

void view_add_moved_names(struct filesystem *fs, struct expiry *expiry)
{
    MUTEX_GUARD(&fs->views.lock);
    for (size_t i = 0; i < expiry->file_count; i++) {
        const struct file *file = file_find_locked(&fs->views, expiry->files[i]);
        if (file) add_names_locked(&fs->views, file, expiry);
    }
}

void view_expire_names_locked(struct filesystem *fs, struct file *file, struct expiry *expiry)
{
    struct views *views = &fs->views;
    mutex_assert_held(&views->lock);
    add_names_locked(views, file, expiry);
    /* The names stay in the list until nobody expires them any more: who comes meanwhile must not answer earlier. */
    file->changed_ns = clock_monotonic_ns();
    if (!expiry_add_file(expiry, file->ino)) return;
    file->expiring++;
    expiry->again |= file->changed_ns - file->revalidated_ns < ANSWER_ON_ITS_WAY_NS;
}

void view_expired(struct filesystem *fs, uint64_t ino)
{
    MUTEX_GUARD(&fs->views.lock);
    struct file *file = file_find_locked(&fs->views, ino);
    if (file && --file->expiring == 0) handed_names_free(file);
}

void view_committed(struct filesystem *fs, struct file *file, const struct version *version, struct node *keep,
                    struct expiry *expiry)
{
    MUTEX_GUARD(&fs->views.lock);
    file->commits++;
    file->changed_ns = clock_monotonic_ns();
    /* Two commits may be told of in the other order. */
    if (file->newest.lineage != version->id.lineage || file->newest.ordinal < version->id.ordinal)
        file->newest = version->id;
    struct node *published = file->published;
    if (published && published->state == VIEW_LIVE) keep = published;
    else if (keep && keep->lineage != version->id.lineage) keep = NULL; /* the commit has made the file fork */
    if (published && published != keep && !version_id_equal(&published->version, &version->id)) {
        published->state = VIEW_SUPERSEDED;
        file->published = NULL;
        expiry_add_inode(expiry, published->id);
    }
    for (const struct node *node = file->nodes; node; node = node->next_of_file)
        if (node->state == VIEW_HISTORY) expiry_add_inode(expiry, node->id); /* it has changed */
    file->read_noted_ns = 0;
    if (file->published) { /* the same bytes again: only the times are others */
        published->mtime = version->mtime;
        expiry_add_inode(expiry, published->id);
    }
    if (file->names && !file->published) view_expire_names_locked(fs, file, expiry);
    if (!keep || (file->published && file->published != keep)) return;
    reader_free(keep->reader);
    keep->reader = NULL;
    if (keep->state != VIEW_LIVE) keep->state = VIEW_PUBLISHED;
    keep->version = version->id;
    keep->size = version->content.size;
    keep->allocated = version->content.allocated;
    keep->mtime = version->mtime;
    file->published = keep;
}
