/* SPDX-License-Identifier: Apache-2.0 */
#include "whole_content.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PIECE = 1 << 20
}; /* what one system call is asked for; the size of a file that cannot say its own is met in these steps */

int content_read(int fd, struct occfs_content *ret_content)
{
    struct stat status;
    if (fstat(fd, &status) != 0) return -errno;
    size_t room = (size_t)status.st_size + 1, size = 0; /* one more: the last read finds the end */
    char *data = malloc(room);
    for (;;) {
        if (!data) return -ENOMEM;
        size_t asked = room - size < PIECE ? room - size : PIECE;
        ssize_t got = pread(fd, data + size, asked, (off_t)size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            int error = -errno;
            free(data);
            return error;
        }
        if (got == 0) break;
        size += (size_t)got;
        if (size < room) continue;
        char *larger = realloc(data, room += PIECE);
        if (!larger) free(data);
        data = larger;
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
