/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "chunk.h"
#include "log.h"

static off_t slot_offset(uint64_t slot)
{
    return (off_t)(slot * CHUNK_SIZE);
}

int scratch_open(const char *directory, int *ret_scratch)
{
    int scratch = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (scratch < 0) return error_from_errno(errno);
    *ret_scratch = scratch;
    return 0;
}

static char *path_of(const char *directory, const char *name)
{
    char *path;
    return asprintf(&path, "%s/live/%s", directory, name) < 0 ? NULL : path;
}

int scratch_open_named(const char *directory, const char *name, int *ret_scratch)
{
    char *path = path_of(directory, name);
    if (!path) return ERR_NOMEM;
    int scratch = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int error = scratch < 0 ? error_from_errno(errno) : 0;
    free(path);
    if (!error) *ret_scratch = scratch;
    return error;
}

void scratch_unlink(const char *directory, const char *name)
{
    char *path = path_of(directory, name);
    if (!path) return; /* the next mount does it */
    if (unlink(path) != 0 && errno != ENOENT) log_warning("%s: %s", path, strerror(errno));
    free(path);
}

int scratch_sync(int scratch)
{
    return scratch < 0 || fdatasync(scratch) == 0 ? 0 : error_from_errno(errno);
}

int scratch_check_room(int scratch)
{
    static const uint64_t reserve_max =
        256ULL * 1024 * 1024; /* what the engine may hold in memory, and its own margin */
    struct statvfs disk;
    if (fstatvfs(scratch, &disk) != 0) return 0;
    uint64_t reserve = (uint64_t)disk.f_blocks * disk.f_frsize / 8;
    if (reserve > reserve_max) reserve = reserve_max;
    return (uint64_t)disk.f_bavail * disk.f_frsize < reserve ? ERR_NOSPC : 0;
}

int scratch_read(int scratch, uint64_t slot, uint32_t offset, void *bytes, uint32_t size)
{
    uint8_t *to = bytes;
    while (size > 0) {
        ssize_t got = pread(scratch, to, size, slot_offset(slot) + offset);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return error_from_errno(errno);
        if (got == 0) { /* behind the last byte that was written to the scratch file */
            memset(to, 0, size);
            return 0;
        }
        to += got;
        offset += (uint32_t)got;
        size -= (uint32_t)got;
    }
    return 0;
}

int scratch_write(int scratch, uint64_t slot, uint32_t offset, struct slice bytes)
{
    const uint8_t *from = bytes.data;
    size_t left = bytes.size;
    while (left > 0) {
        ssize_t put = pwrite(scratch, from, left, slot_offset(slot) + offset);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return error_from_errno(errno);
        from += put;
        offset += (uint32_t)put;
        left -= (size_t)put;
    }
    return 0;
}

static bool punch(int scratch, uint64_t slot, uint32_t offset)
{
    return fallocate(scratch, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, slot_offset(slot) + offset,
                     CHUNK_SIZE - offset) == 0;
}

int scratch_cut(int scratch, uint64_t slot, uint32_t offset)
{
    static const uint8_t zeros[CHUNK_SIZE];
    if (offset == CHUNK_SIZE || punch(scratch, slot, offset)) return 0;
    return scratch_write(scratch, slot, offset, SLICE(zeros, CHUNK_SIZE - offset));
}

void scratch_drop(int scratch, uint64_t slot)
{
    punch(scratch, slot, 0); /* a disk that knows no holes keeps it until the file ends */
}
