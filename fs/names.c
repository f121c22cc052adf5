/* SPDX-License-Identifier: Apache-2.0 */

/* Requests that find and make names. All come with the directory's lock held in the kernel. */

#include <string.h>
#include <sys/stat.h>

#include "conflict.h"
#include "history_name.h"
#include "history_view.h"
#include "namespace.h"
#include "occ_directory.h"
#include "operations.h"

int name_refusal(struct filesystem *fs, fuse_ino_t parent, uint64_t directory, const char *name)
{
    if (!directory) return view_refusal(&fs->views, parent);
    return occ_directory_keeps(directory, name) ? ERR_PERM : history_name_check(fs, directory, name);
}

/* Looks up what is in the directory under `name` and answers with an entry. */
static void reply_lookup(fuse_req_t request, uint64_t ino, uint64_t directory, const char *name)
{
    struct filesystem *fs = filesystem_of(request);
    struct fuse_entry_param entry;
    int error = view_lookup(fs, fuse_req_ctx(request)->pid, ino, directory, name, &entry);
    if (error) reply_error(request, error);
    else fuse_reply_entry(request, &entry);
}

void op_lookup(fuse_req_t request, fuse_ino_t parent, const char *name)
{
    struct filesystem *fs = filesystem_of(request);
    uint64_t directory = view_ino(&fs->views, parent);
    struct dirent_record dirent;
    struct fuse_entry_param entry;
    bool may_be_history = strstr(name, "@@");
    int error = directory ? namespace_lookup(fs->store, directory, SLICE_STRING(name), &dirent) : ERR_STALE;
    bool found = error == 0;
    if (!directory) error = history_lookup_in(fs, parent, name, &entry);
    else if (error == ERR_NOENT && may_be_history) error = history_lookup(fs, directory, name, &entry);
    /* Only the kernel makes names, so absence may be cached; but siblings appear by themselves, and so does history. */
    bool absence_stays = directory && !may_be_history && !conflict_is_sibling_name(SLICE_STRING(name));
    if (error == ERR_NOENT && absence_stays) {
        const struct fuse_entry_param absent = {.entry_timeout = TREE_TIMEOUT};
        fuse_reply_entry(request, &absent);
    } else if (error) {
        reply_error(request, error);
    } else if (found) {
        reply_lookup(request, dirent.ino, directory, name);
    } else {
        fuse_reply_entry(request, &entry);
    }
}

void op_forget(fuse_req_t request, fuse_ino_t node, uint64_t lookups)
{
    view_forget(filesystem_of(request), node, lookups);
    fuse_reply_none(request);
}

void op_forget_multi(fuse_req_t request, size_t count, struct fuse_forget_data *forgets)
{
    struct filesystem *fs = filesystem_of(request);
    for (size_t i = 0; i < count; i++)
        view_forget(fs, forgets[i].ino, forgets[i].nlookup);
    fuse_reply_none(request);
}

static void make(fuse_req_t request, fuse_ino_t parent, const char *name, struct new_inode *new_inode)
{
    struct filesystem *fs = filesystem_of(request);
    const struct fuse_ctx *context = fuse_req_ctx(request);
    new_inode->umask = context->umask;
    new_inode->uid = context->uid;
    new_inode->gid = context->gid;
    uint64_t directory = view_ino(&fs->views, parent);
    struct writer writer = S_ISREG(new_inode->mode) ? writer_of(context) : (struct writer){0};
    struct inode inode;
    uint64_t forked = 0;
    int error = name_refusal(fs, parent, directory, name);
    if (!error) error = namespace_create(fs->store, directory, SLICE_STRING(name), new_inode, &writer, &inode, &forked);
    struct expiry expiry; /* after the answer: the directory is locked until then */
    expiry_init(&expiry, fs);
    view_forked(fs, forked, &expiry);
    if (error) reply_error(request, error);
    else reply_lookup(request, inode.ino, directory, name);
    expiry_run(&expiry);
}

void op_mknod(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode, dev_t device)
{
    struct new_inode new_inode = {.mode = mode, .rdev = device};
    make(request, parent, name, &new_inode);
}

void op_mkdir(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode)
{
    struct new_inode new_inode = {.mode = S_IFDIR | mode};
    make(request, parent, name, &new_inode);
}

void op_symlink(fuse_req_t request, const char *target, fuse_ino_t parent, const char *name)
{
    struct new_inode new_inode = {.mode = S_IFLNK | 0777, .symlink = SLICE_STRING(target)};
    make(request, parent, name, &new_inode);
}

void op_readlink(fuse_req_t request, fuse_ino_t node)
{
    struct filesystem *fs = filesystem_of(request);
    struct buffer target = {0};
    uint64_t ino = view_ino(&fs->views, node);
    int error = ino ? symlink_get(fs->store, ino, &target) : history_readlink(fs, node, &target);
    if (!error) {
        buffer_append_u8(&target, 0);
        error = buffer_failed(&target);
    }
    if (!error && ino) access_note(fs, node);
    if (error) reply_error(request, error);
    else fuse_reply_readlink(request, (const char *)target.data);
    buffer_release(&target);
}

void op_link(fuse_req_t request, fuse_ino_t node, fuse_ino_t parent, const char *name)
{
    struct filesystem *fs = filesystem_of(request);
    uint64_t ino = view_ino(&fs->views, node), directory = view_ino(&fs->views, parent);
    struct inode inode;
    int error = name_refusal(fs, parent, directory, name);
    if (!error && !ino) error = view_is_history(&fs->views, node) ? ERR_PERM : ERR_STALE;
    if (!error && occ_directory_is_report(ino)) error = ERR_PERM;
    if (!error) error = namespace_link(fs->store, ino, directory, SLICE_STRING(name), &inode);
    if (error) {
        reply_error(request, error);
        return;
    }
    file_tell_all_views(fs, ino); /* link count and ctime */
    reply_lookup(request, ino, directory, name);
}
