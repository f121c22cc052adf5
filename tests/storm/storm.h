/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORM_H
#define STORM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "content.h"

enum { FILES_MAX = 64, ATTEMPTS_MAX = 1 << 23, PATH_SIZE = 512 };

/* What came of an attempt to save a content. */
enum outcome {
    OUTCOME_NOTHING,  /* it was not offered to the file */
    OUTCOME_DONE,     /* the call returned 0 */
    OUTCOME_CONFLICT, /* EAGAIN */
    OUTCOME_UNKNOWN,  /* in flight when the daemon was killed */
};

/* Shared by all processes of a run. */
struct board {
    _Atomic uint64_t acknowledged[FILES_MAX]; /* highest counter of which all must know that come later */
    _Atomic uint64_t commits[FILES_MAX];      /* saves that returned 0 */
    _Atomic uint64_t unknown[FILES_MAX];
    _Atomic uint64_t conflicts;
    _Atomic uint64_t reads;
    _Atomic uint64_t progress; /* moves as long as anybody gets on */
    atomic_bool stop;
    atomic_bool failed;
    _Atomic uint64_t attempts;              /* ids of contents that were given out: 1 to this */
    _Atomic uint8_t outcomes[ATTEMPTS_MAX]; /* enum outcome, by id */
};

struct storm {
    const char *directory;
    unsigned processes, threads, files;
    unsigned
        savers; /* so many of the processes save in `ways` instead, after loading by name; two write in place, the rest reads */
    unsigned ways; /* bits, saver.h */
    double seconds;
    uint64_t seed;
    bool gaps;  /* some of the ways take the name away for a moment: it may be absent, or an empty file */
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
/* Whether errno says that a file is absent for a moment, and may be. */
bool storm_absent(const struct storm *storm);

void file_path(const struct storm *storm, unsigned file, char path[PATH_SIZE]);

/* Reads it from the beginning to the end; -1 on an error. There is room for CONTENT_MAX + 1 bytes. */
ssize_t read_whole(int file, uint8_t *bytes);

/* Labels the next content to be offered to a file, and fills `bytes`. */
void attempt_begin(const struct storm *storm, const struct content_label *parent, uint8_t *bytes, size_t size,
                   uint64_t *random, struct content_label *ret_label);
/* Counts what came of it. `seen`: from now on everybody who opens the file by name must see it. */
void attempt_end(const struct storm *storm, unsigned file, const struct content_label *label, enum outcome outcome,
                 bool seen);

/* Loops until the board says stop. */
void writer_run(const struct storm *storm, uint64_t seed);
void reader_run(const struct storm *storm, uint64_t seed);

/* Writes the content through the descriptor in one of several ways; `mapped`: through memory is one of them. */
bool writer_write(int file, const uint8_t *bytes, size_t size, bool mapped, uint64_t *random);

/* At the end: every version of every file followed the one that its writer had read, every save that returned 0 is a version, and every
 * content that conflicted is kept once. */
void check_histories(const struct storm *storm);
/* The newest versions of a file, for people. */
void tell_history(const struct storm *storm, unsigned file);

#endif
