/* SPDX-License-Identifier: Apache-2.0 */

/* What git does with a thousand files. */

#include <errno.h>
#include <stdlib.h>

#include "workload.h"

enum { FILES = 1000 };

static void make_sources(const struct setting *setting)
{
    tree_make(scaled(setting, FILES), SMALL);
}

/* The checkouts remove every file and write it again. */
static void use_git(const struct setting *setting, struct measurement *measurement)
{
    static const char commands[] = "set -e\n"
                                   "export HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1\n"
                                   "export GIT_AUTHOR_NAME=bench GIT_AUTHOR_EMAIL=bench@localhost\n"
                                   "export GIT_COMMITTER_NAME=bench GIT_COMMITTER_EMAIL=bench@localhost\n"
                                   "git -c init.defaultBranch=main init -q\n"
                                   "git -c gc.auto=0 commit -q --allow-empty -m nothing\n"
                                   "git add -A\n"
                                   "git -c gc.auto=0 commit -q -m everything\n"
                                   "test -z \"$(git status --porcelain)\"\n"
                                   "git checkout -q HEAD~1\n"
                                   "git checkout -q main\n";
    (void)setting;
    measurement_begin(measurement);
    if (system(commands) != 0) {
        errno = 0;
        die("git");
    }
    measurement_lap(measurement, 1);
    measurement_end(measurement);
}

const struct workload repository_workloads[] = {
    {"git", "git init, add, commit, checkout", "s", 1, 1, .prepare = make_sources, .measure = use_git}, {0}};
