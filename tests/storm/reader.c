/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "storm.h"

/* Reads in pieces with pauses, so that commits come between. */
static ssize_t read_slowly(int file, uint8_t *bytes, uint64_t *random)
{
    size_t size = 0;
    for (;;) {
        size_t piece = 1 + random_next(random) % (64 * 1024);
        if (piece > CONTENT_MAX + 1 - size) piece = CONTENT_MAX + 1 - size;
        ssize_t got = pread(file, bytes + size, piece, (off_t)size);
        if (got < 0) return -1;
        if (got == 0) return (ssize_t)size;
        size += (size_t)got;
        if (random_next(random) % 3 == 0) usleep((useconds_t)(random_next(random) % 1000));
    }
}

/* The descriptor must show the same bytes however it is asked. */
static void look_again(const struct storm *storm, const char *path, int file, const uint8_t *bytes, size_t size)
{
    struct stat attributes;
    if (fstat(file, &attributes) != 0) {
        if (!storm_daemon_gone(storm)) FAIL(storm, "fstat %s: %s", path, strerror(errno));
        return;
    }
    if ((size_t)attributes.st_size != size)
        FAIL(storm, "%s: %zu bytes were read, fstat says %lld", path, size, (long long)attributes.st_size);
    if (storm->crash) return; /* a page that a dead daemon cannot bring is SIGBUS */
    void *map = mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0);
    if (map == MAP_FAILED) {
        FAIL(storm, "mmap %s: %s", path, strerror(errno));
        return;
    }
    if (memcmp(map, bytes, size) != 0) FAIL(storm, "%s: a mapping shows other bytes than read", path);
    munmap(map, size);
}

/* By path: the token's ordinal counts the commits, and must not be older than what had been acknowledged. */
static void look_by_name(const struct storm *storm, unsigned number, const char *path)
{
    uint64_t sample = storm->board->acknowledged[number];
    char token[128];
    ssize_t length = getxattr(path, "user.occ.version", token, sizeof token - 1);
    if (length < 0) {
        if (!storm_absent(storm)) FAIL(storm, "getxattr %s: %s", path, strerror(errno));
        return;
    }
    token[length] = '\0';
    unsigned long long ordinal = strtoull(token, NULL, 10);
    if (ordinal < sample + 1)
        FAIL(storm, "%s: the token says ordinal %llu after %llu was acknowledged", path, ordinal,
             (unsigned long long)sample + 1);
}

static void look(const struct storm *storm, unsigned number, uint8_t *bytes, uint64_t *random)
{
    char path[PATH_SIZE];
    file_path(storm, number, path);
    /* What was found by name may be a backup, with a history of its own, when it is asked for its token. */
    if (!storm->plain && !storm->gaps && random_next(random) % 3 == 0) look_by_name(storm, number, path);
    uint64_t sample = storm->board->acknowledged[number];
    struct content_label label;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        if (!storm_absent(storm)) FAIL(storm, "open %s: %s", path, strerror(errno));
        return;
    }
    if (storm->plain) flock(file, LOCK_SH);
    ssize_t size = read_slowly(file, bytes, random);
    if (size < 0) {
        if (!storm_daemon_gone(storm)) FAIL(storm, "read %s: %s", path, strerror(errno));
    } else if (size == 0 && storm->gaps) {
        usleep(200); /* somebody is about to write it anew */
    } else if (!content_check(bytes, (size_t)size, &label)) {
        FAIL(storm, "torn read of %s (%zd bytes)", path, size);
    } else if (label.counter < sample) {
        FAIL(storm, "%s: read %llu after %llu was acknowledged", path, (unsigned long long)label.counter,
             (unsigned long long)sample);
    } else {
        look_again(storm, path, file, bytes, (size_t)size);
        storm->board->reads++;
    }
    close(file);
}

void reader_run(const struct storm *storm, uint64_t seed)
{
    uint64_t random = seed | 1;
    uint8_t *bytes = malloc(CONTENT_MAX + 1);
    while (bytes && !storm->board->stop && !storm->board->failed)
        look(storm, (unsigned)(random_next(&random) % storm->files), bytes, &random);
    free(bytes);
}
