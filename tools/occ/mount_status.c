/* SPDX-License-Identifier: Apache-2.0 */
#include "mount_status.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

int mount_status(const struct mountpoint_list *list, const struct mountpoint *mount, json_t **ret_status)
{
    char path[PATH_MAX];
    const char *root = mountpoint_root(list, mount);
    if (!root) return -EOPNOTSUPP;
    if (snprintf(path, sizeof path, "%s/.occ/status", root) >= (int)sizeof path) return -ENAMETOOLONG;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -errno;
    json_t *status = json_loadfd(fd, 0, NULL); /* its size is said to be 0 */
    close(fd);
    if (!json_is_object(status)) {
        json_decref(status);
        return -EPROTO;
    }
    *ret_status = status;
    return 0;
}
