/* SPDX-License-Identifier: Apache-2.0 */
#include "operations.h"

#include "caller.h"

const struct fuse_lowlevel_ops operations = {
    .init = op_init,
    .lookup = op_lookup,
    .forget = op_forget,
    .forget_multi = op_forget_multi,
    .getattr = op_getattr,
    .setattr = op_setattr,
    .readlink = op_readlink,
    .mknod = op_mknod,
    .mkdir = op_mkdir,
    .unlink = op_unlink,
    .rmdir = op_rmdir,
    .symlink = op_symlink,
    .rename = op_rename,
    .link = op_link,
    .open = op_open,
    .create = op_create,
    .read = op_read,
    .write = op_write,
    .flush = op_flush,
    .release = op_release,
    .fsync = op_fsync,
    .fallocate = op_fallocate,
    .lseek = op_lseek,
    .copy_file_range = op_copy_file_range,
    .getlk = op_getlk,
    .setlk = op_setlk,
    .flock = op_flock,
    .opendir = op_opendir,
    .readdir = op_readdir,
    .readdirplus = op_readdirplus,
    .fsyncdir = op_fsyncdir,
    .statfs = op_statfs,
    .setxattr = op_setxattr,
    .getxattr = op_getxattr,
    .listxattr = op_listxattr,
    .removexattr = op_removexattr,
};

struct filesystem *filesystem_of(fuse_req_t request)
{
    return fuse_req_userdata(request);
}

void op_init(void *userdata, struct fuse_conn_info *connection)
{
    struct filesystem *fs = userdata;
    const unsigned wanted = FUSE_CAP_ASYNC_READ | FUSE_CAP_ASYNC_DIO | FUSE_CAP_ATOMIC_O_TRUNC |
                            FUSE_CAP_PARALLEL_DIROPS | FUSE_CAP_READDIRPLUS | FUSE_CAP_READDIRPLUS_AUTO |
                            FUSE_CAP_CACHE_SYMLINKS | FUSE_CAP_NO_OPENDIR_SUPPORT | FUSE_CAP_EXPLICIT_INVAL_DATA |
                            FUSE_CAP_EXPIRE_ONLY | FUSE_CAP_POSIX_LOCKS | FUSE_CAP_FLOCK_LOCKS | FUSE_CAP_POSIX_ACL |
                            FUSE_CAP_DONT_MASK;
    /* Views are immutable: the kernel shall drop pages when it is told to and at no other time. */
    connection->want = wanted & connection->capable;
    connection->time_gran = 1;
    fs->expire_only = connection->capable & FUSE_CAP_EXPIRE_ONLY;
}

void reply_error(fuse_req_t request, int error)
{
    fuse_reply_err(request, error ? error_errno(error) : 0);
}

void expiry_reply_error(struct expiry *expiry, fuse_req_t request, int error)
{
    expiry->reply = (struct reply){.kind = REPLY_ERROR, .request = request, .error = error ? error_errno(error) : 0};
    expiry_run(expiry);
}

struct writer writer_of(const struct fuse_ctx *context)
{
    struct caller_state state;
    struct writer writer = {0};
    if (caller_inspect(caller_process(context->pid), &state)) writer = state.writer;
    writer.author.uid = context->uid;
    writer.author.gid = context->gid;
    return writer;
}
