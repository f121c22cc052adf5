/* SPDX-License-Identifier: Apache-2.0 */

/* What reads and changes attributes. */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kinds.h"
#include "outcome.h"
#include "side.h"

static void set_status(struct outcome *outcome, int result)
{
    outcome_set(outcome, result);
    outcome->has_status = result == 0;
}

void run_stat(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    set_status(outcome, stat(operation->path[0], &outcome->status));
}

void run_lstat(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    set_status(outcome, lstat(operation->path[0], &outcome->status));
}

void run_fstat(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    set_status(outcome, fstat(side->slots[operation->number[0]], &outcome->status));
}

void run_access(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    outcome_set(outcome, faccessat(AT_FDCWD, operation->path[0], (int)operation->number[0] & 7, AT_EACCESS));
}

void run_umask(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    umask((mode_t)operation->number[0] & 077); /* one and the same for both sides */
    outcome_set(outcome, 0);
}

void run_chmod(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    outcome_set(outcome, chmod(operation->path[0], (mode_t)operation->number[0]));
}

void run_fchmod(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    outcome_set(outcome, fchmod(side->slots[operation->number[0]], (mode_t)operation->number[1]));
}

void run_chown(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    outcome_set(outcome, fchownat(AT_FDCWD, operation->path[0], (uid_t)operation->number[0],
                                  (gid_t)operation->number[1], (int)operation->number[2] & AT_SYMLINK_NOFOLLOW));
}

void run_fchown(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    outcome_set(outcome,
                fchown(side->slots[operation->number[0]], (uid_t)operation->number[1], (gid_t)operation->number[2]));
}

void run_utimens(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    const struct timespec times[2] = {{operation->number[0], operation->number[1]},
                                      {operation->number[2], operation->number[3]}};
    outcome_set(outcome,
                utimensat(AT_FDCWD, operation->path[0], times, (int)operation->number[4] & AT_SYMLINK_NOFOLLOW));
}

void run_futimens(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    const struct timespec times[2] = {{operation->number[1], operation->number[2]},
                                      {operation->number[3], operation->number[4]}};
    outcome_set(outcome, futimens(side->slots[operation->number[0]], times));
}
