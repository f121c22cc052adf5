/* SPDX-License-Identifier: Apache-2.0 */

/* Which view a name leads to, and what its attributes are. */

#include <string.h>
#include <sys/stat.h>

#include "caller.h"
#include "clock.h"
#include "filesystem.h"
#include "history_view.h"
#include "live_file.h"
#include "occ_directory.h"
#include "succession.h"

enum { OPENERS_MAX = 8 };

void view_fill(struct filesystem *fs, const struct node *node, const struct inode *inode, struct stat *ret_attributes)
{
    (void)fs;
    *ret_attributes = (struct stat){
        .st_ino = inode->ino,
        .st_mode = inode->mode,
        .st_nlink = inode->nlink,
        .st_uid = inode->uid,
        .st_gid = inode->gid,
        .st_rdev = inode->rdev,
        .st_size = (off_t)inode->size,
        .st_blocks = (blkcnt_t)((inode->allocated + 511) / 512),
        .st_blksize = 64 * 1024, /* what stdio and others take for their buffers: fewer round trips */
        .st_atim = inode->atime,
        .st_mtim = inode->mtime,
        .st_ctim = inode->ctime,
    };
    if (S_ISDIR(inode->mode)) ret_attributes->st_size = 4096;
    if (!node || node->state == VIEW_OTHER || node->state == VIEW_REPORT) return;

    if (node->state == VIEW_DRAFT || node->state == VIEW_LIVE) {
        const struct open_draft *shown = node->state == VIEW_LIVE ? node->file->shared : node->draft;
        if (!shown) return;
        const struct draft *draft = &shown->draft;
        ret_attributes->st_size = (off_t)draft->size;
        ret_attributes->st_blocks = (blkcnt_t)((draft->allocated + 511) / 512);
        if (!draft->changed) return;
        ret_attributes->st_mtim = draft_changed_at(draft);
        ret_attributes->st_ctim = draft_ctime(draft, inode->ctime);
        return;
    }
    /* The head's times and size are the inode's; an older version keeps its own while somebody looks at it. */
    bool head = version_id_equal(&node->version, &inode->head);
    bool looked_at = node->state != VIEW_SUPERSEDED || node->opens > 0 || node->reserved > 0;
    if (head || !looked_at) return;
    ret_attributes->st_size = (off_t)node->size;
    ret_attributes->st_blocks = (blkcnt_t)((node->allocated + 511) / 512);
    ret_attributes->st_mtim = node->mtime;
}

int view_attributes(struct filesystem *fs, fuse_ino_t nodeid, struct stat *ret_attributes, double *ret_timeout)
{
    if (view_is_history(&fs->views, nodeid)) return history_attributes(fs, nodeid, ret_attributes, ret_timeout);
    struct file *file = file_hold_node(&fs->views, nodeid);
    if (!file) return ERR_STALE;
    struct inode inode;
    int error = inode_get(fs->store, file->ino, &inode);
    if (!error) {
        access_apply(fs, &inode);
        mutex_lock(&fs->views.lock);
        struct node *node = node_find(&fs->views.nodes, nodeid);
        if (node) {
            view_fill(fs, node, &inode, ret_attributes);
            *ret_timeout = node->state == VIEW_OTHER                            ? TREE_TIMEOUT
                           : node->state == VIEW_SUPERSEDED && node->opens == 0 ? 0.0
                                                                                : VIEW_TIMEOUT;
        } else {
            error = ERR_STALE;
        }
        mutex_unlock(&fs->views.lock);
    }
    file_drop(fs, file);
    return error;
}

static bool tells_head_locked(const struct node *node)
{
    return !node || (node->state == VIEW_SUPERSEDED && node->opens == 0);
}

bool view_tells_head(struct views *views, fuse_ino_t nodeid)
{
    MUTEX_GUARD(&views->lock);
    return tells_head_locked(node_find(&views->nodes, nodeid));
}

int view_version(struct filesystem *fs, fuse_ino_t nodeid, struct version_id *ret_version)
{
    struct file *file = file_hold_node(&fs->views, nodeid);
    if (!file) return ERR_STALE;
    struct inode inode;
    int error = inode_get(fs->store, file->ino, &inode);
    if (!error && (!S_ISREG(inode.mode) || occ_directory_is_report(inode.ino))) error = ERR_NODATA;
    if (!error) {
        mutex_lock(&fs->views.lock);
        struct node *node = node_find(&fs->views.nodes, nodeid);
        if (tells_head_locked(node)) *ret_version = inode.head;
        else if (node->state == VIEW_DRAFT) *ret_version = node->draft->opened;
        else if (node->state == VIEW_LIVE) *ret_version = inode.head;
        else *ret_version = node->version;
        mutex_unlock(&fs->views.lock);
    }
    file_drop(fs, file);
    return error;
}

/* ---- LOOKUP ---- */

static struct node *view_new(struct views *views, struct file *file, enum view_state state, const struct inode *inode)
{
    struct node *node = node_new(&views->nodes, file, state);
    if (!node) return NULL;
    node->version = inode->head;
    node->lineage = inode->lineage;
    node->size = inode->size;
    node->allocated = inode->allocated;
    node->mtime = inode->mtime;
    return node;
}

static struct node *published_locked(struct views *views, struct file *file, const struct inode *inode)
{
    view_retire_locked(views, file, inode->lineage); /* view_history_changed or view_forked is about to tell */
    if (!file->published)
        file->published = view_new(views, file,
                                   !S_ISREG(inode->mode)                 ? VIEW_OTHER
                                   : occ_directory_is_report(inode->ino) ? VIEW_REPORT
                                   : file->live                          ? VIEW_LIVE
                                                                         : VIEW_PUBLISHED,
                                   inode);
    return file->published;
}

/* What a thread that was told to look again gets: always the same view, until it opens it. */
static struct node *reserved_locked(struct views *views, struct file *file, const struct inode *inode,
                                    struct reservation *reservation)
{
    struct node *old = reservation->view;
    if (old && old->file == file) return old;
    struct node *node =
        reservation->writing ? view_new(views, file, VIEW_RESERVED, inode) : published_locked(views, file, inode);
    if (!node) return NULL;
    if (old) {
        old->reserved--;
        node_settle_locked(views, old);
    }
    node->reserved++;
    reservation->view = node;
    return node;
}

/* Among drafts of a file that has no version yet: the one that the thread's process or an ancestor of it writes. Asks /proc,
 * so the openers are noted under the lock and looked at outside. */
static pid_t opener_seen_by(struct views *views, struct file *file, pid_t tid)
{
    pid_t openers[OPENERS_MAX];
    size_t count = 0;
    mutex_lock(&views->lock);
    for (struct open_draft *draft = file->drafts; draft && count < OPENERS_MAX; draft = draft->next_of_file)
        if (draft->opener != 0) openers[count++] = draft->opener;
    mutex_unlock(&views->lock);
    if (count == 0) return 0;
    pid_t process = caller_process(tid);
    for (size_t i = 0; i < count; i++)
        if (caller_descends_from(process, openers[i])) return openers[i];
    return 0;
}

static struct node *draft_node_locked(struct file *file, pid_t opener)
{
    for (struct node *node = file->nodes; opener && node; node = node->next_of_file)
        if (node->state == VIEW_DRAFT && node->draft->opener == opener) return node;
    return NULL;
}

static struct node *choose_locked(struct views *views, struct file *file, const struct inode *inode, pid_t tid,
                                  pid_t opener, bool *ret_cache)
{
    *ret_cache = true;
    if (!S_ISREG(inode->mode) || file->live) return published_locked(views, file, inode);
    struct reservation *reservation = tid ? reservation_find(&views->reservations, tid) : NULL;
    if (reservation) {
        *ret_cache = false;
        return reserved_locked(views, file, inode, reservation);
    }
    /* Until the first version is there, who asks decides what is seen. */
    if (succession_is_unwritten(inode) && file->drafts) *ret_cache = false;
    struct node *draft = draft_node_locked(file, opener);
    return draft ? draft : published_locked(views, file, inode);
}

/* Reads the inode so that no commit came between that and the lock, which is held on success. */
static int inode_read_and_lock(struct filesystem *fs, struct file *file, pid_t tid, struct inode *inode,
                               pid_t *ret_opener)
{
    struct views *views = &fs->views;
    for (;;) {
        mutex_lock(&views->lock);
        uint64_t commits = file->commits;
        mutex_unlock(&views->lock);
        int error = inode_get(fs->store, file->ino, inode);
        if (error) return error;
        access_apply(fs, inode);
        *ret_opener = 0;
        if (S_ISREG(inode->mode) && succession_is_unwritten(inode)) *ret_opener = opener_seen_by(views, file, tid);
        mutex_lock(&views->lock);
        if (file->commits == commits) return 0;
        mutex_unlock(&views->lock);
    }
}

/*
 * Whether the kernel may keep the name without asking. Nobody has been told of the view before: the answer is entered under the
 * directory's lock, or dropped because the name leads elsewhere, and the same thread asks a second time.
 */
static bool may_cache_locked(struct file *file, struct node *node, pid_t tid)
{
    if (file->expiring > 0) return false;
    if (node->lookups == 0) {
        node->first_tid = tid;
        return true;
    }
    if (node->lookups == 1 && tid != 0 && node->first_tid == tid) return true;
    int64_t now = clock_monotonic_ns();
    if (now - file->changed_ns < CHANGING_NS) return false;
    if (file->revalidated_tid != tid || tid == 0) file->revalidated_other_ns = file->revalidated_ns;
    file->revalidated_tid = tid;
    file->revalidated_ns = now;
    return true;
}

int view_lookup(struct filesystem *fs, pid_t tid, uint64_t ino, uint64_t directory, const char *name,
                struct fuse_entry_param *ret_entry)
{
    struct views *views = &fs->views;
    struct file *file = file_hold(views, ino);
    if (!file) return ERR_NOMEM;
    struct inode inode;
    pid_t opener;
    bool live = live_file_wanted(fs, file, directory);
    int error = inode_read_and_lock(fs, file, tid, &inode, &opener);
    if (error) goto out;

    file->own_policy = inode.policy;
    file->lineage = inode.lineage;
    if (S_ISREG(inode.mode)) live_file_decide_locked(views, file, &inode, live);
    bool cache;
    struct node *node = choose_locked(views, file, &inode, tid, opener, &cache);
    if (node) {
        cache = cache && (node->state == VIEW_PUBLISHED || node->state == VIEW_LIVE) &&
                may_cache_locked(file, node, tid) && handed_name_add(file, directory, name);
        node->lookups++;
        if (cache || tid == 0 || tid != node->maker_tid) node->found = true;
        if (node->name && !node_is_at(node, directory, name)) node->several_names = true;
        node_set_place(node, directory, name);
        *ret_entry = (struct fuse_entry_param){.ino = node->id, .generation = node->generation};
        view_fill(fs, node, &inode, &ret_entry->attr);
        if (node->state == VIEW_OTHER) {
            ret_entry->attr_timeout = ret_entry->entry_timeout = TREE_TIMEOUT;
        } else if (cache) {
            ret_entry->attr_timeout = ret_entry->entry_timeout = VIEW_TIMEOUT;
        }
    } else {
        error = ERR_NOMEM;
    }
    mutex_unlock(&views->lock);
out:
    file_drop(fs, file);
    return error;
}
