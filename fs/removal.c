/* SPDX-License-Identifier: Apache-2.0 */

/* Requests that take names away or move them. All come with the directories' locks held in the kernel. */

#include <stdio.h>
#include <sys/stat.h>

#include "bases.h"
#include "caller.h"
#include "closing.h"
#include "history_name.h"
#include "live_file.h"
#include "namespace.h"
#include "occ_directory.h"
#include "operations.h"
#include "succession.h"

/* Whom the removal of a file counts for, and what it takes from another history: if a process that writes it is the caller or an ancestor
 * of the caller, for that one (a script that removes its own scratch file with rm). */
enum { OPENERS_MAX = 8 };

static pid_t remover_of(struct filesystem *fs, const struct file *file, pid_t tid)
{
    pid_t openers[OPENERS_MAX];
    size_t count = 0;
    mutex_lock(&fs->views.lock);
    for (struct open_draft *draft = file->drafts; draft && count < OPENERS_MAX; draft = draft->next_of_file)
        openers[count++] = draft->opener;
    mutex_unlock(&fs->views.lock);
    pid_t process = caller_process(tid);
    for (size_t i = 0; i < count; i++)
        if (caller_descends_from(process, openers[i])) return openers[i];
    return process;
}

/* ---- what the caller claims to have read ---- */

struct claimant {
    struct filesystem *fs;
    pid_t tid;
    uint64_t directory; /* of the name that it takes */
};

static void claimed(void *context, const struct inode *target, struct claim_facts *facts)
{
    const struct claimant *claimant = context;
    struct filesystem *fs = claimant->fs;
    pid_t process = caller_process(claimant->tid);
    facts->live = live_policy(fs, (enum policy)target->policy, claimant->directory);
    bases_armed(fs, target, &process, 1, &facts->base.armed);
    facts->base.remembered = bases_remembered(fs, process, target, succession_head(target));
}

/* ---- unlink, rmdir ---- */

/* After the store has removed the name. */
static void removed(struct filesystem *fs, const struct inode *inode, uint64_t directory, const char *name, pid_t tid)
{
    struct file *file = file_hold(&fs->views, inode->ino);
    if (!file) return;
    pid_t remover = S_ISREG(inode->mode) && inode->nlink == 0 ? remover_of(fs, file, tid) : 0;
    view_name_removed(fs, inode->ino, directory, name, inode->nlink == 0, remover);
    file_drop(fs, file);
    file_tell_all_views(fs, inode->ino);
}

void op_unlink(fuse_req_t request, fuse_ino_t parent, const char *name)
{
    struct filesystem *fs = filesystem_of(request);
    struct claimant claimant = {.fs = fs, .tid = fuse_req_ctx(request)->pid};
    const struct claim claim = {.ask = claimed, .context = &claimant};
    claimant.directory = view_ino(&fs->views, parent);
    struct inode inode;
    int error = claimant.directory ? 0 : view_refusal(&fs->views, parent);
    if (occ_directory_keeps(claimant.directory, name)) error = ERR_PERM;
    if (!error) error = namespace_unlink(fs->store, claimant.directory, SLICE_STRING(name), &claim, &inode);
    if (!error) {
        bases_spend(fs, &inode, caller_process(claimant.tid));
        removed(fs, &inode, claimant.directory, name, claimant.tid);
    }
    reply_error(request, history_name_kept(error, name));
}

void op_rmdir(fuse_req_t request, fuse_ino_t parent, const char *name)
{
    struct filesystem *fs = filesystem_of(request);
    uint64_t directory = view_ino(&fs->views, parent);
    struct inode inode;
    int error = directory ? 0 : view_refusal(&fs->views, parent);
    if (occ_directory_keeps(directory, name)) error = ERR_PERM;
    if (!error) error = namespace_rmdir(fs->store, directory, SLICE_STRING(name), &inode);
    if (!error) removed(fs, &inode, directory, name, fuse_req_ctx(request)->pid);
    reply_error(request, history_name_kept(error, name));
}

/* ---- rename ---- */

/*
 * A draft of the file that is about to be moved over another one: what its writer has written so far is what shall stand at the new
 * name, whether it has closed the file or not. `expiry`: what must be told after the answer.
 */
static int commit_moved(struct filesystem *fs, const struct fuse_ctx *context, uint64_t directory, const char *name,
                        struct expiry *expiry)
{
    struct dirent_record dirent;
    fuse_ino_t drafts[OPENERS_MAX];
    size_t count = 0;
    int error = namespace_lookup(fs->store, directory, SLICE_STRING(name), &dirent);
    if (error || dirent.type != S_IFREG) return error;
    struct file *file = file_hold(&fs->views, dirent.ino);
    if (!file) return ERR_NOMEM;
    mutex_lock(&fs->views.lock);
    for (struct node *node = file->drafts ? file->nodes : NULL; node && count < OPENERS_MAX; node = node->next_of_file)
        if (node->state == VIEW_DRAFT && node->draft->draft.changed) drafts[count++] = node->id;
    mutex_unlock(&fs->views.lock);
    for (size_t i = 0; i < count && !error; i++) {
        struct handle *handle = view_join(fs, context, drafts[i], true);
        if (!handle) continue; /* another's */
        closing_note_writer(handle->draft, context);
        error = closing_commit(fs, handle->draft, VERSION_WRITE, false, NULL, expiry);
        closing_handle(fs, handle, expiry);
    }
    file_drop(fs, file);
    return error;
}

static void renamed(struct filesystem *fs, const struct rename_result *result, uint64_t from, const char *from_name,
                    uint64_t to, const char *to_name, pid_t tid, struct expiry *expiry)
{
    if (result->same) return;
    struct file *file = file_hold(&fs->views, result->moved.ino);
    pid_t process = caller_process(tid), by = file ? remover_of(fs, file, tid) : process;
    if (file) file_drop(fs, file);
    if (S_ISDIR(result->moved.mode)) fs->policy_generation++;
    if (result->replaced) removed(fs, &result->gone, to, to_name, tid);
    view_name_moved(fs, result->moved.ino, from, from_name, to, to_name, process);
    if (S_ISREG(result->moved.mode)) view_history_changed(fs, &result->moved, &result->moved_before, by, expiry);
    if (S_ISREG(result->moved.mode) && !version_id_equal(&result->moved.head, &result->moved_before))
        bases_committed(fs, result->moved.ino, result->moved.lineage, &process, 1, &result->moved.head);
    view_forked(fs, result->forked, expiry);
    if (result->replaced && result->gone.nlink > 0) view_forked(fs, result->gone.ino, expiry);
    file_tell_all_views(fs, result->moved.ino);
}

/* Whether there is, or was, a file whose history a file goes on with when it is moved there. */
static bool has_history(struct filesystem *fs, uint64_t directory, const char *name)
{
    struct dirent_record dirent;
    struct name_record record;
    return namespace_lookup(fs->store, directory, SLICE_STRING(name), &dirent) == 0 ||
           succession_find(fs->store, directory, SLICE_STRING(name), &record) == 0;
}

/* rename(2) without RENAME_EXCHANGE. */
static int move(struct filesystem *fs, const struct fuse_ctx *context, uint64_t from, const char *name, uint64_t to,
                const char *new_name, bool no_replace, struct expiry *expiry)
{
    struct claimant claimant = {.fs = fs, .tid = context->pid, .directory = to};
    const struct claim claim = {.ask = claimed, .context = &claimant};
    const struct writer writer = writer_of(context);
    const struct rename_request request = {
        .from_directory = from,
        .to_directory = to,
        .from_name = SLICE_STRING(name),
        .to_name = SLICE_STRING(new_name),
        .no_replace = no_replace,
        .writer = &writer,
        .claim = &claim,
    };
    struct rename_result result;
    int error = namespace_rename(fs->store, &request, &result);
    if (error) return error;
    if (result.refused) {
        conflict_told(fs, to, new_name, &writer.author, &result.conflict, expiry);
        watches_tell_conflict(fs, NULL, (pid_t)writer.author.pid, &result.conflict);
        return ERR_CONFLICT;
    }
    renamed(fs, &result, from, name, to, new_name, context->pid, expiry);
    return 0;
}

static int exchange(struct filesystem *fs, uint64_t from, const char *from_name, uint64_t to, const char *to_name,
                    pid_t by)
{
    struct dirent_record a, b;
    int error = namespace_lookup(fs->store, from, SLICE_STRING(from_name), &a);
    if (!error) error = namespace_lookup(fs->store, to, SLICE_STRING(to_name), &b);
    if (!error) error = namespace_exchange(fs->store, from, SLICE_STRING(from_name), to, SLICE_STRING(to_name));
    if (error) return error;
    fs->policy_generation++;
    /* Through a name that cannot exist, so that the first move does not take the second one's views along. */
    view_name_moved(fs, a.ino, from, from_name, to, "/", by);
    view_name_moved(fs, b.ino, to, to_name, from, from_name, by);
    view_name_moved(fs, a.ino, to, "/", to, to_name, by);
    file_tell_all_views(fs, a.ino);
    file_tell_all_views(fs, b.ino);
    return 0;
}

void op_rename(fuse_req_t request, fuse_ino_t parent, const char *name, fuse_ino_t new_parent, const char *new_name,
               unsigned flags)
{
    struct filesystem *fs = filesystem_of(request);
    const struct fuse_ctx *context = fuse_req_ctx(request);
    uint64_t from = view_ino(&fs->views, parent), to = view_ino(&fs->views, new_parent);
    struct expiry committed, moved; /* names are told of after the answer: the directories are locked until then */
    expiry_init(&committed, fs);
    expiry_init(&moved, fs);
    int error = from && to ? 0 : view_refusal(&fs->views, from ? new_parent : parent);
    if (flags & ~(unsigned)(RENAME_NOREPLACE | RENAME_EXCHANGE)) error = ERR_INVAL;
    if (occ_directory_keeps(from, name) || occ_directory_keeps(to, new_name)) error = ERR_PERM;
    if (!error && (flags & RENAME_EXCHANGE)) {
        error = exchange(fs, from, name, to, new_name, caller_process(context->pid));
    } else if (!error) {
        error = history_name_check(fs, to, new_name);
        if (!error && has_history(fs, to, new_name)) error = commit_moved(fs, context, from, name, &committed);
        if (!error) error = move(fs, context, from, name, to, new_name, flags & RENAME_NOREPLACE, &moved);
    }
    expiry_tell_inodes(&committed);
    expiry_tell_inodes(&moved);
    reply_error(request, history_name_kept(error, name));
    expiry_run(&committed);
    expiry_run(&moved);
}
