/* SPDX-License-Identifier: Apache-2.0 */
#include "foreground.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "terminal.h"
#include "verb.h"

extern char **environ;

static int wait_for(pid_t child)
{
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return -errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int foreground_run(char *const argv[])
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction interrupt, quit;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    pid_t child;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGQUIT);
    int error = posix_spawnattr_init(&attributes);
    if (error) return -error;
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    sigaction(SIGINT, &ignore, &interrupt);
    sigaction(SIGQUIT, &ignore, &quit);
    fflush(stdout);
    error = posix_spawnp(&child, argv[0], NULL, &attributes, argv, environ);
    int status = error ? -error : wait_for(child);
    sigaction(SIGINT, &interrupt, NULL);
    sigaction(SIGQUIT, &quit, NULL);
    posix_spawnattr_destroy(&attributes);
    return status;
}

static const char *editor_command(void)
{
    static const char *const names[] = {"VISUAL", "EDITOR"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *command = getenv(names[i]);
        if (command && *command) return command;
    }
    return "vi";
}

/* The command may have arguments, and be any that the shell understands, as for git(1). */
int editor_run(const char *path)
{
    const char *command = editor_command();
    char *script;
    if (asprintf(&script, "%s \"$@\"", command) < 0) return failure(command, -ENOMEM);
    char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, script, (char *)command, (char *)path, NULL};
    int status = foreground_run(argv);
    free(script);
    if (status == 0) return EXIT_DONE;
    if (status < 0) return failure("sh", status);
    if (status > 128) complain(command, "the editor was ended by signal %d", status - 128);
    else complain(command, "the editor failed with %d", status);
    return EXIT_FAILURE_IO;
}
