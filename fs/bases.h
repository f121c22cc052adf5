/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_BASES_H
#define OCC_BASES_H

#include "base.h"
#include "opening.h"

/*
 * What the daemon knows about what a process has read, for the base rules (base.h) that ask for it: 3, tokens set by path, and 6, reading
 * by name.
 */

/* The thread has opened the version through the node for reading, or asked for its token: it is remembered for the history of the name by
 * which the node was found, which may have gone on without the file since. `bound`: it is the file's newest version, whatever the node shows. */
void bases_read(struct filesystem *fs, pid_t tid, fuse_ino_t nodeid, bool bound, const struct version_id *version);

/* What the process remembers of the file, if the rule applies to it; lineage 0: nothing. `head`: what needs no further question. */
struct version_id bases_remembered(struct filesystem *fs, pid_t process, const struct inode *inode,
                                   const struct version_id *head);

/* Who locks the file coordinates by the lock: what it has read before does not count. */
void bases_forget(struct filesystem *fs, pid_t tid, uint64_t ino);

/* A token that was set by path and binds one of the processes (the first that is bound counts). */
bool bases_armed(struct filesystem *fs, const struct inode *inode, const pid_t processes[], size_t count,
                 struct version_id *ret_version);
bool bases_armed_on(struct filesystem *fs, uint64_t ino, const pid_t processes[], size_t count,
                    struct version_id *ret_version);
/* The tokens of the file that bind the process end. Whether there were any. */
bool bases_disarm(struct filesystem *fs, const struct inode *inode, pid_t process);
/* That which bases_armed tells has done its work. */
void bases_spend(struct filesystem *fs, const struct inode *inode, pid_t process);

/* The file, of that lineage, has the version as its head by the processes' own doing: they know it, and what bound them is done. */
void bases_committed(struct filesystem *fs, uint64_t ino, uint64_t lineage, const pid_t processes[], size_t count,
                     const struct version_id *head);

/* A process has committed a file called `name`: if that is an editor's backup of another file, it had read that one only to copy it. */
void bases_copied(struct filesystem *fs, pid_t process, const struct version *version, const char *name);

#endif
