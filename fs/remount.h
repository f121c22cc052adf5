/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_REMOUNT_H
#define OCC_REMOUNT_H

struct fuse_args;

/*
 * `mount -o remount,...`: mount(8) has no way around its helper, which runs occfs with all options that shall be in effect. The
 * generic ones are changed in the kernel; the daemon, and what was told to it alone, stay as they are.
 *
 * 0, or an exit code after an error has been told on standard error.
 */
int remount(const char *mountpoint, struct fuse_args *args);

#endif
