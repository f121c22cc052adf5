/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_PROCESSES_H
#define OCC_PROCESSES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <uthash.h>

#include "mutex.h"

/*
 * Processes as individuals: a pid that is used again is another process. Each is held by a pidfd, so that asking whether it
 * still lives costs a system call and no look into /proc.
 */
struct process {
    pid_t pid;
    int pidfd;
    uint64_t number; /* from 1, never used again */
    unsigned holds;  /* guarded by processes.lock */
    bool listed;     /* guarded by processes.lock: in by_pid */
    UT_hash_handle hh;
};

struct processes {
    struct mutex lock;      /* leaf */
    struct process *by_pid; /* guarded by lock: those who lived when they were asked for last */
    uint64_t made;          /* guarded by lock */
    unsigned limit;         /* how many may be held at once */
};

void processes_init(struct processes *processes);
/* All that were held have been dropped. */
void processes_release(struct processes *processes);

/* The process that has the pid now, held until process_drop. NULL: there is none, or it cannot be held (too many are). */
struct process *process_hold(struct processes *processes, pid_t pid);
void process_drop(struct processes *processes, struct process *process);

/* One that has exited lives no more, whether its parent has noticed or not. */
bool process_lives(const struct process *process);

#endif
