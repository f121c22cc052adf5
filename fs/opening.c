/* SPDX-License-Identifier: Apache-2.0 */

/*
 * OPEN: which view serves it. The plan is made under the lock of the views; what it needs from the store is read outside, and the
 * plan is then carried out only if nothing has changed, else made anew.
 */
#include "opening.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "bases.h"
#include "caller.h"
#include "closing.h"
#include "filesystem.h"
#include "history_open.h"
#include "live_file.h"
#include "log.h"
#include "occ_directory.h"
#include "open_draft.h"
#include "redirection.h"
#include "report.h"

enum plan {
    PLAN_READ,       /* from the view's version */
    PLAN_DRAFT,      /* the view becomes a draft */
    PLAN_JOIN,       /* the view is a draft of the caller's or of an ancestor's */
    PLAN_BIND_READ,  /* the head, on the handle */
    PLAN_BIND_WRITE, /* a draft, on the handle */
    PLAN_SHARE,      /* the draft of a live file */
    PLAN_REPORT,     /* what is told on the handle alone */
    PLAN_REDIRECT,   /* ESTALE: look the name up again */
};

struct opening {
    struct filesystem *fs;
    const struct fuse_ctx *context;
    fuse_ino_t nodeid;
    bool writing;
    struct reservation reservation; /* what the thread had; its view is counted until the end */
    bool redirected;                /* it had one: this is its second try */
    uint64_t directory;             /* where the node was looked up last */
    pid_t joins;                    /* the opener whose draft the caller may join */
};

static enum plan plan_locked(const struct opening *opening, const struct node *node)
{
    const struct reservation *reservation = &opening->reservation;
    bool for_me = opening->redirected && reservation->view == node;
    /* Who cannot be told to look again: another redirection would reach the program as ESTALE. */
    enum plan elsewhere = opening->redirected || opening->context->pid == 0
                              ? (opening->writing ? PLAN_BIND_WRITE : PLAN_BIND_READ)
                              : PLAN_REDIRECT;
    switch (node->state) {
    case VIEW_PUBLISHED:
        if (!opening->writing) return PLAN_READ;
        /* A conflict's sibling will stand beside the name that was opened. */
        if (node->several_names) return elsewhere;
        return node->opens == 0 && node->reserved == (for_me ? 1 : 0) ? PLAN_DRAFT : elsewhere;
    case VIEW_RESERVED:
        return for_me && opening->writing ? PLAN_DRAFT : elsewhere;
    case VIEW_DRAFT:
        return opening->joins != 0 && node->draft->opener == opening->joins ? PLAN_JOIN : elsewhere;
    case VIEW_SUPERSEDED:
        return for_me && !opening->writing ? PLAN_READ : elsewhere;
    case VIEW_LIVE:
        return PLAN_SHARE;
    case VIEW_REPORT:
        return PLAN_REPORT;
    case VIEW_OTHER:
    case VIEW_HISTORY:
    case VIEW_VERSION:
    case VIEW_VERSION_LINK:
        break;
    }
    return PLAN_READ; /* the kernel opens devices and fifos itself; directories need no handle */
}

/* ---- carrying the plan out ---- */

static void carry_out_locked(struct opening *opening, enum plan plan, struct node *node, struct handle *handle,
                             struct open_draft *draft, struct expiry *expiry)
{
    handle->file = node->file;
    handle->node = node;
    handle_enlist_locked(&opening->fs->views, handle);
    node->opens++;
    switch (plan) {
    case PLAN_DRAFT:
        if (node->file->published == node) {
            node->file->published = NULL;
            view_expire_names_locked(opening->fs, node->file, expiry);
        }
        node->state = VIEW_DRAFT;
        node->draft = draft;
        draft_enlist_locked(&opening->fs->views, draft, node, handle->append);
        handle->draft = draft;
        break;
    case PLAN_JOIN:
        handle->draft = node->draft;
        node->draft->handles++;
        break;
    case PLAN_BIND_WRITE:
        draft_enlist_locked(&opening->fs->views, draft, node, handle->append);
        handle->draft = draft;
        handle->bound = true;
        break;
    case PLAN_BIND_READ:
    case PLAN_REPORT:
        handle->bound = true;
        break;
    case PLAN_SHARE:
        handle->draft = live_file_share_locked(&opening->fs->views, node->file, opening->writing, draft);
        break;
    case PLAN_READ:
    case PLAN_REDIRECT:
        break;
    }
}

/* What the plan needs from the store before it can be carried out. */
static int prepare(struct opening *opening, enum plan plan, struct file *file, const struct version_id *version,
                   struct handle *handle, struct open_draft **draft)
{
    switch (plan) {
    case PLAN_DRAFT:
        return open_draft_new(opening->fs, file, version, opening->context, draft);
    case PLAN_BIND_WRITE:
        return open_draft_new(opening->fs, file, NULL, opening->context, draft);
    case PLAN_BIND_READ:
        return handle_bind(opening->fs, file->ino, handle);
    case PLAN_SHARE:
        return live_file_draft_new(opening->fs, file, version, opening->context, draft);
    case PLAN_REPORT:
        handle->read_noted = true;
        if (opening->writing) return ERR_PERM;
        if (file->ino == WATCH_INO) return watch_open(opening->fs, opening->context, &handle->watch);
        return report_open(opening->fs, opening->context, file->ino, &handle->reader);
    case PLAN_READ:
    case PLAN_JOIN:
    case PLAN_REDIRECT:
        break;
    }
    return 0;
}

/*
 * The opener whose draft the node is, if the caller is that process or descends from it, and means the draft: it came back
 * without looking the name up (through /proc/self/fd), or the name itself leads it there, because there is no version yet. Who
 * comes by a name that was not expired in time is sent to a view of his own.
 */
static pid_t joinable(struct opening *opening)
{
    struct views *views = &opening->fs->views;
    bool came_back = opening->redirected && !opening->reservation.view;
    mutex_lock(&views->lock);
    struct node *node = node_find(&views->nodes, opening->nodeid);
    bool means_it = node && node->state == VIEW_DRAFT && (came_back || node->draft->unwritten);
    pid_t opener = means_it ? node->draft->opener : 0;
    mutex_unlock(&views->lock);
    if (opener == 0) return 0;
    return caller_descends_from(caller_process(opening->context->pid), opener) ? opener : 0;
}

struct handle *view_join(struct filesystem *fs, const struct fuse_ctx *context, fuse_ino_t nodeid, bool came_back)
{
    struct opening opening = {.fs = fs, .context = context, .nodeid = nodeid, .writing = true, .redirected = came_back};
    pid_t opener = joinable(&opening);
    struct handle *handle = opener ? calloc(1, sizeof *handle) : NULL;
    if (!handle) return NULL;
    MUTEX_GUARD(&fs->views.lock);
    struct node *node = node_find(&fs->views.nodes, nodeid);
    if (!node || node->state != VIEW_DRAFT || node->draft->opener != opener) {
        free(handle);
        return NULL;
    }
    carry_out_locked(&opening, PLAN_JOIN, node, handle, NULL, NULL);
    return handle;
}

static int open_node(struct opening *opening, struct file *file, struct handle *handle, struct expiry *expiry)
{
    struct views *views = &opening->fs->views;
    struct open_draft *draft = NULL;
    enum plan prepared = PLAN_READ; /* needs nothing */
    struct version_id prepared_on = {0};
    int error = 0;
    bool live = live_file_wanted(opening->fs, file, opening->directory);
    for (;;) {
        opening->joins = joinable(opening);
        mutex_lock(&views->lock);
        struct node *node = node_find(&views->nodes, opening->nodeid);
        if (node && node->state != VIEW_OTHER) live_file_decide_locked(views, file, NULL, live);
        enum plan plan = node ? plan_locked(opening, node) : PLAN_REDIRECT;
        bool needs = plan == PLAN_DRAFT || plan == PLAN_BIND_WRITE || plan == PLAN_BIND_READ || plan == PLAN_REPORT ||
                     (plan == PLAN_SHARE && !file->shared);
        bool on_version = plan == PLAN_DRAFT || plan == PLAN_SHARE;
        bool ready = !needs || (plan == prepared && (!on_version || version_id_equal(&node->version, &prepared_on)));
        if (!node) error = ERR_STALE;
        else if (plan == PLAN_REDIRECT)
            error = view_redirect_locked(views, opening->context->pid, node->id, opening->writing);
        else if (ready) carry_out_locked(opening, plan, node, handle, draft, expiry);
        struct version_id version = node ? node->version : (struct version_id){0};
        mutex_unlock(&views->lock);
        log_debug("open: node %llx for %s by thread %d%s: plan %d", (unsigned long long)opening->nodeid,
                  opening->writing ? "writing" : "reading", (int)opening->context->pid,
                  opening->redirected ? " (second try)" : "", (int)plan);

        if (error || ready) {
            if (!handle->draft || handle->draft != draft) open_draft_destroy(draft);
            if (!handle->bound) handle_unbind(handle);
            return error;
        }
        open_draft_destroy(draft);
        draft = NULL;
        handle_unbind(handle);
        error = prepare(opening, plan, file, &version, handle, &draft);
        if (error) return error;
        prepared = plan;
        prepared_on = version;
    }
}

/* An open of an empty file with O_TRUNC makes no version, but POSIX wants its times updated. */
static int truncate_at_open(struct filesystem *fs, struct handle *handle, struct expiry *expiry)
{
    struct draft *draft = &handle->draft->draft;
    return draft->size > 0 ? draft_truncate(draft, 0) : open_draft_touch(fs, handle->draft, expiry);
}

static void answer_flags(struct filesystem *fs, const struct handle *handle, const struct fuse_ctx *context,
                         struct fuse_file_info *file_info)
{
    file_info->fh = (uintptr_t)handle;
    /* A writer who cannot map it gains nothing by the page cache, and direct writes cost no GETXATTR for set-id bits. */
    bool private = handle->draft && !handle->draft->draft.live.ino;
    file_info->direct_io = handle->bound || (private && (file_info->flags & O_ACCMODE) == O_WRONLY);
    /* What a view shows does not change behind the kernel's back, but for a draft that several have open. A read that the file's
     * time of access is waiting for must not come from the cache. */
    bool noted = private || handle->writes || handle->read_noted || access_is_noted(fs, handle->file);
    file_info->keep_cache = !handle->bound && !(private && handle->draft->handles > 1) && noted;
    file_info->noflush = !closing_matters(fs, handle, context);
}

/* What the handle of a reader shows counts as read. */
static void note_read(struct filesystem *fs, const struct fuse_ctx *context, fuse_ino_t nodeid,
                      const struct handle *handle)
{
    mutex_lock(&fs->views.lock);
    bool version_shown =
        handle->bound || handle->node->state == VIEW_PUBLISHED || handle->node->state == VIEW_SUPERSEDED;
    struct version_id version = handle->bound ? handle->reader->id : handle->node->version;
    mutex_unlock(&fs->views.lock);
    if (version_shown && !handle->draft) bases_read(fs, context->pid, nodeid, handle->bound, &version);
}

int view_open(struct filesystem *fs, const struct fuse_ctx *context, fuse_ino_t nodeid,
              struct fuse_file_info *file_info, struct expiry *expiry, struct handle **ret_handle)
{
    struct opening opening = {.fs = fs, .context = context, .nodeid = nodeid};
    opening.writing = (file_info->flags & O_ACCMODE) != O_RDONLY || (file_info->flags & O_TRUNC);
    struct handle *handle = calloc(1, sizeof *handle);
    if (!handle) return ERR_NOMEM;
    handle->append = file_info->flags & O_APPEND;
    handle->read_noted = file_info->flags & O_NOATIME;
    handle->writes = opening.writing;
    struct file *file = file_hold_node(&fs->views, nodeid);
    if (!file) {
        free(handle);
        return ERR_STALE;
    }

    mutex_lock(&fs->views.lock);
    opening.redirected = reservation_take(&fs->views.reservations, context->pid, nodeid, &opening.reservation);
    const struct node *looked_up = node_find(&fs->views.nodes, nodeid);
    view_answer_arrived_locked(&fs->views, looked_up, context->pid);
    opening.directory = looked_up ? looked_up->directory : 0;
    bool is_version = looked_up && looked_up->state == VIEW_VERSION;
    mutex_unlock(&fs->views.lock);
    int error = is_version ? history_open(fs, context, nodeid, handle) : open_node(&opening, file, handle, expiry);
    if (opening.reservation.view) {
        mutex_lock(&fs->views.lock);
        reservation_settle_locked(&fs->views, &opening.reservation);
        mutex_unlock(&fs->views.lock);
    }
    if (!error && handle->draft && (file_info->flags & O_TRUNC)) error = truncate_at_open(fs, handle, expiry);
    if (!error && !opening.writing && !handle->watch) note_read(fs, context, nodeid, handle);
    file_drop(fs, file);
    if (error) {
        struct open_draft *last = NULL;
        if (handle->node) handle_close(fs, handle, &last);
        else free(handle);
        if (last) open_draft_free(fs, last);
        return error;
    }
    answer_flags(fs, handle, context, file_info);
    *ret_handle = handle;
    return 0;
}

/* The view of a file that was just made: its maker's draft, or, of a live file, everybody's. */
static struct node *created_node_locked(struct views *views, struct file *file, const struct inode *inode,
                                        struct open_draft *draft)
{
    bool live = draft->draft.live.ino != 0;
    struct node *node = live ? file->published : NULL;
    if (!node) node = node_new(&views->nodes, file, live ? VIEW_LIVE : VIEW_DRAFT);
    if (!node) return NULL;
    if (live) file->published = node;
    else node->draft = draft;
    node->version = inode->head;
    node->lineage = inode->lineage;
    node->lookups++;
    node->opens++;
    return node;
}

static int created_draft(struct filesystem *fs, const struct fuse_ctx *context, struct file *file,
                         const struct inode *inode, uint64_t directory, struct open_draft **ret_draft)
{
    bool live = live_file_wanted(fs, file, directory);
    mutex_lock(&fs->views.lock);
    live_file_decide_locked(&fs->views, file, inode, live);
    live = file->live;
    mutex_unlock(&fs->views.lock);
    int error = live ? live_file_draft_new(fs, file, &inode->head, context, ret_draft)
                     : open_draft_new(fs, file, &inode->head, context, ret_draft);
    if (!error && inode->continues.lineage != 0) draft_begin(&(*ret_draft)->draft);
    return error;
}

int view_create(struct filesystem *fs, const struct fuse_ctx *context, const struct inode *inode, uint64_t directory,
                const char *name, struct fuse_file_info *file_info, struct fuse_entry_param *ret_entry,
                struct handle **ret_handle)
{
    struct views *views = &fs->views;
    struct file *file = file_hold(views, inode->ino);
    struct handle *handle = calloc(1, sizeof *handle);
    struct open_draft *draft = NULL;
    int error = file && handle ? created_draft(fs, context, file, inode, directory, &draft) : ERR_NOMEM;
    if (!error) {
        mutex_lock(&views->lock);
        bool live = draft->draft.live.ino != 0;
        struct node *node = created_node_locked(views, file, inode, draft);
        if (node) {
            file->lineage = inode->lineage;
            *handle =
                (struct handle){.file = file, .node = node, .append = file_info->flags & O_APPEND, .writes = true};
            handle_enlist_locked(views, handle);
            node->maker_tid = context->pid;
            node_set_place(node, directory, name);
            if (!live) draft_enlist_locked(views, draft, node, handle->append);
            handle->draft = live ? live_file_share_locked(views, file, true, draft) : draft;
            /* The name of a draft leads others to a view of their own: no timeout for it; the attributes are the writer's
             * alone. */
            *ret_entry = (struct fuse_entry_param){
                .ino = node->id, .generation = node->generation, .attr_timeout = VIEW_TIMEOUT};
            if (live && handed_name_add(file, directory, name)) ret_entry->entry_timeout = VIEW_TIMEOUT;
            view_fill(fs, node, inode, &ret_entry->attr);
        } else {
            error = ERR_NOMEM;
        }
        mutex_unlock(&views->lock);
    }
    if (draft && (error || handle->draft != draft)) open_draft_destroy(draft);
    if (file) file_drop(fs, file);
    if (error) {
        free(handle);
        return error;
    }
    answer_flags(fs, handle, context, file_info);
    *ret_handle = handle;
    return 0;
}
