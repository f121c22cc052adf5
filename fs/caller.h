/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_CALLER_H
#define OCC_CALLER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "writer.h"

/*
 * Who is behind a request, read from /proc. The kernel names the calling thread; 0 means that it cannot be seen (another pid
 * namespace, or write-back), and every question then gets the answer "unknown".
 *
 * Nothing here calls back into the filesystem: readlink and fdinfo do not, /proc/PID/cmdline and stat through
 * /proc/PID/fd would. All calls may block a little (a few microseconds each).
 */

/* The process of a thread; 0 if it cannot be seen. */
pid_t caller_process(pid_t tid);

/* The parent of a process; 0 or less if it cannot be seen. */
pid_t caller_parent(pid_t process);
/* How many generations the process is below `ancestor`, 0 if it is that one; negative if it does not descend from it. */
int caller_generations(pid_t process, pid_t ancestor);
/* Whether the process is `ancestor` or descends from it. */
bool caller_descends_from(pid_t process, pid_t ancestor);

/*
 * Whether it is a shell that people type into: it leads the session of a terminal, and is one of the known shells. (So does an editor
 * that a terminal was opened for.)
 */
bool caller_is_interactive_shell(pid_t process);

/*
 * What a process is at. One that is in the middle of execve closes its O_CLOEXEC descriptors under a kernel lock that most of /proc
 * (stat, readlink of fd) and kcmp wait for, while that close waits for its answer: ask for the phase first, and of such a
 * process only what is known not to wait (status, statm, comm, fdinfo).
 */
enum caller_phase { PHASE_UNKNOWN, PHASE_RUNNING, PHASE_EXECUTING, PHASE_EXITING };
enum caller_phase caller_phase(pid_t process);

struct caller_state {
    struct writer writer; /* author.uid and gid are left to the caller of this; started is unknown while executing */
    enum caller_phase phase;
    bool exiting; /* the close comes from the process's exit */
    bool killed;  /* ... which a signal caused */
};

/* Whether the thread has the capability (CAP_x) in the daemon's own user namespace. If it cannot be seen: whether it is root. */
bool caller_is_capable(pid_t tid, uid_t uid, int capability);

/* State of a process (not thread) now. false if it cannot be seen; then everything but the zeros is meaningless. */
bool caller_inspect(pid_t process, struct caller_state *ret_state);

/* The name of the process, whatever it is at; untouched when it cannot be seen. */
void caller_command(pid_t process, char command[16]);

/* Which file of which mount to look for among a process's descriptors. */
struct descriptor_query {
    dev_t device; /* st_dev of the mount */
    uint64_t ino;
};

/* How many open file descriptions for writing of that file the process has; descriptors that are duplicates count once. Negative
 * when it cannot be known (no rights, no such process). */
int caller_count_descriptions(pid_t process, enum caller_phase phase, const struct descriptor_query *query);

#endif
