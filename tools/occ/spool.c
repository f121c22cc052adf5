/* SPDX-License-Identifier: Apache-2.0 */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "terminal.h"
#include "verb.h"

enum { PIECE = 1 << 18 };

static const char *spool_directory(void)
{
    const char *directory = getenv("TMPDIR");
    return directory && *directory ? directory : P_tmpdir;
}

int spool_failure(int error)
{
    complain(spool_directory(), "no temporary file can be made there: %s (TMPDIR names another directory)",
             strerror(-error));
    return EXIT_FAILURE_IO;
}

int spool_open(void)
{
    char path[PATH_MAX];
    const char *directory = spool_directory();
    int fd = open(directory, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
    if (fd >= 0) return fd;
    /* Not every filesystem has files without a name. */
    if (snprintf(path, sizeof path, "%s/occ.XXXXXX", directory) >= (int)sizeof path) return -ENAMETOOLONG;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0) return -errno;
    unlink(path);
    return fd;
}

int spool_append(int spool, const void *data, size_t size)
{
    const char *at = data;
    while (size > 0) {
        ssize_t written = write(spool, at, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return -errno;
        at += written;
        size -= (size_t)written;
    }
    return 0;
}

/* From one descriptor's offset to its end. */
static int copy(int from, int to, const char *what, uint64_t total)
{
    static char piece[PIECE];
    for (uint64_t done = 0;;) {
        ssize_t size = read(from, piece, sizeof piece);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) {
            int error = size < 0 ? -errno : 0;
            progress_end();
            return error;
        }
        int error = spool_append(to, piece, (size_t)size);
        if (error) return error;
        done += (uint64_t)size;
        if (what) progress(what, done, total);
    }
}

int spool_receive(int spool, int from, const char *what)
{
    return copy(from, spool, what, 0);
}

int spool_rewind(int spool)
{
    return lseek(spool, 0, SEEK_SET) == 0 ? 0 : -errno;
}

int spool_send(int spool, int to, const char *what)
{
    struct stat status;
    if (fstat(spool, &status) != 0) return -errno;
    int error = spool_rewind(spool);
    return error ? error : copy(spool, to, what, (uint64_t)status.st_size);
}

int spool_content(int spool, void **ret_data, size_t *ret_size)
{
    struct stat status;
    if (fstat(spool, &status) != 0) return -errno;
    size_t size = (size_t)status.st_size, done = 0;
    char *data = malloc(size + 1);
    if (!data) return -ENOMEM;
    while (done < size) {
        ssize_t got = pread(spool, data + done, size - done, (off_t)done);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) {
            int error = got < 0 ? -errno : -EIO;
            free(data);
            return error;
        }
        done += (size_t)got;
    }
    *ret_data = data;
    *ret_size = size;
    return 0;
}
