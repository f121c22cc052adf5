/* SPDX-License-Identifier: Apache-2.0 */
#include "merge_tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "foreground.h"
#include "terminal.h"
#include "verb.h"

/* git's own library of shell functions knows how to call each tool, and whether its exit status can be trusted. */
enum { NO_GIT = 120, NO_TOOL = 121 };
static const char script[] = "tool=$1 MERGED=$2 BASE=$3 LOCAL=$4 REMOTE=$5 BACKUP=$6 TOOL_MODE=merge\n"
                             "library=$(git --exec-path 2>/dev/null)/git-mergetool--lib\n"
                             "[ -r \"$library\" ] || exit 120\n"
                             ". \"$library\"\n"
                             "setup_tool \"$tool\" || exit 121\n"
                             "export BASE LOCAL REMOTE MERGED\n"
                             "run_merge_tool \"$tool\" true\n";

static int run(const char *tool, const struct private_copy *copy, const char *base, const char *mine,
               const char *theirs)
{
    char *backup;
    if (asprintf(&backup, "%s/backup", copy->directory) < 0) return failure(tool, -ENOMEM);
    char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, (char *)script, (char[]){"occ"}, (char *)tool, (char *)copy->path,
                    (char *)base,   (char *)mine,   (char *)theirs, backup,          NULL};
    int status = foreground_run(argv);
    free(backup);
    switch (status) {
    case 0:
        return EXIT_DONE;
    case NO_GIT:
        complain(tool, "its description is a part of git, which is not installed");
        return EXIT_FAILURE_IO;
    case NO_TOOL:
        complain(tool, "no such merge tool ('git mergetool --tool-help' lists them)");
        return EXIT_MISUSE;
    default:
        if (status < 0) return failure("sh", status);
        complain(tool, "says that the merge is not done: nothing was changed");
        return EXIT_CONFLICT;
    }
}

int merge_tool_run(const char *tool, const struct private_copy *copy, const struct merge_side *base,
                   const struct merge_side *mine, const struct merge_side *theirs)
{
    char base_path[PATH_MAX], mine_path[PATH_MAX], theirs_path[PATH_MAX];
    int error = private_copy_add(copy, "base", base->data, base->size, base_path);
    if (!error) error = private_copy_add(copy, "mine", mine->data, mine->size, mine_path);
    if (!error) error = private_copy_add(copy, "theirs", theirs->data, theirs->size, theirs_path);
    return error ? failure(copy->directory, error) : run(tool, copy, base_path, mine_path, theirs_path);
}
