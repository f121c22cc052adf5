/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_APPENDING_H
#define OCC_APPENDING_H

struct filesystem;

/*
 * Drafts that were only appended to, as logs are, do not wait for their last close: what has stood uncommitted for `append_commit`
 * seconds is committed, so that little is lost in a crash. Called once a second.
 */
void appending_tick(struct filesystem *fs);

#endif
