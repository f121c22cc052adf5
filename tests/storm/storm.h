/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORM_H
#define STORM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { FILES_MAX = 64 };

/* Shared by all processes of a run. */
struct board {
    _Atomic uint64_t acknowledged[FILES_MAX]; /* highest counter whose commit has returned 0 */
    _Atomic uint64_t commits[FILES_MAX];      /* commits that returned 0 */
    _Atomic uint64_t unknown[FILES_MAX];      /* commits in flight when the daemon was killed */
    _Atomic uint64_t conflicts;
    _Atomic uint64_t reads;
    _Atomic uint64_t progress; /* moves as long as anybody gets on */
    atomic_bool stop;
    atomic_bool failed;
};

struct storm {
    const char *directory;
    unsigned processes, threads, files;
    double seconds;
    uint64_t seed;
    bool crash; /* the daemon is killed and comes back: its death is no failure */
    bool plain; /* a plain directory under flock: nobody conflicts, tokens do not exist */
    struct board *board;
};

/* Says what went wrong, with the file and the line, and ends the run. */
void storm_fail(const struct storm *storm, const char *where, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
#define FAIL(storm, ...) storm_fail(storm, __FILE__, __LINE__, __VA_ARGS__)

/* In a run with crashes: whether errno is what a dead daemon gives; waits a moment then. */
bool storm_daemon_gone(const struct storm *storm);

void file_path(const struct storm *storm, unsigned file, char path[512]);

/* Loops until the board says stop. */
void writer_run(const struct storm *storm, uint64_t seed);
void reader_run(const struct storm *storm, uint64_t seed);

#endif
