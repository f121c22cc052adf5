/* SPDX-License-Identifier: Apache-2.0 */

/* Requests that take names away or move them. All come with the directories' locks held in the kernel. */

#include <stdio.h>
#include <sys/stat.h>

#include "caller.h"
#include "namespace.h"
#include "operations.h"

/* Whom the removal of a file counts for: if a process that writes it is the caller or an ancestor of the caller, for that one
 * (a script that removes its own scratch file with rm). */
static pid_t remover_of(struct filesystem *fs, const struct file *file, pid_t tid)
{
    pid_t openers[8];
    size_t count = 0;
    mutex_lock(&fs->views.lock);
    for (struct open_draft *draft = file->drafts; draft && count < 8; draft = draft->next_of_file)
        openers[count++] = draft->opener;
    mutex_unlock(&fs->views.lock);
    pid_t process = caller_process(tid);
    for (size_t i = 0; i < count; i++)
        if (caller_descends_from(process, openers[i])) return openers[i];
    return process;
}

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

static void remove_name(fuse_req_t request, fuse_ino_t parent, const char *name,
                        int (*remove)(struct store *, uint64_t, struct slice, struct inode *))
{
    struct filesystem *fs = filesystem_of(request);
    uint64_t directory = view_ino(&fs->views, parent);
    struct inode inode;
    int error = directory ? remove(fs->store, directory, SLICE_STRING(name), &inode) : ERR_STALE;
    if (!error) removed(fs, &inode, directory, name, fuse_req_ctx(request)->pid);
    reply_error(request, error);
}

void op_unlink(fuse_req_t request, fuse_ino_t parent, const char *name)
{
    remove_name(request, parent, name, namespace_unlink);
}

void op_rmdir(fuse_req_t request, fuse_ino_t parent, const char *name)
{
    remove_name(request, parent, name, namespace_rmdir);
}

static void renamed(struct filesystem *fs, const struct rename_result *result, uint64_t from, const char *from_name,
                    uint64_t to, const char *to_name, pid_t tid)
{
    if (result->same) return;
    if (S_ISDIR(result->moved.mode)) fs->policy_generation++;
    if (result->replaced) removed(fs, &result->gone, to, to_name, tid);
    view_name_moved(fs, result->moved.ino, from, from_name, to, to_name);
    if (S_ISREG(result->moved.mode) && !version_id_equal(&result->moved.head, &result->moved_before))
        view_head_renamed(fs, result->moved.ino, &result->moved_before, &result->moved.head);
    file_tell_all_views(fs, result->moved.ino);
}

static int exchange(struct filesystem *fs, uint64_t from, const char *from_name, uint64_t to, const char *to_name)
{
    struct dirent_record a, b;
    int error = namespace_lookup(fs->store, from, SLICE_STRING(from_name), &a);
    if (!error) error = namespace_lookup(fs->store, to, SLICE_STRING(to_name), &b);
    if (!error) error = namespace_exchange(fs->store, from, SLICE_STRING(from_name), to, SLICE_STRING(to_name));
    if (error) return error;
    fs->policy_generation++;
    /* Through a name that cannot exist, so that the first move does not take the second one's views along. */
    view_name_moved(fs, a.ino, from, from_name, to, "/");
    view_name_moved(fs, b.ino, to, to_name, from, from_name);
    view_name_moved(fs, a.ino, to, "/", to, to_name);
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
    int error = from && to ? 0 : ERR_STALE;
    if (flags & ~(unsigned)(RENAME_NOREPLACE | RENAME_EXCHANGE)) error = ERR_INVAL;
    if (!error && (flags & RENAME_EXCHANGE)) {
        error = exchange(fs, from, name, to, new_name);
    } else if (!error) {
        struct writer writer = writer_of(context);
        struct rename_result result;
        error = namespace_rename(fs->store, from, SLICE_STRING(name), to, SLICE_STRING(new_name),
                                 flags & RENAME_NOREPLACE, &writer, &result);
        if (!error) renamed(fs, &result, from, name, to, new_name, context->pid);
    }
    reply_error(request, error);
}
