/* SPDX-License-Identifier: Apache-2.0 */
#include "live_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "caller.h"
#include "clock.h"
#include "closing.h"
#include "filesystem.h"
#include "live.h"
#include "log.h"
#include "occ_directory.h"
#include "open_draft.h"
#include "policy.h"
#include "privileges.h"

/* ---- the policy ---- */

/* What a directory hands down, remembered until some directory's policy or place changes. */
static enum policy directory_policy(struct filesystem *fs, uint64_t directory)
{
    struct views *views = &fs->views;
    struct file *file = file_hold(views, directory);
    uint64_t generation = fs->policy_generation;
    enum policy policy = POLICY_INHERIT;
    if (file) {
        mutex_lock(&views->lock);
        bool known = file->policy_generation == generation;
        policy = (enum policy)file->policy;
        mutex_unlock(&views->lock);
        if (known) goto out;
    }
    /* A directory that is gone hands down nothing. */
    if (policy_of_directory(fs->store, directory, &policy) != 0) policy = POLICY_INHERIT;
    if (!file) return policy;
    mutex_lock(&views->lock);
    file->policy = (uint8_t)policy;
    file->policy_generation = generation;
    mutex_unlock(&views->lock);
out:
    file_drop(fs, file);
    return policy;
}

bool live_policy(struct filesystem *fs, enum policy policy, uint64_t directory)
{
    if (policy == POLICY_INHERIT && directory != 0) policy = directory_policy(fs, directory);
    if (policy == POLICY_INHERIT) policy = fs->options.policy;
    return policy == POLICY_LIVE;
}

bool live_file_wanted(struct filesystem *fs, struct file *file, uint64_t directory)
{
    mutex_lock(&fs->views.lock);
    enum policy policy = (enum policy)file->own_policy;
    mutex_unlock(&fs->views.lock);
    return live_policy(fs, policy, directory);
}

static bool idle_locked(const struct file *file)
{
    if (file->shared || file->drafts) return false;
    for (const struct node *node = file->nodes; node; node = node->next_of_file)
        if (node->opens > 0 || node->reserved > 0) return false;
    return true;
}

void live_file_decide_locked(struct views *views, struct file *file, const struct inode *inode, bool wanted)
{
    mutex_assert_held(&views->lock);
    if (file->live == wanted || !idle_locked(file) || occ_directory_is_report(file->ino)) return;
    file->live = wanted;
    struct node *node = file->published;
    if (!node) return;
    node->state = wanted ? VIEW_LIVE : VIEW_PUBLISHED;
    if (inode) {
        node->version = inode->head;
        node->size = inode->size;
        node->allocated = inode->allocated;
        node->mtime = inode->mtime;
    }
}

/* ---- the shared draft ---- */

int live_file_draft_new(struct filesystem *fs, struct file *file, const struct version_id *version,
                        const struct fuse_ctx *context, struct open_draft **ret_draft)
{
    struct version head;
    int error = version_get(fs->store, version->lineage, version->ordinal, &head);
    if (error) return error == ERR_NOT_FOUND ? ERR_DAMAGED : error;
    struct open_draft *draft = calloc(1, sizeof *draft);
    if (!draft) return ERR_NOMEM;
    error = live_init(&draft->draft, fs->store, file->ino, &head);
    if (error) {
        free(draft);
        return error;
    }
    mutex_init(&draft->commit_lock);
    draft->file = file;
    draft->opened = *version;
    draft->shown_ino = file->ino;
    draft->privileges = PRIVILEGE_SET_ID | PRIVILEGE_CAPABILITY;
    draft->opener = caller_process(context->pid);
    draft->versioned_ns = clock_monotonic_ns();
    *ret_draft = draft;
    return 0;
}

struct open_draft *live_file_share_locked(struct views *views, struct file *file, bool writes, struct open_draft *made)
{
    mutex_assert_held(&views->lock);
    if (!file->shared) {
        file->shared = made;
        made->next_shared = views->shared;
        views->shared = made;
        const struct node *node = file->published;
        if (node && node->name) {
            made->directory = node->directory;
            snprintf(made->name, sizeof made->name, "%s", node->name);
        }
    }
    file->shared->handles++;
    file->shared->writers += writes;
    return file->shared;
}

int live_file_borrow(struct filesystem *fs, struct file *file, fuse_ino_t nodeid, const struct fuse_ctx *context,
                     struct open_draft **ret_draft)
{
    struct views *views = &fs->views;
    struct open_draft *made = NULL;
    struct version_id made_on = {0};
    for (;;) {
        mutex_lock(&views->lock);
        const struct node *node = node_find(&views->nodes, nodeid);
        bool live = node && node->state == VIEW_LIVE;
        struct version_id head = node ? node->version : made_on;
        bool ready = live && (file->shared || (made && version_id_equal(&made_on, &head)));
        struct open_draft *shared = ready ? live_file_share_locked(views, file, true, made) : NULL;
        mutex_unlock(&views->lock);
        if (shared != made) open_draft_destroy(made);
        if (ready) *ret_draft = shared;
        if (ready || !live) return ready ? 0 : ERR_STALE;
        made_on = head;
        int error = live_file_draft_new(fs, file, &head, context, &made);
        if (error) return error;
    }
}

static int make_version(struct filesystem *fs, struct open_draft *draft, struct expiry *expiry)
{
    int error = draft->draft.changed ? closing_commit(fs, draft, VERSION_WRITE, false, NULL, expiry) : 0;
    if (!error) draft->versioned_ns = clock_monotonic_ns();
    return error;
}

int live_file_flush(struct filesystem *fs, struct open_draft *draft, const struct fuse_ctx *context,
                    struct expiry *expiry)
{
    if (!draft->draft.changed) return 0;
    enum closing closing = closing_of(fs, draft, context);
    mutex_lock(&fs->views.lock);
    bool last = draft->writers == 1 && closing != CLOSING_NOT_LAST;
    mutex_unlock(&fs->views.lock);
    return last ? make_version(fs, draft, expiry) : 0;
}

static bool share_drop_locked(struct views *views, struct open_draft *draft)
{
    mutex_assert_held(&views->lock);
    if (--draft->handles > 0) return false;
    draft->file->shared = NULL;
    struct open_draft **link = &views->shared;
    while (*link != draft)
        link = &(*link)->next_shared;
    *link = draft->next_shared;
    return true;
}

void live_file_let_go(struct filesystem *fs, struct open_draft *draft)
{
    struct views *views = &fs->views;
    mutex_lock(&views->lock);
    bool gone = draft->file->unlinked;
    bool last = draft->handles == 1;
    mutex_unlock(&views->lock);
    if (last && !gone && draft->draft.changed) {
        int error = live_sync(&draft->draft);
        if (error)
            log_error("what was written to live inode %llu since its last version may be lost: %s",
                      (unsigned long long)draft->file->ino, error_text(error));
    }
    mutex_lock(&views->lock);
    bool dropped = share_drop_locked(views, draft);
    mutex_unlock(&views->lock);
    if (!dropped) return;
    live_release(&draft->draft, gone);
    mutex_release(&draft->commit_lock);
    free(draft);
}

void live_file_release(struct filesystem *fs, struct open_draft *draft, struct expiry *expiry)
{
    mutex_lock(&fs->views.lock);
    bool written = draft->writers == 0;
    mutex_unlock(&fs->views.lock);
    int error = written ? make_version(fs, draft, expiry) : 0;
    if (error)
        log_error("live inode %llu: no version was made of what was written: %s", (unsigned long long)draft->file->ino,
                  error_text(error));
    live_file_let_go(fs, draft);
}

/* ---- once a minute ---- */

static struct open_draft *due_locked(struct views *views, int64_t before)
{
    mutex_assert_held(&views->lock);
    for (struct open_draft *draft = views->shared; draft; draft = draft->next_shared)
        if (draft->draft.changed && draft->versioned_ns < before) return draft;
    return NULL;
}

void live_file_tick(struct filesystem *fs)
{
    struct views *views = &fs->views;
    int64_t before = clock_monotonic_ns() - LIVE_VERSION_INTERVAL_S * NS_PER_S;
    for (;;) {
        mutex_lock(&views->lock);
        struct open_draft *draft = due_locked(views, before);
        if (draft) {
            draft->handles++;
            draft->versioned_ns = clock_monotonic_ns(); /* also where it fails: not again at once */
            draft->file->holds++;
        }
        mutex_unlock(&views->lock);
        if (!draft) return;
        struct file *file = draft->file;
        struct expiry expiry;
        expiry_init(&expiry, fs);
        int error = make_version(fs, draft, &expiry);
        if (error)
            log_warning("live inode %llu: no version was made: %s", (unsigned long long)file->ino, error_text(error));
        live_file_let_go(fs, draft);
        file_drop(fs, file);
        expiry_run(&expiry);
    }
}

void live_file_end_all(struct filesystem *fs)
{
    while (fs->views.shared) {
        struct open_draft *draft = fs->views.shared;
        draft->handles = 1;
        live_file_let_go(fs, draft);
    }
}
