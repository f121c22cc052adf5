/* SPDX-License-Identifier: Apache-2.0 */
#include "private_copy.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "whole_content.h"

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int write_file(const char *path, const void *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return -errno;
    int error = content_write(fd, data, size);
    if (close(fd) != 0 && !error) error = -errno;
    return error;
}

int private_copy_init(struct private_copy *copy, const char *file, const void *data, size_t size)
{
    const char *parent = getenv("TMPDIR");
    struct private_copy made;
    if (!parent || parent[0] != '/') parent = "/tmp";
    if (snprintf(made.directory, PATH_MAX, "%s/occ-XXXXXX", parent) >= PATH_MAX) return -ENAMETOOLONG;
    if (!mkdtemp(made.directory)) return -errno; /* with mode 0700 */
    int error = snprintf(made.path, PATH_MAX, "%s/%s", made.directory, name_of(file)) < PATH_MAX ? 0 : -ENAMETOOLONG;
    if (!error) error = write_file(made.path, data, size);
    if (error) private_copy_remove(&made);
    else *copy = made;
    return error;
}

int private_copy_add(const struct private_copy *copy, const char *role, const void *data, size_t size,
                     char ret_path[PATH_MAX])
{
    int length = snprintf(ret_path, PATH_MAX, "%s/%s", copy->directory, role);
    if (length >= PATH_MAX || length + 1 + strlen(name_of(copy->path)) >= PATH_MAX) return -ENAMETOOLONG;
    if (mkdir(ret_path, 0700) != 0) return -errno;
    snprintf(ret_path + length, PATH_MAX - (size_t)length, "/%s", name_of(copy->path));
    return write_file(ret_path, data, size);
}

int private_copy_read(const struct private_copy *copy, struct occfs_content *ret_content)
{
    int fd = open(copy->path, O_RDONLY | O_CLOEXEC); /* by name: editors may have put another file there */
    if (fd < 0) return -errno;
    int error = content_read(fd, ret_content);
    close(fd);
    return error;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

void private_copy_remove(const struct private_copy *copy)
{
    nftw(copy->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
