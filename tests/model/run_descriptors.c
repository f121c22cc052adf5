/* SPDX-License-Identifier: Apache-2.0 */

/* Opening, closing, syncing, seeking. */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kinds.h"
#include "outcome.h"
#include "side.h"

/* Not blocking, for fifos. */
void run_open(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    int file =
        open(operation->path[0], (int)operation->number[1] | O_CLOEXEC | O_NONBLOCK, (mode_t)operation->number[2]);
    side->slots[operation->number[0]] = file;
    outcome_set(outcome, file < 0 ? -1 : 0);
}

void run_close(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    outcome_set(outcome, close(side->slots[operation->number[0]]));
    side->slots[operation->number[0]] = -1;
}

void run_dup(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    int file = fcntl(side->slots[operation->number[0]], F_DUPFD_CLOEXEC, 3);
    side->slots[operation->number[1]] = file;
    outcome_set(outcome, file < 0 ? -1 : 0);
}

void run_fsync(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    outcome_set(outcome, fsync(side->slots[operation->number[0]]));
}

void run_fdatasync(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    outcome_set(outcome, fdatasync(side->slots[operation->number[0]]));
}

void run_lseek(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    struct stat status;
    int file = side->slots[operation->number[0]];
    if (fstat(file, &status) == 0 && S_ISDIR(status.st_mode)) {
        outcome_say(outcome, "positions in directories are the filesystem's own"); /* telldir: run_readdir */
        return;
    }
    outcome_set(outcome, lseek(file, operation->number[1], (int)operation->number[2]));
}

/* ---- holes ---- */

enum { GAP_END = 1024 * 1024 };

static bool reads_zeros(int file, off_t from, off_t to)
{
    static uint8_t bytes[GAP_END];
    ssize_t got = pread(file, bytes, (size_t)(to - from), from);
    for (ssize_t i = 0; i < got; i++)
        if (bytes[i]) return false;
    return true; /* also where the descriptor does not read */
}

/* Both ends of it are looked at: a gap may have gigabytes. */
static void check_gap(int file, off_t from, off_t to, struct outcome *outcome)
{
    off_t begin_end = to - from < GAP_END ? to : from + GAP_END, end_begin = to - from < GAP_END ? from : to - GAP_END;
    if (from < to && !(reads_zeros(file, from, begin_end) && reads_zeros(file, end_begin, to)))
        outcome_say(outcome, "data in a hole between %lld and %lld", (long long)from, (long long)to);
}

/* Where holes are is the filesystem's choice: compared is whether there can be one, not where it begins. */
static void seek_sparse(struct side *side, const struct operation *operation, struct outcome *outcome, int whence)
{
    struct stat status;
    int file = side->slots[operation->number[0]];
    off_t offset = operation->number[1];
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) return;
    off_t position = lseek(file, 0, SEEK_CUR), found = lseek(file, offset, whence);
    if (found < 0 && (errno != ENXIO || offset >= status.st_size || whence == SEEK_HOLE)) {
        outcome_set(outcome, -1);
    } else if (found >= 0 && (found < offset || found > status.st_size)) {
        outcome_say(outcome, "found at %lld", (long long)found);
    } else if (whence == SEEK_DATA) {
        check_gap(file, offset, found < 0 ? status.st_size : found, outcome);
    } else {
        off_t data = lseek(file, found, SEEK_DATA);
        check_gap(file, found, data < 0 ? status.st_size : data, outcome);
    }
    lseek(file, position, SEEK_SET);
}

void run_seek_data(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    seek_sparse(side, operation, outcome, SEEK_DATA);
}

void run_seek_hole(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    seek_sparse(side, operation, outcome, SEEK_HOLE);
}
