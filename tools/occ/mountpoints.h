/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_MOUNTPOINTS_H
#define OCC_MOUNTPOINTS_H

#include <stddef.h>
#include <sys/types.h>

/* The occfs mounts that this process sees, from /proc/self/mountinfo. To list them touches no mount: one whose daemon hangs does not
 * stop it. */

struct mountpoint {
    unsigned long long id; /* as in statx(2) */
    unsigned major, minor; /* of the device: the same for all mounts of one daemon */
    char *root;            /* what of the filesystem is mounted here: "/", but for bind mounts */
    char *point;           /* where */
    char *store;           /* the directory, as it was given to occfs */
    char *options;         /* of the mount, with commas */
};

struct mountpoint_list {
    struct mountpoint *mounts;
    size_t count;
};

int mountpoint_list_init(struct mountpoint_list *list);
void mountpoint_list_release(struct mountpoint_list *list);

/* The mount on which a path lies; owned by the list. -EOPNOTSUPP if that is none of occfs. */
int mountpoint_of(const struct mountpoint_list *list, const char *path, const struct mountpoint **ret_mount);

/* Where the root of the mount's filesystem is, which has `.occ`; NULL if only parts of it are mounted. Owned by the list. */
const char *mountpoint_root(const struct mountpoint_list *list, const struct mountpoint *mount);

/* Whether it can be told who serves the mount: the process that has the store locked. 0: it cannot. */
pid_t mountpoint_daemon(const struct mountpoint *mount);

/* 0: the path, or if that is not there the directory in which it would be, is on an occfs mount; else as mountpoint_of. */
int mountpoint_check(const char *path);

#endif
