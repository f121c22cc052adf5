/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "content.h"
#include "storm.h"

/* Reads the whole file through the descriptor; -1 on an error. */
static ssize_t read_whole(int file, uint8_t *bytes)
{
    size_t size = 0;
    for (;;) {
        ssize_t got = pread(file, bytes + size, CONTENT_MAX + 1 - size, (off_t)size);
        if (got < 0) return -1;
        if (got == 0) return (ssize_t)size;
        size += (size_t)got;
    }
}

static bool put(int file, const uint8_t *bytes, size_t from, size_t size)
{
    return pwrite(file, bytes + from, size, (off_t)from) == (ssize_t)size;
}

/* The new content reaches the file in one of several ways; a page that a dead daemon cannot bring is SIGBUS. */
static bool write_content(int file, const uint8_t *bytes, size_t size, bool mapped, uint64_t *random)
{
    size_t piece = 1 + random_next(random) % 8192;
    if (size / piece > 200) piece = size / 200 + 1;
    switch (random_next(random) % (mapped ? 5 : 4)) {
    case 0: /* at once */
        return put(file, bytes, 0, size) && ftruncate(file, (off_t)size) == 0;
    case 1: /* from nothing, in small pieces */
        if (ftruncate(file, 0) != 0) return false;
        for (size_t at = 0; at < size; at += piece)
            if (!put(file, bytes, at, size - at < piece ? size - at : piece)) return false;
        return true;
    case 2: /* backwards */
        if (ftruncate(file, (off_t)size) != 0) return false;
        for (size_t end = size; end > 0;) {
            size_t length = end < piece ? end : piece;
            end -= length;
            if (!put(file, bytes, end, length)) return false;
        }
        return true;
    case 3: /* the middle last */
        if (!put(file, bytes, 0, size / 3) || !put(file, bytes, size / 3 * 2, size - size / 3 * 2)) return false;
        return put(file, bytes, size / 3, size / 3) && ftruncate(file, (off_t)size) == 0;
    default: { /* through memory */
        if (ftruncate(file, (off_t)size) != 0) return false;
        void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (map == MAP_FAILED) return false;
        memcpy(map, bytes, size);
        bool done = msync(map, size, MS_SYNC) == 0;
        return munmap(map, size) == 0 && done;
    }
    }
}

static void acknowledged(struct board *board, unsigned file, uint64_t counter)
{
    board->commits[file]++;
    uint64_t before = board->acknowledged[file];
    while (before < counter && !atomic_compare_exchange_weak(&board->acknowledged[file], &before, counter))
        continue;
    board->progress++;
}

/* One read-modify-write. true: go on with another file; false: it conflicted or the daemon died. */
static void update(const struct storm *storm, unsigned number, uint8_t *bytes, uint64_t *random)
{
    struct board *board = storm->board;
    char path[512];
    file_path(storm, number, path);
    uint64_t sample = board->acknowledged[number], counter;
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) {
        if (!storm_daemon_gone(storm)) FAIL(storm, "open %s: %s", path, strerror(errno));
        return;
    }
    if (storm->plain) {
        flock(file, LOCK_EX);
        sample = board->acknowledged[number];
    }
    ssize_t size = read_whole(file, bytes);
    if (size < 0 && storm_daemon_gone(storm)) goto out;
    if (size < 0) FAIL(storm, "read %s: %s", path, strerror(errno));
    else if (!content_check(bytes, (size_t)size, &counter))
        FAIL(storm, "torn read of %s by a writer (%zd bytes)", path, size);
    else if (counter < sample)
        FAIL(storm, "%s: a writer read %llu after %llu was acknowledged", path, (unsigned long long)counter,
             (unsigned long long)sample);
    if (board->failed || size < 0) goto out;

    size_t new_size = random_next(random) % 4 == 0 ? CONTENT_MIN + random_next(random) % (CONTENT_MAX - CONTENT_MIN)
                                                   : CONTENT_MIN + random_next(random) % 4096;
    content_make(bytes, new_size, counter + 1, random);
    if (!write_content(file, bytes, new_size, !storm->crash, random)) {
        /* msync is an fsync: it may have committed, or conflicted. */
        if (errno == EAGAIN) board->conflicts++;
        else if (storm_daemon_gone(storm)) board->unknown[number]++;
        else FAIL(storm, "write %s: %s", path, strerror(errno));
        goto out;
    }
    bool sync = random_next(random) % 8 == 0;
    int result = sync ? fsync(file) : 0;
    int closing = result == 0 && !storm->plain ? close(file) : 0;
    if (result == 0 && !storm->plain) file = -1;
    if (result == 0 && closing == 0) {
        acknowledged(board, number, counter + 1);
    } else if (errno == EAGAIN) {
        board->conflicts++;
        board->progress++;
    } else if (storm_daemon_gone(storm)) {
        board->unknown[number]++;
    } else {
        FAIL(storm, "%s %s: %s", sync ? "fsync" : "close", path, strerror(errno));
    }
out:
    if (file >= 0 && close(file) != 0 && errno != EAGAIN && !storm_daemon_gone(storm))
        FAIL(storm, "close %s: %s", path, strerror(errno));
}

void writer_run(const struct storm *storm, uint64_t seed)
{
    uint64_t random = seed | 1;
    uint8_t *bytes = malloc(CONTENT_MAX + 1);
    while (bytes && !storm->board->stop && !storm->board->failed) {
        update(storm, (unsigned)(random_next(&random) % storm->files), bytes, &random);
        if (random_next(&random) % 4 == 0) usleep((useconds_t)(random_next(&random) % 2000));
    }
    free(bytes);
}
