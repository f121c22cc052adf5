/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* posix_spawn's functions return the errno value. Descriptors that are close-on-exec stay open where they are duplicated onto themselves. */
static int start(char *const argv[], int in, int out, int err, pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error) return -error;
    error = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    if (!error) error = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (!error) error = posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    if (!error) error = posix_spawnp(ret_pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

int command_run(char *const argv[], int in, int out, int err, int *ret_status)
{
    pid_t pid;
    fflush(NULL);
    int error = start(argv, in, out, err, &pid);
    if (error) return error;
    while (waitpid(pid, ret_status, 0) < 0)
        if (errno != EINTR) return -errno;
    return 0;
}

void command_status_text(int status, char ret_text[COMMAND_TEXT_SIZE])
{
    if (WIFSIGNALED(status))
        snprintf(ret_text, COMMAND_TEXT_SIZE, "was killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else snprintf(ret_text, COMMAND_TEXT_SIZE, "exited with %d", WEXITSTATUS(status));
}
