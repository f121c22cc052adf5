/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_HISTORY_RIGHTS_H
#define OCC_HISTORY_RIGHTS_H

#include "history.h"

/*
 * Who may look at a history, and at what in it, as modes and access lists that the kernel checks:
 *
 *  1. Who may read the file now may enter its history and list it; nobody else.
 *  2. Each version is read by whom it could be read when it was committed.
 *  3. Where somebody else's file went on in the history, versions from before are read by those alone who could read the file at that
 *     time as well.
 *  4. Who may write the file now may write on a version of it if that had the same owner, group and access list; else nobody but
 *     root. What a killed writer has left is for reading.
 *
 * Set-id and sticky bits are no part of the past: what was mended must not come back as a program to run.
 */

/* Of the directory that shows the history. */
uint32_t history_directory_mode(const struct history *history);
/* Its access list; ERR_NODATA when the mode says it all. */
int history_directory_acl(struct store *store, const struct history *history, struct buffer *ret_list);

/* Takes from a version that is as old as the limit, or older, what that does not grant. It takes more than it must where the two have
 * different owners or groups, or access lists. */
void history_rights_limit(const struct file_rights *limit, struct version *version);

uint32_t history_version_mode(const struct history *history, const struct version *version);
int history_version_acl(struct store *store, const struct history *history, const struct version *version,
                        struct buffer *ret_list);

#endif
