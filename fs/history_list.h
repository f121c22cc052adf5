/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_HISTORY_LIST_H
#define OCC_HISTORY_LIST_H

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>
#include <stdbool.h>

struct filesystem;

/* Answers READDIR or (plus) READDIRPLUS of the directory that shows a history. */
void history_list(fuse_req_t request, struct filesystem *fs, fuse_ino_t node, size_t size, off_t offset, bool plus);

#endif
