/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_ARMED_H
#define OCC_ARMED_H

#include <stdatomic.h>

#include "inode.h"
#include "processes.h"

/*
 * Tokens that were set by path: base rule 3. Each binds the process that set it or, once that has exited, its nearest ancestor that
 * still lives, with all descendants: `setfattr` binds the shell that called it, through sudo, env or timeout. Never pid 1.
 *
 * Who the holder is gets settled when the token is first asked for, or within a second after the setter's exit. It ends when the
 * holder exits, when a process that it binds commits the file (armed_spend) or sets another token of it, and with armed_disarm.
 */
enum { ARMED_MAX = 4096 }; /* beyond, the oldest go */

struct armed_token;

struct armed {
    struct mutex lock; /* leaf, but for processes.lock; /proc is read under it, for files with an armed token alone */
    struct processes *processes;
    struct armed_token *tokens; /* guarded by lock: the newest first */
    atomic_uint count;
};

void armed_init(struct armed *armed, struct processes *processes);
void armed_release(struct armed *armed);

/* The process binds itself. Tokens of the file that bound it end. ERR_NOTSUP if it cannot be seen; ERR_NOMEM. */
int armed_arm(struct armed *armed, pid_t process, uint64_t lineage, const struct version_id *version);

/* The token of the file that binds the process: of several the one whose holder is nearest to it. */
bool armed_find(struct armed *armed, pid_t process, uint64_t lineage, struct version_id *ret_version);

/* After a commit: the token that armed_find tells has done its work. */
void armed_spend(struct armed *armed, pid_t process, uint64_t lineage);

/* The tokens of the file that bind the process end. Whether there were any. */
bool armed_disarm(struct armed *armed, pid_t process, uint64_t lineage);

/* Settles holders and forgets tokens whose holder has exited. Called once a second. */
void armed_tick(struct armed *armed);

#endif
