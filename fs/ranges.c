/* SPDX-License-Identifier: Apache-2.0 */

/* Requests on ranges of open files: fallocate, SEEK_DATA and SEEK_HOLE, copy_file_range. */

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "draft_copy.h"
#include "draft_range.h"
#include "handle.h"
#include "open_draft.h"
#include "operations.h"
#include "privileges.h"
#include "store_directory.h"

/* ---- fallocate ---- */

/* Nothing can be reserved in the store; but what can never fit is refused before it is begun. */
static bool has_room(struct filesystem *fs, const struct draft *draft, uint64_t length)
{
    struct statvfs disk;
    if (fstatvfs(fs->directory->descriptor, &disk) != 0) return true;
    return length <= draft->allocated || (length - draft->allocated) / disk.f_frsize <= disk.f_bavail;
}

static int allocate(struct filesystem *fs, struct open_draft *open, int mode, uint64_t offset, uint64_t length,
                    struct expiry *expiry)
{
    struct draft *draft = &open->draft;
    bool keep_size = mode & FALLOC_FL_KEEP_SIZE;
    switch (mode & ~FALLOC_FL_KEEP_SIZE) {
    case 0:
        if (!has_room(fs, draft, length)) return ERR_NOSPC;
        /* An appender may reserve and still be one that only appends. */
        if (keep_size || offset + length <= draft->size) return open_draft_touch(fs, open, expiry);
        return draft_extend(draft, offset, length);
    case FALLOC_FL_PUNCH_HOLE:
        return draft_zero(draft, offset, length, false);
    case FALLOC_FL_ZERO_RANGE:
        return draft_zero(draft, offset, length, !keep_size);
    }
    return ERR_NOTSUP; /* collapse and insert: the kernel does not ask for them */
}

void op_fallocate(fuse_req_t request, fuse_ino_t node, int mode, off_t offset, off_t length,
                  struct fuse_file_info *file_info)
{
    (void)node;
    struct filesystem *fs = filesystem_of(request);
    struct open_draft *draft = handle_of(file_info)->draft;
    if (!draft) {
        reply_error(request, ERR_BADF);
        return;
    }
    workers_about_to_block(&fs->workers);
    struct expiry expiry;
    expiry_init(&expiry, fs);
    int error = privileges_shed(request, draft, SHEDDING_ASKED);
    if (!error) error = allocate(fs, draft, mode, (uint64_t)offset, (uint64_t)length, &expiry);
    expiry_reply_error(&expiry, request, error);
}

/* ---- SEEK_DATA, SEEK_HOLE ---- */

/* Makes the kernel write what was stored through mappings of a draft: it may stand in what is a hole here. false: not possible
 * without a risk of waiting for ever. */
static bool flush_mappings(struct filesystem *fs, fuse_ino_t node)
{
    if (!workers_may_wait(&fs->workers)) return false;
    fuse_lowlevel_notify_inval_inode(fs->session, node, 0, 0);
    workers_waited(&fs->workers);
    return true;
}

static int seek_in_draft(struct filesystem *fs, const struct handle *handle, fuse_ino_t node, uint64_t offset,
                         bool hole, uint64_t *ret_offset)
{
    struct draft *draft = &handle->draft->draft;
    if (handle->bound || flush_mappings(fs, node)) return draft_seek(draft, offset, hole, ret_offset);
    /* Data as far as the eye can see is always right. */
    uint64_t size = draft->size;
    if (offset >= size) return ERR_NXIO;
    *ret_offset = hole ? size : offset;
    return 0;
}

void op_lseek(fuse_req_t request, fuse_ino_t node, off_t offset, int whence, struct fuse_file_info *file_info)
{
    struct filesystem *fs = filesystem_of(request);
    struct handle *handle = handle_of(file_info);
    bool hole = whence == SEEK_HOLE;
    struct content_reader *reader;
    uint64_t found = 0;
    int error;
    workers_about_to_block(&fs->workers);
    if (whence != SEEK_DATA && !hole) {
        error = ERR_INVAL;
    } else if (handle->draft) {
        error = seek_in_draft(fs, handle, node, (uint64_t)offset, hole, &found);
    } else {
        error = handle_reader(fs, handle, &reader);
        if (!error) error = content_seek(reader, (uint64_t)offset, hole, &found);
    }
    if (error) reply_error(request, error);
    else fuse_reply_lseek(request, (off_t)found);
}

/* ---- copy_file_range ---- */

static bool overlap(off_t a, off_t b, size_t length)
{
    uint64_t distance = (uint64_t)(a > b ? a - b : b - a);
    return distance < length;
}

static int copy_source_of(struct filesystem *fs, struct handle *handle, struct copy_source *ret_source)
{
    *ret_source = (struct copy_source){0};
    if (!handle->draft) return handle_reader(fs, handle, &ret_source->reader);
    ret_source->draft = &handle->draft->draft;
    if (!handle->draft->draft.changed) handle->draft->read_first = true;
    return 0;
}

void op_copy_file_range(fuse_req_t request, fuse_ino_t node_in, off_t offset_in, struct fuse_file_info *file_in,
                        fuse_ino_t node_out, off_t offset_out, struct fuse_file_info *file_out, size_t length,
                        int flags)
{
    (void)node_out;
    struct filesystem *fs = filesystem_of(request);
    struct handle *in = handle_of(file_in), *out = handle_of(file_out);
    struct copy_source source;
    uint64_t copied = 0;
    int error = out->draft ? 0 : ERR_BADF;
    /* One file and another view of it are one file to the caller. */
    if (!error && in->file == out->file && overlap(offset_in, offset_out, length)) error = ERR_INVAL;
    if (!error && flags != 0) error = ERR_INVAL;
    workers_about_to_block(&fs->workers);
    if (!error) error = copy_source_of(fs, in, &source);
    if (!error) error = privileges_shed(request, out->draft, SHEDDING_ASKED);
    if (!error)
        error = draft_copy(&out->draft->draft, (uint64_t)offset_out, &source, (uint64_t)offset_in, length, &copied);
    if (copied > 0 && !atomic_exchange(&in->read_noted, true)) access_note(fs, node_in);
    if (error) reply_error(request, error);
    else fuse_reply_write(request, copied);
}
