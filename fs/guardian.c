/* SPDX-License-Identifier: Apache-2.0 */
#include "guardian.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "log.h"

/* At once: a moment later the number might be a new mount's. */
static void abort_connection(dev_t device, const char *mountpoint)
{
    char path[64];
    snprintf(path, sizeof path, "/sys/fs/fuse/connections/%u/abort", minor(device));
    int control = open(path, O_WRONLY | O_CLOEXEC);
    if (control >= 0 && write(control, "1", 1) == 1) return;
    /* No fusectl here: forcing an unmount aborts as well, whether or not the mount is in use. Needs rights that an
     * ordinary user has not; then 'umount -f' remains. */
    umount2(mountpoint, MNT_FORCE);
}

static _Noreturn void guard(const char *mountpoint, int told, pid_t daemon)
{
    sigset_t death;
    sigemptyset(&death);
    sigaddset(&death, SIGTERM);
    sigprocmask(SIG_SETMASK, &death, NULL);
    prctl(PR_SET_NAME, "occfs-guardian");
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    setsid(); /* what is typed at the daemon's terminal is not meant for this */
    for (int descriptor = 0; descriptor < 3; descriptor++)
        close(descriptor);
    if (chdir("/") != 0) _exit(1); /* it shall not keep the directory busy in which the daemon was started */

    dev_t device;
    ssize_t got = read(told, &device, sizeof device);
    close(told);
    if (got != sizeof device) _exit(0); /* it never mounted */
    int signal;
    if (getppid() == daemon) sigwait(&death, &signal);
    abort_connection(device, mountpoint);
    _exit(0);
}

int guardian_start(const char *mountpoint, struct guardian *ret_guardian)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return error_from_errno(errno);
    pid_t daemon = getpid(), process = fork();
    if (process == 0) {
        close(ends[1]);
        guard(mountpoint, ends[0], daemon);
    }
    close(ends[0]);
    if (process < 0) {
        close(ends[1]);
        return error_from_errno(errno);
    }
    *ret_guardian = (struct guardian){.process = process, .tell = ends[1]};
    return 0;
}

void guardian_tell(struct guardian *guardian, dev_t device)
{
    if (write(guardian->tell, &device, sizeof device) != sizeof device)
        log_warning("the guardian has gone: if this daemon is killed, 'umount -f' may be needed");
}

void guardian_stop(struct guardian *guardian)
{
    close(guardian->tell);
    kill(guardian->process, SIGKILL);
    while (waitpid(guardian->process, NULL, 0) < 0 && errno == EINTR)
        continue;
}
