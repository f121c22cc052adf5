/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_OPERATIONS_H
#define OCC_OPERATIONS_H

#include "filesystem.h"

/*
 * The handlers of FUSE requests, one file per theme. Each answers its request exactly once: by fuse_reply_*, or
 * through expiry_run, which answers when the kernel has been told what it must know first. Who waits for a lock is answered
 * by whoever ends the wait (locking.h).
 */

/* Answers with an error number of error.h, or 0. */
void reply_error(fuse_req_t request, int error);
/* Lets the expiry answer so. */
void expiry_reply_error(struct expiry *expiry, fuse_req_t request, int error);

/* The caller as an author, for records. */
struct writer writer_of(const struct fuse_ctx *context);

/* Why no such name can be made in that directory (a nodeid, and the inode behind it); 0: it can. */
int name_refusal(struct filesystem *fs, fuse_ino_t parent, uint64_t directory, const char *name);

void op_init(void *userdata, struct fuse_conn_info *connection);

/* names.c */
void op_lookup(fuse_req_t request, fuse_ino_t parent, const char *name);
void op_forget(fuse_req_t request, fuse_ino_t node, uint64_t lookups);
void op_forget_multi(fuse_req_t request, size_t count, struct fuse_forget_data *forgets);
void op_mknod(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode, dev_t device);
void op_mkdir(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode);
void op_symlink(fuse_req_t request, const char *target, fuse_ino_t parent, const char *name);
void op_readlink(fuse_req_t request, fuse_ino_t node);
void op_link(fuse_req_t request, fuse_ino_t node, fuse_ino_t parent, const char *name);
/* removal.c */
void op_unlink(fuse_req_t request, fuse_ino_t parent, const char *name);
void op_rmdir(fuse_req_t request, fuse_ino_t parent, const char *name);
void op_rename(fuse_req_t request, fuse_ino_t parent, const char *name, fuse_ino_t new_parent, const char *new_name,
               unsigned flags);
/* attrs.c */
void op_getattr(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file_info);
void op_setattr(fuse_req_t request, fuse_ino_t node, struct stat *attributes, int to_set,
                struct fuse_file_info *file_info);
void op_statfs(fuse_req_t request, fuse_ino_t node);
/* xattrs.c */
void op_getxattr(fuse_req_t request, fuse_ino_t node, const char *name, size_t size);
void op_setxattr(fuse_req_t request, fuse_ino_t node, const char *name, const char *value, size_t size, int flags);
void op_listxattr(fuse_req_t request, fuse_ino_t node, size_t size);
void op_removexattr(fuse_req_t request, fuse_ino_t node, const char *name);
/* files.c */
void op_create(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *file_info);
void op_open(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file_info);
void op_read(fuse_req_t request, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *file_info);
void op_write(fuse_req_t request, fuse_ino_t node, const char *bytes, size_t size, off_t offset,
              struct fuse_file_info *file_info);
void op_flush(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file_info);
void op_fsync(fuse_req_t request, fuse_ino_t node, int data_only, struct fuse_file_info *file_info);
void op_release(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file_info);
/* The calling thread serves no more requests. */
void read_buffer_release(void);
/* ranges.c */
void op_fallocate(fuse_req_t request, fuse_ino_t node, int mode, off_t offset, off_t length,
                  struct fuse_file_info *file_info);
void op_lseek(fuse_req_t request, fuse_ino_t node, off_t offset, int whence, struct fuse_file_info *file_info);
void op_copy_file_range(fuse_req_t request, fuse_ino_t node_in, off_t offset_in, struct fuse_file_info *file_in,
                        fuse_ino_t node_out, off_t offset_out, struct fuse_file_info *file_out, size_t length,
                        int flags);
/* locking.c */
void op_getlk(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file_info, struct flock *lock);
void op_setlk(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file_info, struct flock *lock, int waits);
void op_flock(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file_info, int operation);
/* listing.c */
void op_opendir(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file_info);
void op_readdir(fuse_req_t request, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *file_info);
void op_readdirplus(fuse_req_t request, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *file_info);
void op_fsyncdir(fuse_req_t request, fuse_ino_t node, int data_only, struct fuse_file_info *file_info);

extern const struct fuse_lowlevel_ops operations;

#endif
