/* SPDX-License-Identifier: Apache-2.0 */

/* stat, chmod, chown, utimensat, truncate, statfs. */

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "attributes.h"
#include "caller.h"
#include "clock.h"
#include "closing.h"
#include "dirent_record.h"
#include "history_open.h"
#include "history_view.h"
#include "live_file.h"
#include "occ_directory.h"
#include "open_draft.h"
#include "operations.h"
#include "privileges.h"
#include "redirection.h"
#include "store_directory.h"

void op_getattr(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file_info)
{
    (void)file_info; /* the kernel gives none for fstat: the node alone tells whose view is meant */
    struct stat attributes;
    double timeout;
    int error = view_attributes(filesystem_of(request), node, &attributes, &timeout);
    if (error) reply_error(request, error);
    else fuse_reply_attr(request, &attributes, timeout);
}

/* ---- size ---- */

/* A draft of one change to the version (NULL: to the head), committed at once. `keep`: shows what is committed from now on, or NULL. */
static int truncate_and_commit(struct filesystem *fs, const struct fuse_ctx *context, struct node *node,
                               const struct version_id *version, struct node *keep, uint64_t size,
                               struct expiry *expiry)
{
    struct views *views = &fs->views;
    struct open_draft *draft;
    int error = open_draft_new(fs, node->file, version, context, &draft);
    if (error) return error;
    mutex_lock(&views->lock);
    draft->directory = node->directory;
    if (node->name) strcpy(draft->name, node->name);
    mutex_unlock(&views->lock);
    closing_note_writer(draft, context);
    error = draft_truncate(&draft->draft, size);
    if (!error) error = closing_commit(fs, draft, VERSION_TRUNCATE, false, keep, expiry);
    open_draft_free(fs, draft);
    return error;
}

/*
 * On a view that nobody has open, which then shows the new version; else the thread is sent to look the name up again. A view that it gets
 * then is not published: it must not be what others find at the name while they wait for its lock. Who was sent already (by O_PATH or a
 * bind mount no name is looked up), or cannot be, truncates the head, and the view stays as it is.
 */
static int truncate_by_path(struct filesystem *fs, const struct fuse_ctx *context, fuse_ino_t nodeid,
                            const struct reservation *reservation, bool redirected, uint64_t size,
                            struct expiry *expiry)
{
    struct views *views = &fs->views;
    mutex_lock(&views->lock);
    struct node *node = node_find(&views->nodes, nodeid);
    view_answer_arrived_locked(views, node, context->pid);
    bool mine = reservation->view && reservation->view == node;
    bool free_to_change = node && node->opens == 0 && node->reserved == (mine ? 1 : 0) &&
                          (node->state == VIEW_PUBLISHED || node->state == VIEW_RESERVED);
    bool here = node && (free_to_change || redirected || context->pid == 0);
    bool published = free_to_change && node->state == VIEW_PUBLISHED;
    /* Names lead to the node, but where it was made for this thread alone. */
    expiry->answer_first = !free_to_change || published;
    /* Held like an open view until this is over: nobody makes a draft of it meanwhile. */
    if (here) node->reserved++;
    mutex_unlock(&views->lock);
    if (!here) return view_redirect(fs, context->pid, nodeid, true);

    int error = truncate_and_commit(fs, context, node, free_to_change ? &node->version : NULL, published ? node : NULL,
                                    size, expiry);
    mutex_lock(&views->lock);
    if (!error && node->state == VIEW_RESERVED) node->state = VIEW_SUPERSEDED;
    node->reserved--;
    node_settle_locked(views, node);
    mutex_unlock(&views->lock);
    return error;
}

/* truncate(2): of the caller's own draft where the path leads there, else of the file. */
static int truncate_path(struct filesystem *fs, const struct fuse_ctx *context, fuse_ino_t nodeid, uint64_t size,
                         struct expiry *expiry)
{
    struct reservation reservation;
    mutex_lock(&fs->views.lock);
    bool redirected = reservation_take(&fs->views.reservations, context->pid, nodeid, &reservation);
    mutex_unlock(&fs->views.lock);

    struct handle *joined = view_join(fs, context, nodeid, redirected && !reservation.view);
    int error;
    if (joined) {
        error = draft_truncate(&joined->draft->draft, size);
        closing_handle(fs, joined, expiry);
    } else {
        error = truncate_by_path(fs, context, nodeid, &reservation, redirected, size, expiry);
    }
    if (reservation.view) {
        mutex_lock(&fs->views.lock);
        reservation.view->reserved--;
        node_settle_locked(&fs->views, reservation.view);
        mutex_unlock(&fs->views.lock);
    }
    return error;
}

static int set_size(fuse_req_t request, struct file *file, fuse_ino_t node, uint64_t size,
                    struct fuse_file_info *file_info, struct expiry *expiry)
{
    struct filesystem *fs = filesystem_of(request);
    if (occ_directory_is_report(file->ino)) return ERR_PERM;
    if (file_info && handle_of(file_info)->draft) return draft_truncate(&handle_of(file_info)->draft->draft, size);
    struct open_draft *shared;
    if (file->live && live_file_borrow(fs, file, node, fuse_req_ctx(request), &shared) == 0) {
        int error = draft_truncate(&shared->draft, size);
        mutex_lock(&fs->views.lock);
        shared->writers--;
        mutex_unlock(&fs->views.lock);
        live_file_release(fs, shared, expiry);
        return error;
    }
    if (file_info) return ERR_INVAL; /* the descriptor is for reading: ftruncate says EINVAL before it comes here */
    return truncate_path(fs, fuse_req_ctx(request), node, size, expiry);
}

/* ---- the others ---- */

static struct timespec time_of(const struct timespec *given, bool now)
{
    return now ? clock_now() : *given;
}

static bool changes_of(const struct stat *attributes, int to_set, struct attribute_changes *changes)
{
    *changes = (struct attribute_changes){
        .set_mode = to_set & FUSE_SET_ATTR_MODE,
        .set_uid = to_set & FUSE_SET_ATTR_UID,
        .set_gid = to_set & FUSE_SET_ATTR_GID,
        .set_atime = to_set & (FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_ATIME_NOW),
        .set_mtime = to_set & (FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_MTIME_NOW),
        .mode = attributes->st_mode & 07777,
        .uid = attributes->st_uid,
        .gid = attributes->st_gid,
        .atime = time_of(&attributes->st_atim, to_set & FUSE_SET_ATTR_ATIME_NOW),
        .mtime = time_of(&attributes->st_mtim, to_set & FUSE_SET_ATTR_MTIME_NOW),
    };
    return changes->set_mode || changes->set_uid || changes->set_gid || changes->set_atime || changes->set_mtime;
}

/*
 * Set-id bits go with a truncate by a caller who lacks CAP_FSETID, and with every chown. The kernel says which requests these are.
 * But of chown(-1, -1), and before a write through the page cache, it sends a request that says nothing at all: of one who
 * may change the mode it is taken for the former, and the WRITE speaks for itself.
 */
static int take_privileges(fuse_req_t request, uint64_t ino, int to_set, struct attribute_changes *changes,
                           bool *changed)
{
    const int kill_suidgid = 1 << 11; /* FATTR_KILL_SUIDGID; libfuse knows the bit by another name */
    const struct fuse_ctx *context = fuse_req_ctx(request);
    if (!(to_set & kill_suidgid) && to_set != 0) return 0;
    struct inode inode;
    int error = inode_get(filesystem_of(request)->store, ino, &inode);
    if (error) return error;
    bool has_any = !S_ISDIR(inode.mode) && (inode.mode & (S_ISUID | S_ISGID));
    if (to_set == 0 && has_any && context->uid != inode.uid &&
        !caller_is_capable(context->pid, context->uid, CAP_FOWNER))
        return 0;
    *changed |= has_any || to_set == 0; /* ctime, of what sets nothing */
    changes->kill_suid_sgid = has_any;
    changes->in_group = has_any && privileges_in_group(request, &inode);
    return 0;
}

/* A time that the user sets holds for what drafts will commit, too. */
static void drafts_set_mtime(struct views *views, struct file *file, struct timespec mtime)
{
    MUTEX_GUARD(&views->lock);
    for (struct open_draft *draft = file->drafts; draft; draft = draft->next_of_file)
        draft_set_mtime(&draft->draft, mtime);
    if (file->shared) draft_set_mtime(&file->shared->draft, mtime);
}

/* Of history nothing can be changed, but that a version's size can be: that is written on it (history_open.h). */
static void set_history(fuse_req_t request, fuse_ino_t node, const struct stat *attributes, int to_set,
                        struct fuse_file_info *file_info)
{
    struct filesystem *fs = filesystem_of(request);
    struct attribute_changes changes;
    struct expiry expiry;
    struct open_draft *draft = file_info ? handle_of(file_info)->draft : NULL;
    uint64_t size = (uint64_t)attributes->st_size;
    expiry_init(&expiry, fs);
    int error = changes_of(attributes, to_set, &changes) ? ERR_HISTORY : 0;
    if (!error && (to_set & FUSE_SET_ATTR_SIZE))
        error = draft ? draft_truncate(&draft->draft, size)
                      : history_truncate(fs, fuse_req_ctx(request), node, size, &expiry);
    expiry.reply = (struct reply){.kind = REPLY_ATTR, .request = request};
    if (!error) error = history_attributes(fs, node, &expiry.reply.attributes, &expiry.reply.timeout);
    if (error) expiry_reply_error(&expiry, request, error);
    else expiry_run(&expiry);
}

void op_setattr(fuse_req_t request, fuse_ino_t node, struct stat *attributes, int to_set,
                struct fuse_file_info *file_info)
{
    struct filesystem *fs = filesystem_of(request);
    if (view_is_history(&fs->views, node)) {
        set_history(request, node, attributes, to_set, file_info);
        return;
    }
    struct file *file = file_hold_node(&fs->views, node);
    if (!file) {
        reply_error(request, ERR_STALE);
        return;
    }
    struct expiry expiry;
    expiry_init(&expiry, fs);
    int error = 0;
    if (to_set & FUSE_SET_ATTR_SIZE)
        error = set_size(request, file, node, (uint64_t)attributes->st_size, file_info, &expiry);

    struct attribute_changes changes;
    struct inode inode;
    bool changed = changes_of(attributes, to_set, &changes);
    if (!error) error = take_privileges(request, file->ino, to_set, &changes, &changed);
    if (!error && changed) {
        error = attributes_change(fs->store, file->ino, &changes, &inode);
        if (!error && changes.set_atime) access_forget(fs, file->ino);
        if (!error && changes.set_mtime) drafts_set_mtime(&fs->views, file, changes.mtime);
        if (!error && (inode.mode & (S_ISUID | S_ISGID))) privileges_granted(fs, file);
        file_tell_views(&fs->views, file, node, &expiry);
    }
    expiry.reply = (struct reply){.kind = REPLY_ATTR, .request = request};
    if (!error) error = view_attributes(fs, node, &expiry.reply.attributes, &expiry.reply.timeout);
    file_drop(fs, file);
    if (error) expiry_reply_error(&expiry, request, error);
    else expiry_run(&expiry);
}

void op_statfs(fuse_req_t request, fuse_ino_t node)
{
    (void)node;
    struct statvfs disk;
    if (fstatvfs(filesystem_of(request)->directory->descriptor, &disk) != 0) {
        fuse_reply_err(request, errno);
        return;
    }
    disk.f_namemax = NAME_MAX_BYTES;
    fuse_reply_statfs(request, &disk);
}
