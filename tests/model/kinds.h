/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_KINDS_H
#define MODEL_KINDS_H

#include <stddef.h>

#include "operation.h"

/* Every kind of operation, ended by one without a name. */
extern const struct kind kinds[];

const struct kind *kind_find(const char *name);
bool kind_is(const struct operation *operation, const char *name);

/* The runners: each does the call on one side, in whose root the process is, and notes what came of it. */
typedef void runner(struct side *side, const struct operation *operation, struct outcome *outcome);

/* run_descriptors.c */
runner run_open, run_close, run_dup, run_fsync, run_fdatasync, run_lseek, run_seek_data, run_seek_hole;
/* run_data.c */
runner run_read, run_pread, run_write, run_pwrite, run_map_read, run_map_write, run_copy;
runner run_truncate, run_ftruncate, run_fallocate;
/* run_names.c */
runner run_mkdir, run_rmdir, run_unlink, run_rename, run_link, run_symlink, run_readlink, run_mknod, run_readdir;
/* run_attributes.c */
runner run_stat, run_lstat, run_fstat, run_access, run_umask;
runner run_chmod, run_fchmod, run_chown, run_fchown, run_utimens, run_futimens;
/* run_xattrs.c */
runner run_setxattr, run_getxattr, run_listxattr, run_removexattr;
runner run_fsetxattr, run_fgetxattr, run_flistxattr, run_fremovexattr;

#endif
