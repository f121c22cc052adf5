/* SPDX-License-Identifier: Apache-2.0 */
#include "effective_policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "mount_status.h"
#include "mountpoints.h"

/* 1: it is set there; 0: it is not. */
static int policy_at(const char *path, char ret_policy[POLICY_SIZE])
{
    char value[POLICY_SIZE];
    ssize_t size = getxattr(path, "user.occ.policy", value, POLICY_SIZE - 1);
    if (size < 0) return errno == ENODATA ? 0 : -errno;
    value[size] = '\0';
    strcpy(ret_policy, value);
    return 1;
}

static int policy_of_mount(const struct mountpoint_list *list, const struct mountpoint *mount,
                           char ret_policy[POLICY_SIZE])
{
    json_t *status;
    int error = mount_status(list, mount, &status);
    if (error) return error;
    const char *policy = json_string_value(json_object_get(json_object_get(status, "options"), "policy"));
    if (!policy || strlen(policy) >= POLICY_SIZE) error = -EPROTO;
    else strcpy(ret_policy, policy);
    json_decref(status);
    return error;
}

/* Upwards within the mount: `path` is absolute and is cut. 1 if it is set somewhere, `path` is then where. */
static int look_upwards(char *path, const char *top, char ret_policy[POLICY_SIZE])
{
    for (;;) {
        int found = policy_at(path, ret_policy);
        if (found != 0) return found;
        char *slash = strrchr(path, '/');
        if (strcmp(path, top) == 0 || slash == path) return 0;
        *slash = '\0';
    }
}

/* Where only a part of the filesystem is mounted, the directories above it are seen through the mount of the whole. */
static int through_root(const struct mountpoint_list *list, const struct mountpoint *mount, char **at)
{
    const char *root = mountpoint_root(list, mount);
    size_t length = strlen(mount->point);
    char *path;
    if (!root || root == mount->point) return 0;
    if (asprintf(&path, "%s%s%s", root, mount->root, *at + length) < 0) return -ENOMEM;
    free(*at);
    *at = path;
    return 0;
}

static int find(const struct mountpoint_list *list, char **at, char ret_policy[POLICY_SIZE])
{
    const struct mountpoint *mount;
    int error = mountpoint_of(list, *at, &mount);
    if (!error) error = through_root(list, mount, at);
    if (error) return error;
    const char *root = mountpoint_root(list, mount);
    int found = look_upwards(*at, root ? root : mount->point, ret_policy);
    return found ? found : policy_of_mount(list, mount, ret_policy);
}

int effective_policy_init(struct effective_policy *effective, const char *path)
{
    struct mountpoint_list list;
    char *at = realpath(path, NULL);
    if (!at) return -errno;
    *effective = (struct effective_policy){0};
    int found = mountpoint_list_init(&list);
    if (!found) {
        found = find(&list, &at, effective->policy);
        mountpoint_list_release(&list);
    }
    if (found > 0) effective->from = at;
    else free(at);
    return found < 0 ? found : 0;
}

void effective_policy_release(struct effective_policy *effective)
{
    free(effective->from);
    effective->from = NULL;
}
