/* SPDX-License-Identifier: Apache-2.0 */
#include "whole_content.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 1 << 20 }; /* what one system call is asked for */

int content_read(int fd, struct occfs_content *ret_content)
{
    struct stat status;
    if (fstat(fd, &status) != 0) return -errno;
    /* No more than it is said to have: to look for an end behind that would be a question to the mount. */
    const size_t most = (size_t)status.st_size;
    size_t size = 0;
    char *data = malloc(most + 1); /* of none, too, something that can be freed */
    if (!data) return -ENOMEM;
    while (size < most) {
        ssize_t got = pread(fd, data + size, most - size < PIECE ? most - size : PIECE, (off_t)size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            int error = -errno;
            free(data);
            return error;
        }
        if (got == 0) break;
        size += (size_t)got;
    }
    ret_content->data = data;
    ret_content->size = size;
    return 0;
}

int content_write(int fd, const void *data, size_t size)
{
    const char *at = data;
    while (size > 0) {
        ssize_t written = write(fd, at, size < PIECE ? size : PIECE);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return -errno;
        at += written;
        size -= (size_t)written;
    }
    return 0;
}
