/* SPDX-License-Identifier: Apache-2.0 */
#include "caller.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proc_files.h"

enum { EXITING_FLAG = 0x4, ANCESTORS_MAX = 128 };

/* Reads a small file of /proc whole, NUL-terminated. -1 when it cannot be read. */
static ssize_t proc_read(const char *path, char *text, size_t size)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return -1;
    ssize_t length = read(descriptor, text, size - 1);
    close(descriptor);
    if (length < 0) return -1;
    text[length] = '\0';
    return length;
}

/* A number of /proc/PID/status, which can be read whatever the process is at; -1 when it cannot be seen. `label` as "\nPPid:". */
static pid_t status_number(pid_t process, const char *label)
{
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%d/status", (int)process);
    if (proc_read(path, text, sizeof text) < 0) return -1;
    const char *line = strstr(text, label);
    return line ? (pid_t)atoi(line + strlen(label)) : -1;
}

pid_t caller_process(pid_t tid)
{
    if (tid <= 0) return 0;
    /* Signal 0 to thread `tid` of process `tid` finds somebody exactly when the thread leads its process. */
    if (syscall(SYS_tgkill, tid, tid, 0) == 0 || errno == EPERM) return tid;
    pid_t process = status_number(tid, "\nTgid:");
    return process > 0 ? process : 0;
}

pid_t caller_parent(pid_t process)
{
    return status_number(process, "\nPPid:");
}

int caller_generations(pid_t process, pid_t ancestor)
{
    if (process <= 0 || ancestor <= 0) return -1;
    for (int steps = 0; steps < ANCESTORS_MAX && process > 1; steps++) {
        if (process == ancestor) return steps;
        process = caller_parent(process);
    }
    return -1;
}

bool caller_descends_from(pid_t process, pid_t ancestor)
{
    return caller_generations(process, ancestor) >= 0;
}

/* A capability counts in the namespace that it was given in. Where we may not look it is root's that counts. */
static bool in_own_user_namespace(pid_t tid, uid_t uid)
{
    char path[64], theirs[64] = "", own[64] = "";
    snprintf(path, sizeof path, "/proc/%d/ns/user", (int)tid);
    if (readlink(path, theirs, sizeof theirs - 1) < 0 || readlink("/proc/self/ns/user", own, sizeof own - 1) < 0)
        return uid == 0;
    return strcmp(theirs, own) == 0;
}

bool caller_is_capable(pid_t tid, uid_t uid, int capability)
{
    static const char label[] = "\nCapEff:";
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%d/status", (int)tid);
    if (tid <= 0 || proc_read(path, text, sizeof text) < 0) return uid == 0;
    const char *line = strstr(text, label);
    if (!line) return uid == 0;
    return (strtoull(line + sizeof label - 1, NULL, 16) >> capability & 1) && in_own_user_namespace(tid, uid);
}

enum caller_phase caller_phase(pid_t process)
{
    char text[128];
    unsigned long memory, code;
    if (proc_file_read(process, PROC_STATM, text, sizeof text) < 0) return PHASE_UNKNOWN;
    if (sscanf(text, "%lu %*u %*u %lu", &memory, &code) != 2) return PHASE_UNKNOWN;
    if (memory == 0) return PHASE_EXITING;
    return code == 0 ? PHASE_EXECUTING : PHASE_RUNNING; /* the new program is not mapped yet */
}

/* The fields of /proc/PID/stat that are asked for here. */
struct process_stat {
    char command[16];
    pid_t session;            /* field 6 */
    int terminal;             /* field 7: 0 for none */
    unsigned long flags;      /* field 9 */
    unsigned long long start; /* field 22 */
    int exit_code;            /* field 52 */
};

static bool stat_read(pid_t process, struct process_stat *stat)
{
    char text[2048];
    if (proc_file_read(process, PROC_STAT, text, sizeof text) < 0) return false;

    /* The command stands in parentheses and may hold any character: the last ')' ends it. */
    char *begin = strchr(text, '('), *end = strrchr(text, ')');
    if (!begin || !end || end < begin) return false;
    *stat = (struct process_stat){0};
    size_t length = (size_t)(end - begin - 1);
    if (length >= sizeof stat->command) length = sizeof stat->command - 1;
    memcpy(stat->command, begin + 1, length);

    int field = 3;
    char *position;
    for (char *word = strtok_r(end + 1, " \n", &position); word; word = strtok_r(NULL, " \n", &position), field++) {
        if (field == 6) stat->session = (pid_t)atoi(word);
        if (field == 7) stat->terminal = atoi(word);
        if (field == 9) stat->flags = strtoul(word, NULL, 10);
        if (field == 22) stat->start = strtoull(word, NULL, 10);
        if (field == 52) stat->exit_code = atoi(word);
    }
    return field > 52;
}

bool caller_is_interactive_shell(pid_t process)
{
    static const char *const shells[] = {"bash", "dash", "sh",  "ash", "zsh",    "ksh",     "ksh93", "mksh", "yash",
                                         "fish", "tcsh", "csh", "rc",  "elvish", "busybox", "nu",    "pwsh", "xonsh"};
    struct process_stat stat;
    if (caller_phase(process) != PHASE_RUNNING || !stat_read(process, &stat)) return false;
    if (stat.session != process || stat.terminal == 0) return false;
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++)
        if (strcmp(stat.command, shells[i]) == 0) return true;
    return false;
}

void caller_command(pid_t process, char command[16])
{
    char path[64], text[17];
    snprintf(path, sizeof path, "/proc/%d/comm", (int)process);
    if (proc_read(path, text, sizeof text) < 0) return;
    text[strcspn(text, "\n")] = '\0';
    memcpy(command, text, 16);
}

bool caller_inspect(pid_t process, struct caller_state *ret_state)
{
    struct process_stat stat;
    *ret_state = (struct caller_state){.phase = caller_phase(process)};
    if (ret_state->phase == PHASE_UNKNOWN) return false;
    ret_state->writer.author.pid = (uint32_t)process;
    if (ret_state->phase == PHASE_EXECUTING) {
        caller_command(process, ret_state->writer.author.command);
        return true;
    }
    if (!stat_read(process, &stat)) return false;
    memcpy(ret_state->writer.author.command, stat.command, sizeof stat.command);
    ret_state->writer.started = stat.start;
    ret_state->exiting = stat.flags & EXITING_FLAG;
    ret_state->killed = ret_state->exiting && (stat.exit_code & 0x7f) != 0;
    return true;
}
