/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any program, and whether it or a descendant of it met a conflict: also where it did not look at what close(2) returned.
 *
 * Each mount tells of the conflicts of those who descend from whoever has its .occ/watch open. It is opened before the program begins,
 * and read when it has ended.
 */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arguments.h"
#include "described.h"
#include "mountpoints.h"
#include "terminal.h"
#include "verb.h"

enum { OPTION_JSON = 256 };

/* ---- watching ---- */

struct watch {
    const struct mountpoint *mount;
    FILE *stream; /* NULL: this mount cannot be watched */
};

struct watches {
    struct mountpoint_list mounts;
    struct watch *list; /* one for each mount */
    bool json;
    json_t *seen; /* siblings as keys: one draft may meet its conflict more than once */
    unsigned conflicts;
};

static dev_t device_of(const struct mountpoint *mount)
{
    return makedev(mount->major, mount->minor);
}

static bool is_watched(const struct watches *watches, const struct mountpoint *mount, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (watches->list[i].stream && device_of(watches->list[i].mount) == device_of(mount)) return true;
    return false;
}

/* Something else may be mounted over a mountpoint, or it may be another user's: then the program cannot use it either. */
static bool is_reachable(const struct mountpoint *mount)
{
    struct stat status;
    if (stat(mount->point, &status) == 0) return status.st_dev == device_of(mount);
    if (errno == ENOTCONN || errno == ECONNABORTED)
        tell(mount->point, "the daemon of this mount is gone: nothing is told of it");
    return false;
}

static FILE *watch_open(const struct mountpoint *mount)
{
    char *path;
    FILE *stream = NULL;
    if (!is_reachable(mount) || asprintf(&path, "%s/.occ/watch", mount->point) < 0) return NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0) stream = fdopen(fd, "r");
    else tell(mount->point, "its daemon does not tell of conflicts: %s (is it an older occfs?)", strerror(errno));
    free(path);
    return stream;
}

static int watches_init(struct watches *watches)
{
    int error = mountpoint_list_init(&watches->mounts);
    if (error) return error;
    watches->seen = json_object();
    watches->list = calloc(watches->mounts.count + 1, sizeof *watches->list);
    if (!watches->list || !watches->seen) {
        free(watches->list);
        json_decref(watches->seen);
        mountpoint_list_release(&watches->mounts);
        return -ENOMEM;
    }
    for (size_t i = 0; i < watches->mounts.count; i++) {
        const struct mountpoint *mount = &watches->mounts.mounts[i];
        watches->list[i].mount = mount;
        if (strcmp(mount->root, "/") == 0 && !is_watched(watches, mount, i))
            watches->list[i].stream = watch_open(mount);
    }
    return 0;
}

static void watches_release(struct watches *watches)
{
    for (size_t i = 0; i < watches->mounts.count; i++)
        if (watches->list[i].stream) fclose(watches->list[i].stream);
    free(watches->list);
    json_decref(watches->seen);
    mountpoint_list_release(&watches->mounts);
}

/* ---- telling ---- */

/* A path from the root of the mount that an object has as a member; NULL if it is null, or memory is short. To be freed. */
static char *path_member(const struct mountpoint *mount, const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    char *path;
    const char *separator = strcmp(mount->point, "/") == 0 ? "" : "/";
    return value && asprintf(&path, "%s%s%s", mount->point, separator, value) >= 0 ? path : NULL;
}

/* It is resolved if somebody has removed the sibling, as those do who try again by themselves. */
static bool stands(const char *sibling)
{
    struct stat status;
    return !sibling || lstat(sibling, &status) == 0 || errno != ENOENT;
}

static void tell_json(json_t *object, const char *path, const char *sibling)
{
    json_object_set_new(object, "path", json_of_text(path));
    json_object_set_new(object, "sibling", json_of_text(sibling));
    json_dumpf(object, stderr, JSON_COMPACT);
    putc('\n', stderr);
}

static void tell_text(const json_t *object, const char *kind, const char *path, const char *sibling)
{
    const json_t *writer = json_object_get(object, "writer");
    const char *command = json_string_value(json_object_get(writer, "command"));
    int pid = (int)json_integer_value(json_object_get(writer, "pid"));
    const char *file = path ? path : "a file whose directory is gone";
    if (!command) command = "a process";
    if (strcmp(kind, "conflict") == 0)
        complain(file, "conflict: what %s (pid %d) wrote is in %s", command, pid, sibling ? sibling : "a sibling");
    else complain(file, "%s (pid %d) was killed before it had written all: the file is as it was", command, pid);
}

/* Whether it is told of for the first time. */
static bool is_new(struct watches *watches, const char *sibling)
{
    if (!sibling) return true;
    bool seen = json_object_get(watches->seen, sibling) != NULL;
    json_object_set_new_nocheck(watches->seen, sibling, json_true());
    return !seen;
}

static void tell_line(struct watches *watches, const struct mountpoint *mount, const char *line)
{
    json_t *object = json_loads(line, 0, NULL);
    const char *kind = json_string_value(json_object_get(object, "kind"));
    char *path = path_member(mount, object, "path"), *sibling = path_member(mount, object, "sibling");
    bool conflict = kind && strcmp(kind, "conflict") == 0;
    if (!kind) {
        complain(mount->point, "it tells what this program does not understand (are occ and occfs of one version?)");
    } else if (strcmp(kind, "overflow") == 0) {
        tell(mount->point, "there were more than are told here (see .occ/conflicts)");
    } else if (!is_new(watches, sibling)) {
        /* it has been told */
    } else if (!conflict || stands(sibling)) {
        watches->conflicts += conflict;
        if (watches->json && !quiet) tell_json(object, path, sibling);
        else if (!quiet) tell_text(object, kind, path, sibling);
    } else if (verbose) {
        complain(path, "there was a conflict, which is resolved");
    }
    free(path);
    free(sibling);
    json_decref(object);
}

static void watch_tell(struct watches *watches, const struct watch *watch)
{
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, watch->stream) >= 0)
        tell_line(watches, watch->mount, line);
    if (ferror(watch->stream))
        tell(watch->mount->point, "the daemon of this mount is gone: nothing more is told of it");
    free(line);
}

static void watches_tell(struct watches *watches)
{
    for (size_t i = 0; i < watches->mounts.count; i++)
        if (watches->list[i].stream) watch_tell(watches, &watches->list[i]);
}

/* ---- the program ---- */

enum { EXIT_CANNOT_RUN = 126, EXIT_NOT_FOUND = 127, EXIT_SIGNAL = 128 }; /* as env(1) and the shells have them */

static void signals_fill(sigset_t *ret_signals)
{
    static const int passed_on[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH, SIGCHLD};
    sigemptyset(ret_signals);
    for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
        sigaddset(ret_signals, passed_on[i]);
}

static _Noreturn void execute(char *const argv[], const sigset_t *mask)
{
    sigprocmask(SIG_SETMASK, mask, NULL);
    execvp(argv[0], argv);
    int why = errno;
    complain(argv[0], "%s", strerror(why));
    _exit(why == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN);
}

/* Takes leave of all that have ended. Whether the program has, and its status. */
static bool has_ended(pid_t child, int *ret_status)
{
    bool ended = false;
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid != child) continue; /* an orphan that this has adopted */
        ended = true;
        *ret_status = status;
    }
    return ended;
}

/* Waits for the program, and passes signals on to it: not those of the terminal, which it has got itself. */
static int attend(pid_t child, const sigset_t *signals)
{
    for (;;) {
        siginfo_t info;
        int status, signal = sigwaitinfo(signals, &info);
        if (signal < 0) continue; /* EINTR: it was stopped and goes on */
        if (signal != SIGCHLD && info.si_code != SI_KERNEL) kill(child, signal);
        if (signal != SIGCHLD || !has_ended(child, &status)) continue;
        return WIFSIGNALED(status) ? EXIT_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
    }
}

/* Its exit code, or a negative errno value. */
static int run_program(char *const argv[])
{
    sigset_t signals, before;
    signals_fill(&signals);
    sigprocmask(SIG_BLOCK, &signals, &before);
    signal(SIGCHLD, SIG_DFL);         /* whoever has started this may have ignored it */
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* who loses its parent goes on to be a descendant */
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) execute(argv, &before);
    int code = child < 0 ? -errno : attend(child, &signals);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return code;
}

static int run(int argc, char *argv[])
{
    struct watches watches = {0};
    for (int id; (id = option_next(argc, argv)) != -1;)
        watches.json |= id == OPTION_JSON;
    operands_check(argc, 1, -1);
    int error = watches_init(&watches);
    if (error) return failure("/proc/self/mountinfo", error);
    int code = run_program(argv + optind);
    if (code < 0) code = failure(argv[optind], code);
    else watches_tell(&watches);
    if (watches.conflicts > 0) code = EXIT_CONFLICT;
    watches_release(&watches);
    return code;
}

const struct verb verb_of_run = {
    .name = "run",
    .operands = "CMD [ARGUMENT...]",
    .summary = "run a program, and tell whether it met a conflict",
    .help = "Runs CMD. When it has ended, the conflicts on all occfs mounts of CMD and its descendants are listed on "
            "standard\n"
            "error, and the exit status is 75 if there were any; else it is that of CMD.",
    .options =
        (const struct verb_option[]){
            {OPTION_JSON, "json", ARGUMENT_NONE, NULL, "list them as JSON objects, one a line", NULL},
            {0},
        },
    .operand = ARGUMENT_COMMAND,
    .takes_command = true,
    .run = run,
};
