/* SPDX-License-Identifier: Apache-2.0 */

/* What makes, moves, removes and lists names. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kinds.h"
#include "listing.h"
#include "outcome.h"
#include "side.h"

void run_mkdir(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    outcome_set(outcome, mkdir(operation->path[0], (mode_t)operation->number[0]));
}

void run_rmdir(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    outcome_set(outcome, rmdir(operation->path[0]));
}

void run_unlink(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    outcome_set(outcome, unlink(operation->path[0]));
}

void run_rename(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    outcome_set(outcome,
                renameat2(AT_FDCWD, operation->path[0], AT_FDCWD, operation->path[1], (unsigned)operation->number[0]));
}

void run_link(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    outcome_set(outcome, linkat(AT_FDCWD, operation->path[0], AT_FDCWD, operation->path[1],
                                (int)operation->number[0] & AT_SYMLINK_FOLLOW));
}

void run_symlink(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    outcome_set(outcome, symlink(operation->path[0], operation->path[1]));
}

void run_readlink(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    char target[PATH_MAX];
    ssize_t size = readlink(operation->path[0], target, sizeof target);
    outcome_set(outcome, size);
    if (size >= 0) outcome_say(outcome, "%.*s", (int)size, target);
}

/* Device numbers are few: what matters is that they stay. */
void run_mknod(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    outcome_set(outcome, mknod(operation->path[0], (mode_t)operation->number[0], 0x103));
}

void run_readdir(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    struct listing listing;
    int error = listing_read(operation->path[0], &listing);
    errno = error;
    outcome_set(outcome, error ? -1 : (int64_t)listing.count);
    if (error) return;
    for (size_t i = 0; i < listing.count; i++)
        outcome_say(outcome, "%s type %d\n", listing.entries[i].name, listing.entries[i].type);
    outcome_say(outcome, "%s", listing.wrong);
    listing_release(&listing);
}
