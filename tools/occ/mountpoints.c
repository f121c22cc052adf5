/* SPDX-License-Identifier: Apache-2.0 */
#include "mountpoints.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void mountpoint_release(struct mountpoint *mount)
{
    free(mount->root);
    free(mount->point);
    free(mount->store);
    free(mount->options);
}

void mountpoint_list_release(struct mountpoint_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        mountpoint_release(&list->mounts[i]);
    free(list->mounts);
    *list = (struct mountpoint_list){0};
}

/* ---- a line of mountinfo: ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [OPTIONAL...] - TYPE SOURCE SUPEROPTIONS ---- */

static bool is_octal(const char *digits)
{
    for (int i = 0; i < 3; i++)
        if (digits[i] < '0' || digits[i] > '7') return false;
    return true;
}

/* Spaces and the like stand there as \040. */
static char *unescaped(const char *text)
{
    char *copy = strdup(text), *to = copy;
    for (const char *from = copy; from && *from; to++) {
        bool octal = from[0] == '\\' && is_octal(from + 1);
        *to = octal ? (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0')) : *from;
        from += octal ? 4 : 1;
    }
    if (copy) *to = '\0';
    return copy;
}

static bool complete(const struct mountpoint *mount)
{
    return mount->root && mount->point && mount->store && mount->options;
}

/* 1: it is a mount of occfs, and was added; 0: it is another one. Cuts the line up. */
static int append_line(struct mountpoint_list *list, char *line)
{
    enum { FIRST = 6, BEHIND = 2 };
    char *fields[FIRST], *behind[BEHIND], *rest = line, *separator = strstr(line, " - ");
    struct mountpoint mount = {0};
    if (!separator) return 0;
    *separator = '\0';
    for (int i = 0; i < FIRST; i++)
        if (!(fields[i] = strsep(&rest, " "))) return 0;
    rest = separator + 3;
    for (int i = 0; i < BEHIND; i++)
        if (!(behind[i] = strsep(&rest, " \n"))) return 0;
    if (strcmp(behind[0], "fuse.occfs") != 0) return 0;
    if (sscanf(fields[2], "%u:%u", &mount.major, &mount.minor) != 2) return 0;

    struct mountpoint *more = reallocarray(list->mounts, list->count + 1, sizeof *more);
    if (!more) return -ENOMEM;
    list->mounts = more;
    mount.id = strtoull(fields[0], NULL, 10);
    mount.root = unescaped(fields[3]);
    mount.point = unescaped(fields[4]);
    mount.options = unescaped(fields[5]);
    mount.store = unescaped(behind[1]);
    list->mounts[list->count++] = mount;
    return complete(&mount) ? 1 : -ENOMEM;
}

int mountpoint_list_init(struct mountpoint_list *list)
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    char *line = NULL;
    size_t size = 0;
    int result = 0;
    *list = (struct mountpoint_list){0};
    if (!file) return -errno;
    while (result >= 0 && getline(&line, &size, file) > 0)
        result = append_line(list, line);
    free(line);
    fclose(file);
    if (result < 0) mountpoint_list_release(list);
    return result < 0 ? result : 0;
}

/* ---- questions ---- */

int mountpoint_of(const struct mountpoint_list *list, const char *path, const struct mountpoint **ret_mount)
{
    struct statx status;
    if (statx(AT_FDCWD, path, 0, STATX_MNT_ID, &status) != 0) return -errno;
    for (size_t i = 0; i < list->count; i++) {
        if (list->mounts[i].id != status.stx_mnt_id) continue;
        *ret_mount = &list->mounts[i];
        return 0;
    }
    return -EOPNOTSUPP;
}

const char *mountpoint_root(const struct mountpoint_list *list, const struct mountpoint *mount)
{
    if (strcmp(mount->root, "/") == 0) return mount->point;
    for (size_t i = 0; i < list->count; i++) {
        const struct mountpoint *other = &list->mounts[i];
        if (other->major == mount->major && other->minor == mount->minor && strcmp(other->root, "/") == 0)
            return other->point;
    }
    return NULL;
}

pid_t mountpoint_daemon(const struct mountpoint *mount)
{
    char path[PATH_MAX];
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (mount->store[0] != '/' || snprintf(path, sizeof path, "%s/lock", mount->store) >= (int)sizeof path) return 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) return 0;
    bool locked = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    close(fd);
    return locked && lock.l_pid > 0 ? lock.l_pid : 0;
}

int mountpoint_check(const char *path)
{
    struct mountpoint_list list;
    const struct mountpoint *mount;
    char directory[PATH_MAX];
    int error = mountpoint_list_init(&list);
    if (error) return error;
    error = mountpoint_of(&list, path, &mount);
    if (error == -ENOENT) {
        const char *slash = strrchr(path, '/');
        int length = !slash ? 0 : slash == path ? 1 : (int)(slash - path);
        snprintf(directory, sizeof directory, "%.*s", length, path);
        error = mountpoint_of(&list, length ? directory : ".", &mount);
    }
    mountpoint_list_release(&list);
    return error;
}
