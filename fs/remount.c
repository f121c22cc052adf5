/* SPDX-License-Identifier: Apache-2.0 */
#include "remount.h"

#include <errno.h>
#include <fuse_opt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#include "error.h"

enum { EXIT_REMOUNT_FAILED = 1 };
#define FUSE_MAGIC 0x65735546 /* FUSE_SUPER_MAGIC */

/* The key is the flag. What is not in the list of options is off: rw, suid, dev, exec and atime need no row. */
static const struct fuse_opt specification[] = {
    FUSE_OPT_KEY("ro", MS_RDONLY),         FUSE_OPT_KEY("nosuid", MS_NOSUID),
    FUSE_OPT_KEY("nodev", MS_NODEV),       FUSE_OPT_KEY("noexec", MS_NOEXEC),
    FUSE_OPT_KEY("noatime", MS_NOATIME),   FUSE_OPT_KEY("nodiratime", MS_NODIRATIME),
    FUSE_OPT_KEY("relatime", MS_RELATIME), FUSE_OPT_KEY("strictatime", MS_STRICTATIME),
    FUSE_OPT_KEY("dirsync", MS_DIRSYNC),   FUSE_OPT_END,
};

static int take_flag(void *data, const char *argument, int key, struct fuse_args *rest)
{
    (void)argument;
    (void)rest;
    unsigned long *flags = data;
    if (key > 0) *flags |= (unsigned long)key;
    return 0;
}

int remount(const char *mountpoint, struct fuse_args *args)
{
    unsigned long flags = MS_REMOUNT;
    struct statfs mounted;
    if (fuse_opt_parse(args, &flags, specification, take_flag) < 0) return error_exit_code(ERR_NOMEM);
    bool ours = statfs(mountpoint, &mounted) == 0 && mounted.f_type == FUSE_MAGIC;
    if (ours && mount("occfs", mountpoint, NULL, flags, NULL) == 0) return 0;
    fprintf(stderr, "occfs: %s: cannot remount: %s\n", mountpoint,
            ours ? strerror(errno) : "occfs is not mounted there");
    return EXIT_REMOUNT_FAILED;
}
