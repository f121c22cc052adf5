/* SPDX-License-Identifier: Apache-2.0 */
#include "processes.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <unistd.h>

/* Descriptors for everything else; and enough processes for any machine. */
enum { DESCRIPTORS_SPARED = 512, PROCESSES_MAX = 65536 };

void processes_init(struct processes *processes)
{
    struct rlimit files = {.rlim_cur = 1024};
    *processes = (struct processes){.limit = PROCESSES_MAX};
    mutex_init(&processes->lock);
    getrlimit(RLIMIT_NOFILE, &files);
    rlim_t room = files.rlim_cur > 2 * DESCRIPTORS_SPARED ? files.rlim_cur - DESCRIPTORS_SPARED : files.rlim_cur / 2;
    if (room < processes->limit) processes->limit = (unsigned)room;
}

void processes_release(struct processes *processes)
{
    assert(HASH_COUNT(processes->by_pid) == 0);
    mutex_release(&processes->lock);
}

bool process_lives(const struct process *process)
{
    struct pollfd exit = {.fd = process->pidfd, .events = POLLIN};
    return poll(&exit, 1, 0) == 0;
}

static void delist_locked(struct processes *processes, struct process *process)
{
    mutex_assert_held(&processes->lock);
    if (!process->listed) return;
    process->listed = false;
    HASH_DEL(processes->by_pid, process);
}

struct process *process_hold(struct processes *processes, pid_t pid)
{
    struct process *process;
    if (pid <= 0) return NULL;
    MUTEX_GUARD(&processes->lock);
    HASH_FIND_INT(processes->by_pid, &pid, process);
    if (process && !process_lives(process)) {
        delist_locked(processes, process);
        process = NULL;
    }
    if (process) {
        process->holds++;
        return process;
    }
    if (HASH_COUNT(processes->by_pid) >= processes->limit) return NULL;
    process = calloc(1, sizeof *process);
    int pidfd = process ? pidfd_open(pid, 0) : -1;
    if (pidfd < 0) {
        free(process);
        return NULL;
    }
    *process = (struct process){.pid = pid, .pidfd = pidfd, .number = ++processes->made, .holds = 1, .listed = true};
    HASH_ADD_INT(processes->by_pid, pid, process);
    return process;
}

void process_drop(struct processes *processes, struct process *process)
{
    if (!process) return;
    MUTEX_GUARD(&processes->lock);
    if (--process->holds > 0) return;
    delist_locked(processes, process);
    close(process->pidfd);
    free(process);
}
