/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A descriptor with an expectation. Nothing is cut off before it is known that the file is on an occfs mount and that the token is one of
 * its: elsewhere there would be no other version to go back to.
 */

#include "expectation.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "attribute.h"
#include "description.h"

/* Tells whether the file was made by this call. */
static int open_or_make(int dirfd, const char *path, int flags, mode_t mode, bool *ret_made)
{
    int fd = -1;
    *ret_made = false;
    errno = ENOENT;
    if (!(flags & O_EXCL)) fd = openat(dirfd, path, flags & ~O_CREAT);
    if (fd >= 0 || errno != ENOENT || !(flags & O_CREAT)) return fd < 0 ? -errno : fd;
    fd = openat(dirfd, path, flags | O_EXCL, mode);
    if (fd >= 0) *ret_made = true;
    /* Made by somebody else meanwhile, or what a symbolic link leads to. */
    else if (errno == EEXIST && !(flags & O_EXCL)) fd = openat(dirfd, path, flags, mode);
    return fd < 0 ? -errno : fd;
}

/* A token of another file is taken by the mount, for a rename, and is then no expectation. */
static int check_own(int dirfd, const char *path, const char *token)
{
    struct occfs_version version;
    int error = occfs_version(dirfd, path, token, &version);
    if (!error) occfs_version_release(&version);
    return error == -ENOENT ? -EINVAL : error;
}

static int expect(int fd, int dirfd, const char *path, const char *expected, char ret_opened[OCCFS_TOKEN_SIZE])
{
    char opened[OCCFS_TOKEN_SIZE];
    bool made;
    int error = description_token_fd(fd, opened, &made);
    if (error) return error;
    /* Also where nothing is expected: else the version would count that the process has read before. */
    error = attribute_set_fd(fd, "user.occ.version", expected ? expected : opened);
    if (!error && expected && strcmp(expected, opened) != 0) error = check_own(dirfd, path, expected);
    if (error == -ESTALE) error = 0; /* bound all the same: the commit will tell */
    if (!error) strcpy(ret_opened, opened);
    return error;
}

int expectation_open(int dirfd, const char *path, int flags, mode_t mode, const char *expected,
                     char ret_opened[OCCFS_TOKEN_SIZE])
{
    const bool absent = expected && expected[0] == '\0', cut = flags & O_TRUNC;
    bool made;
    flags = (flags & ~(O_ACCMODE | O_TRUNC)) | O_RDWR | O_CLOEXEC | O_NOCTTY;
    if (absent) flags |= O_CREAT | O_EXCL;
    int fd = open_or_make(dirfd, path, flags, mode, &made);
    if (fd < 0) return fd;
    int error = expect(fd, dirfd, path, absent ? NULL : expected, ret_opened);
    if (!error && cut && !made && ftruncate(fd, 0) != 0) error = -errno;
    if (!error) return fd;
    close(fd);
    if (made) unlinkat(dirfd, path, 0);
    return error;
}

int occfs_open(int dirfd, const char *path, int flags, mode_t mode, const char *expected)
{
    char opened[OCCFS_TOKEN_SIZE];
    return expectation_open(dirfd, path, flags, mode, expected, opened);
}
