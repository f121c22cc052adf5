/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_MERGE_TOOL_H
#define OCC_MERGE_TOOL_H

#include "private_copy.h"
#include "text_merge.h"

/* The merge tools of git(1): those that it brings along, and those that `git config mergetool.NAME.cmd` defines. */

/*
 * Opens three sides in a tool; `copy` holds the file that the tool is to write. EXIT_DONE: it says that the merge is done. EXIT_CONFLICT: it is
 * not. EXIT_MISUSE: there is no such tool; EXIT_FAILURE_IO. All but the first with a complaint.
 */
int merge_tool_run(const char *tool, const struct private_copy *copy, const struct merge_side *base,
                   const struct merge_side *mine, const struct merge_side *theirs);

#endif
