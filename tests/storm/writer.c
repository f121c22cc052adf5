/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storm.h"

/* Several requests, if it is large: where the daemon dies between two of them the write is short, and the next one says why. */
static bool put(int file, const uint8_t *bytes, size_t from, size_t size)
{
    while (size > 0) {
        ssize_t written = pwrite(file, bytes + from, size, (off_t)from);
        if (written <= 0) return false;
        from += (size_t)written;
        size -= (size_t)written;
    }
    return true;
}

bool writer_write(int file, const uint8_t *bytes, size_t size, bool mapped, uint64_t *random)
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

/* What the writer loads. false: nothing to go on from, it was told. */
static bool load(const struct storm *storm, int file, const char *path, uint64_t sample, uint8_t *bytes,
                 struct content_label *ret_label)
{
    ssize_t size = read_whole(file, bytes);
    if (size < 0) {
        if (!storm_daemon_gone(storm)) FAIL(storm, "read %s: %s", path, strerror(errno));
    } else if (size == 0 && storm->gaps) {
        return false;
    } else if (!content_check(bytes, (size_t)size, ret_label)) {
        FAIL(storm, "torn read of %s by a writer (%zd bytes)", path, size);
    } else if (ret_label->counter < sample) {
        FAIL(storm, "%s: a writer read %llu after %llu was acknowledged", path, (unsigned long long)ret_label->counter,
             (unsigned long long)sample);
    }
    return size > 0 && !storm->board->failed;
}

/* Writes and commits, by fsync at times; *file is -1 when it was closed. */
static enum outcome save(const struct storm *storm, int *file, const char *path, const uint8_t *bytes, size_t size,
                         uint64_t *random)
{
    const char *call = "write";
    /* A page that a dead daemon cannot bring is SIGBUS. */
    int result = writer_write(*file, bytes, size, !storm->crash, random) ? 0 : -1;
    if (result == 0 && random_next(random) % 8 == 0) {
        call = "fsync";
        result = fsync(*file);
    }
    if (result == 0 && !storm->plain) {
        call = "close";
        result = close(*file);
        *file = -1;
    }
    if (result == 0) return OUTCOME_DONE;
    if (errno == EAGAIN) return OUTCOME_CONFLICT; /* msync is an fsync, too */
    if (!storm_daemon_gone(storm)) FAIL(storm, "%s %s: %s", call, path, strerror(errno));
    return OUTCOME_UNKNOWN;
}

/* One read-modify-write through one descriptor. */
static void update(const struct storm *storm, unsigned number, uint8_t *bytes, uint64_t *random)
{
    char path[PATH_SIZE];
    file_path(storm, number, path);
    uint64_t sample = storm->board->acknowledged[number];
    struct content_label loaded, label;
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) {
        if (!storm_absent(storm)) FAIL(storm, "open %s: %s", path, strerror(errno));
        return;
    }
    if (storm->plain) {
        flock(file, LOCK_EX);
        sample = storm->board->acknowledged[number];
    }
    if (load(storm, file, path, sample, bytes, &loaded)) {
        size_t size = content_draw_size(random);
        attempt_begin(storm, &loaded, bytes, size, random, &label);
        enum outcome outcome = save(storm, &file, path, bytes, size, random);
        /* Where files are moved away to backups, it may have gone there. */
        attempt_end(storm, number, &label, outcome, !storm->gaps);
    }
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
