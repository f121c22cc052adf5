/* SPDX-License-Identifier: Apache-2.0 */

/* Requests on open files. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "attributes.h"
#include "bases.h"
#include "closing.h"
#include "history_name.h"
#include "live.h"
#include "live_file.h"
#include "namespace.h"
#include "occ_directory.h"
#include "operations.h"
#include "privileges.h"
#include "redirection.h"

/* Data requests from this size on are served while another thread reads the next request. */
enum { LARGE_REQUEST = 32 * 1024 };

void op_open(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file_info)
{
    struct filesystem *fs = filesystem_of(request);
    struct expiry expiry;
    struct handle *handle;
    expiry_init(&expiry, fs);
    int error = view_open(fs, fuse_req_ctx(request), node, file_info, &expiry, &handle);
    if (!error && (file_info->flags & O_TRUNC) && handle->draft) {
        error = privileges_shed(request, handle->draft, SHEDDING_TOLD);
        if (error) handle_discard(fs, handle);
    }
    if (error) {
        expiry_reply_error(&expiry, request, error);
        return;
    }
    expiry.reply = (struct reply){.kind = REPLY_OPEN, .request = request, .file_info = *file_info};
    expiry_run(&expiry);
}

void op_create(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *file_info)
{
    struct filesystem *fs = filesystem_of(request);
    const struct fuse_ctx *context = fuse_req_ctx(request);
    struct new_inode new_inode = {
        .mode = S_IFREG | (mode & 07777), .umask = context->umask, .uid = context->uid, .gid = context->gid};
    uint64_t directory = view_ino(&fs->views, parent);
    new_inode.opened = directory != 0 && !live_policy(fs, POLICY_INHERIT, directory);
    struct writer writer = writer_of(context);
    struct inode inode;
    struct fuse_entry_param entry;
    struct handle *handle;
    uint64_t forked = 0;
    struct expiry expiry; /* after the answer: the directory is locked until then */
    expiry_init(&expiry, fs);
    int error = name_refusal(fs, parent, directory, name);
    if (!error)
        error = namespace_create(fs->store, directory, SLICE_STRING(name), &new_inode, &writer, &inode, &forked);
    view_forked(fs, forked, &expiry);
    if (!error) error = view_create(fs, context, &inode, directory, name, file_info, &entry, &handle);
    /* The name appeared since the kernel looked (a sibling): it shall look again, and ask for permission to open the file. */
    else if (error == ERR_EXIST && !(file_info->flags & O_EXCL))
        error = view_redirect_create(fs, context->pid, file_info->flags);
    if (error) reply_error(request, error);
    else fuse_reply_create(request, &entry, file_info);
    expiry_run(&expiry);
}

/* ---- data ---- */

/* Of the calling thread, kept for its next request. */
static __thread struct buffer read_buffer;

void read_buffer_release(void)
{
    buffer_release(&read_buffer);
}

/* A draft that is read before it is changed: its writer has seen what it was opened on. */
static void note_first_read(fuse_req_t request, fuse_ino_t node, struct handle *handle)
{
    struct filesystem *fs = filesystem_of(request);
    struct open_draft *draft = handle->draft;
    if (draft->draft.live.ino || atomic_exchange(&draft->read_first, true)) return;
    mutex_lock(&fs->views.lock);
    struct version_id opened = draft->opened;
    mutex_unlock(&fs->views.lock);
    bases_read(fs, fuse_req_ctx(request)->pid, node, handle->bound, &opened);
}

void op_read(fuse_req_t request, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *file_info)
{
    struct filesystem *fs = filesystem_of(request);
    struct handle *handle = handle_of(file_info);
    if (size >= LARGE_REQUEST) workers_about_to_block(&fs->workers);
    buffer_clear(&read_buffer);
    uint8_t *bytes = buffer_extend(&read_buffer, size);
    int error = bytes ? 0 : ERR_NOMEM;
    size_t got = 0;
    if (!error && handle->draft) {
        if (!handle->draft->draft.changed) note_first_read(request, node, handle);
        error = draft_read(&handle->draft->draft, (uint64_t)offset, bytes, size, &got);
    } else if (!error && handle->watch) {
        got = watch_read(handle->watch, (uint64_t)offset, bytes, size);
    } else if (!error) {
        struct content_reader *reader;
        error = handle_reader(fs, handle, &reader);
        if (!error) {
            uint64_t end = reader->content.size, at = (uint64_t)offset;
            got = at >= end ? 0 : size < end - at ? size : (size_t)(end - at);
            error = content_read(reader, at, bytes, got);
        }
    }
    if (!error && !atomic_exchange(&handle->read_noted, true)) access_note(fs, node);
    if (error) reply_error(request, error);
    else fuse_reply_buf(request, (char *)bytes, got);
}

void op_write(fuse_req_t request, fuse_ino_t node, const char *bytes, size_t size, off_t offset,
              struct fuse_file_info *file_info)
{
    (void)node;
    struct filesystem *fs = filesystem_of(request);
    struct handle *handle = handle_of(file_info);
    if (!handle->draft) {
        reply_error(request, ERR_BADF);
        return;
    }
    if (size >= LARGE_REQUEST) workers_about_to_block(&fs->workers);
    struct draft *draft = &handle->draft->draft;
    /* The kernel's idea of the end is the node's; content that hangs on the handle, or has another end since, has its own. */
    bool own_end = handle->append && (handle->bound || handle->draft->end_moved);
    uint64_t at = own_end ? draft->size : (uint64_t)offset;
    /* What is stored through a mapping takes no privileges, there as here. */
    int error = file_info->writepage ? 0 : privileges_shed(request, handle->draft, SHEDDING_TOLD);
    if (!error) error = draft_write(draft, at, SLICE(bytes, size), handle->append && !file_info->writepage);
    if (draft->live.ino) handle->file->read_noted_ns = 0; /* of a private draft the commit says so */
    if (error) reply_error(request, error);
    else fuse_reply_write(request, size);
}

/* ---- the end of it ---- */

void op_flush(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file_info)
{
    (void)node;
    struct filesystem *fs = filesystem_of(request);
    const struct handle *handle = handle_of(file_info);
    struct open_draft *draft = handle->draft;
    struct expiry expiry;
    expiry_init(&expiry, fs);
    expiry.locks_end = (struct locks_end){.ino = handle->file->ino, .owner = file_info->lock_owner};
    if (!draft || draft->finished || (!draft->draft.changed && !draft->conflicted && !draft->next.resolves)) {
        expiry_reply_error(&expiry, request, 0);
        return;
    }
    int error = 0;
    if (draft->draft.live.ino) {
        if (handle->writes) error = live_file_flush(fs, draft, fuse_req_ctx(request), &expiry);
        expiry_reply_error(&expiry, request, error);
        return;
    }
    switch (closing_of(fs, draft, fuse_req_ctx(request))) {
    case CLOSING_NOT_LAST:
        break;
    case CLOSING_LAST:
        error = closing_last(fs, draft, &expiry);
        break;
    case CLOSING_KILLED:
        error = closing_killed(fs, draft, &expiry);
        break;
    }
    expiry_reply_error(&expiry, request, error);
}

/* Whether the node may be what unlink and rename find: of a draft that is the case for its own process, as long as there is no version. */
static bool names_lead_to(struct filesystem *fs, const struct handle *handle)
{
    MUTEX_GUARD(&fs->views.lock);
    return handle->bound || (handle->draft && handle->draft->unwritten);
}

void op_fsync(fuse_req_t request, fuse_ino_t node, int data_only, struct fuse_file_info *file_info)
{
    (void)node;
    (void)data_only; /* a version is committed with its metadata or not at all */
    struct filesystem *fs = filesystem_of(request);
    const struct handle *handle = handle_of(file_info);
    struct open_draft *draft = handle->draft;
    struct expiry expiry;
    expiry_init(&expiry, fs);
    expiry.answer_first = names_lead_to(fs, handle);
    int error;
    if (draft && draft->draft.live.ino) {
        workers_about_to_block(&fs->workers);
        error = live_sync(&draft->draft);
    } else if (draft) {
        closing_note_writer(draft, fuse_req_ctx(request));
        error = closing_commit(fs, draft, VERSION_WRITE, true, NULL, &expiry);
    } else {
        workers_about_to_block(&fs->workers);
        error = kv_sync(fs->store->kv);
    }
    expiry_reply_error(&expiry, request, error);
}

void op_release(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file_info)
{
    (void)node;
    struct filesystem *fs = filesystem_of(request);
    struct handle *handle = handle_of(file_info);
    struct expiry expiry;
    expiry_init(&expiry, fs);
    expiry.locks_end = (struct locks_end){.ino = handle->file->ino, .handle = handle->number};
    closing_handle(fs, handle, &expiry);
    expiry_reply_error(&expiry, request, 0);
}
