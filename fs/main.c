/* SPDX-License-Identifier: Apache-2.0 */

/* occfs STORE MOUNTPOINT: opens the store, mounts it, serves until it is unmounted or told to end. */

#include <errno.h>
#include <fcntl.h>
#include <fuse_opt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "clock.h"
#include "connection.h"
#include "filesystem.h"
#include "guardian.h"
#include "live_file.h"
#include "log.h"
#include "namespace.h"
#include "operations.h"
#include "remount.h"
#include "store_directory.h"

enum { EXIT_MOUNT_FAILED = 1 };

/* ---- going to the background ---- */

/*
 * The parent waits on a pipe for the child's exit code and ends with it; the child works on. Forking comes first of all: threads,
 * locks and RocksDB do not survive it. Errors go to the terminal until background_done.
 */
static int background_pipe = -1;

static void background_begin(void)
{
    int pipe_ends[2];
    if (pipe2(pipe_ends, O_CLOEXEC) != 0) {
        perror("occfs: pipe");
        exit(EXIT_MOUNT_FAILED);
    }
    pid_t child = fork();
    if (child < 0) {
        perror("occfs: fork");
        exit(EXIT_MOUNT_FAILED);
    }
    if (child == 0) {
        close(pipe_ends[0]);
        background_pipe = pipe_ends[1];
        setsid();
        return;
    }
    close(pipe_ends[1]);
    unsigned char code = EXIT_MOUNT_FAILED; /* if the child dies without a word */
    while (read(pipe_ends[0], &code, 1) < 0 && errno == EINTR)
        continue;
    _exit(code);
}

/* Mounted: the parent ends with 0, and this process lets go of the terminal. */
static void background_done(void)
{
    if (background_pipe < 0) return;
    log_to_syslog("occfs");
    int null = open("/dev/null", O_RDWR);
    for (int descriptor = 0; null >= 0 && descriptor <= 2; descriptor++)
        dup2(null, descriptor);
    if (null > 2) close(null);
    if (chdir("/") != 0) log_warning("cannot leave the working directory: %s", strerror(errno));
    const unsigned char success = 0;
    if (write(background_pipe, &success, 1) != 1) log_warning("the starting process has gone");
    close(background_pipe);
    background_pipe = -1;
}

/* Not mounted: the parent ends with that code. Nothing to do when it has ended with 0 long ago. */
static void background_failed(int code)
{
    const unsigned char byte = (unsigned char)code;
    if (background_pipe >= 0 && write(background_pipe, &byte, 1) != 1) perror("occfs: pipe");
}

/* ---- the mount ---- */

/* A mountpoint must be a directory on which nothing of ours is mounted yet. */
static int check_mountpoint(const struct options *options)
{
    struct stat point, above;
    struct statvfs alive; /* the attributes of a dead daemon's root may still be cached */
    char *parent = NULL;
    const char *path = options->mountpoint;
    if (stat(path, &point) != 0 || statvfs(path, &alive) != 0) {
        const char *remedy = errno == ENOTCONN ? " (an earlier daemon died; unmount it with 'umount' first)" : "";
        fprintf(stderr, "occfs: %s: %s%s\n", path, strerror(errno), remedy);
        return -1;
    }
    if (!S_ISDIR(point.st_mode)) {
        fprintf(stderr, "occfs: %s: the mountpoint is not a directory\n", path);
        return -1;
    }
    if (asprintf(&parent, "%s/..", path) < 0) return -1;
    bool mounted = stat(parent, &above) == 0 && above.st_dev != point.st_dev;
    free(parent);
    if (!mounted) return 0;
    fprintf(stderr, "occfs: %s: something is mounted there already (unmount it, or choose another directory)\n", path);
    return -1;
}

static int add_mount_options(const struct options *options, struct fuse_args *args)
{
    char *name;
    if (asprintf(&name, "-odefault_permissions,subtype=occfs,fsname=%s", options->store) < 0) return -1;
    /* A comma or backslash in the path would end the option. */
    for (char *at = strstr(name, "fsname=") + 7; *at; at++)
        if (*at == ',' || *at == '\\') *at = '_';
    int failed = fuse_opt_add_arg(args, name);
    free(name);
    return failed;
}

/* Waits for a signal to end, or for the end of the connection. */
static void serve(struct filesystem *fs, const sigset_t *signals)
{
    int ends = signalfd(-1, signals, SFD_CLOEXEC);
    struct pollfd events[] = {{.fd = ends, .events = POLLIN}, {.fd = fs->workers.done_event, .events = POLLIN}};
    while (poll(events, 2, -1) < 0 && errno == EINTR)
        continue;
    close(ends);
}

/* From here on requests are answered. Returns when the filesystem has ended. */
static int run(struct filesystem *fs, struct guardian *guardian, const sigset_t *signals)
{
    struct stat root;
    accesses_init(&fs->accesses);
    int error = connection_init(fs);
    if (!error) error = notifier_start(&fs->notifier, fs);
    if (!error) error = ticker_start(&fs->ticker, fs);
    if (error) return error;
    locking_init(&fs->locking);
    error = workers_start(&fs->workers, fs);
    if (!error && stat(fs->options.mountpoint, &root) == 0) fs->device = root.st_dev;
    if (!error) {
        guardian_tell(guardian, fs->device);
        background_done();
        serve(fs, signals);
    }
    store_directory_ending(fs->directory);
    /* The kernel lets go of the mount; nobody is answered after that. Requests under way are finished. */
    fuse_session_exit(fs->session);
    workers_stop(&fs->workers);
    ticker_stop(&fs->ticker);
    notifier_stop(&fs->notifier);
    locking_release(&fs->locking);
    access_end(fs);
    accesses_release(&fs->accesses);
    return error;
}

static int mount_and_run(struct filesystem *fs, struct fuse_args *args, struct guardian *guardian,
                         const sigset_t *signals)
{
    if (check_mountpoint(&fs->options) != 0 || add_mount_options(&fs->options, args) != 0) return EXIT_MOUNT_FAILED;
    fs->session = fuse_session_new(args, &operations, sizeof operations, fs);
    if (!fs->session) return EXIT_MOUNT_FAILED;
    int code = EXIT_MOUNT_FAILED;
    if (fuse_session_mount(fs->session, fs->options.mountpoint) == 0) {
        int error = run(fs, guardian, signals);
        code = error ? error_exit_code(error) : 0;
        if (error) fprintf(stderr, "occfs: %s: %s\n", fs->options.mountpoint, error_text(error));
        fuse_session_unmount(fs->session);
    }
    fuse_session_destroy(fs->session);
    return code;
}

static int start(struct options *options, struct fuse_args *args, struct guardian *guardian, const sigset_t *signals)
{
    const struct store_directory_options store_options = {.cache_bytes = (size_t)options->cache_mib * 1024 * 1024,
                                                          .trace = options->debug,
                                                          .fault_plan = options->fault_plan};
    struct store_directory directory;
    int error = store_directory_open(options->store, &store_options, &directory);
    if (error) return error_exit_code(error);

    struct filesystem *fs = calloc(1, sizeof *fs);
    error = fs ? views_init(&fs->views) : ERR_NOMEM;
    int code = EXIT_MOUNT_FAILED;
    if (!error) {
        fs->options = *options;
        fs->started_ns = clock_monotonic_ns();
        fs->policy_generation = 1; /* above what a file begins with */
        fs->store = directory.store;
        fs->directory = &directory;
        reaper_init(&fs->reaper, fs->store);
        processes_init(&fs->processes);
        reads_init(&fs->reads, &fs->processes);
        armed_init(&fs->armed, &fs->processes);
        watches_init(&fs->watches, &fs->processes);
        code = mount_and_run(fs, args, guardian, signals);
        live_file_end_all(fs);
        views_release(&fs->views);
        watches_release(&fs->watches);
        armed_release(&fs->armed);
        reads_release(&fs->reads);
        processes_release(&fs->processes);
        reaper_release(&fs->reaper);
        /* Drafts are gone with their writers' connection; files that were open without a name go now. */
        namespace_reap_all(directory.store);
    }
    free(fs);
    store_directory_close(&directory);
    return code;
}

/* A descriptor is held for each process that has read something. */
static void raise_descriptor_limit(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

int main(int argc, char **argv)
{
    struct options options;
    struct fuse_args args;
    int code = options_parse(argc, argv, &options, &args);
    if (code != 0) return code;
    if (options.show_help || options.show_version) {
        if (options.show_help) options_print_help();
        else puts("occfs " OCCFS_VERSION);
    } else if (options.remount) {
        code = remount(options.mountpoint, &args);
    } else {
        /* Blocked before any thread exists, so that all of them inherit it and serve() alone hears them. */
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGINT);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGHUP);
        if (!options.foreground) background_begin();
        sigprocmask(SIG_BLOCK, &signals, NULL);
        signal(SIGPIPE, SIG_IGN);
        umask(0);
        raise_descriptor_limit();
        if (options.debug) log_set_level(LOG_LEVEL_DEBUG);
        struct guardian guardian;
        int error = guardian_start(options.mountpoint, &guardian);
        code = error ? error_exit_code(error) : start(&options, &args, &guardian, &signals);
        background_failed(code);
        if (!error) guardian_stop(&guardian);
    }
    fuse_opt_free_args(&args);
    options_release(&options);
    return code;
}
