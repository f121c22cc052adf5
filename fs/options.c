/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>
#include <fuse_opt.h>

enum { EXIT_USAGE = 2, KEY_IGNORE = 1, KEY_NOATIME, KEY_READ_ONLY, WORKERS_MAX = 256 };

/* One value of struct options, or a key that is handled by hand. */
static const struct fuse_opt specification[] = {
    {"-f", offsetof(struct options, foreground), 1},
    {"-d", offsetof(struct options, debug), 1},
    {"-h", offsetof(struct options, show_help), 1},
    {"--help", offsetof(struct options, show_help), 1},
    {"-V", offsetof(struct options, show_version), 1},
    {"--version", offsetof(struct options, show_version), 1},
    {"remount", offsetof(struct options, remount), 1},
    {"sync", offsetof(struct options, sync), 1},
    {"policy=reject", offsetof(struct options, policy), POLICY_REJECT},
    {"policy=live", offsetof(struct options, policy), POLICY_LIVE},
    {"base=read", offsetof(struct options, base_open), 0},
    {"base=open", offsetof(struct options, base_open), 1},
    {"foreign_tokens=refuse", offsetof(struct options, foreign_tokens), 0},
    {"foreign_tokens=ignore", offsetof(struct options, foreign_tokens), 1},
    {"append_commit=%u", offsetof(struct options, append_commit_s), 0},
    {"workers=%u", offsetof(struct options, workers), 0},
    {"poll=%u", offsetof(struct options, poll_us), 0},
    {"cache=%u", offsetof(struct options, cache_mib), 0},
    {"fault_plan=%s", offsetof(struct options, fault_plan), 0},
    FUSE_OPT_KEY("default_permissions", KEY_IGNORE), /* always on: main adds it */
    FUSE_OPT_KEY("noatime", KEY_NOATIME),
    FUSE_OPT_KEY("ro", KEY_READ_ONLY),
    FUSE_OPT_END,
};

void options_print_help(void)
{
    printf(
        "usage: occfs STORE MOUNTPOINT [-o option,...] [-f] [-d]\n"
        "\n"
        "Mounts the store in directory STORE, which is created if it is absent or empty. Files commit on close;\n"
        "a writer whose base is no longer the newest version gets EAGAIN, its content is kept as FILE.conflict.\n"
        "\n"
        "  -f                  stay in the foreground, log to standard error\n"
        "  -d                  the same, and log every request and store call\n"
        "  -h, --help          this text\n"
        "  -V, --version       the version\n"
        "  -o allow_other      let other users in (a user who is not root needs user_allow_other in fuse.conf)\n"
        "  -o sync             each commit survives loss of power, not only those of fsync\n"
        "  -o policy=POLICY    what happens when writers meet where nothing else was set: reject or live (reject)\n"
        "  -o base=RULE        what a process had read by name before it writes counts, or not: read or open (read)\n"
        "  -o foreign_tokens=P  tokens of other stores, which copies carry along: refuse or ignore (refuse)\n"
        "  -o append_commit=S  what was only appended to a file is committed after S seconds; 0: when it is closed "
        "(5)\n"
        "  -o workers=N        request threads (10)\n"
        "  -o poll=MICROSECS   how long a thread polls for the next request before it sleeps (50)\n"
        "  -o cache=MIB        memory for cached records (64)\n"
        "  -o remount          with generic options, as 'mount -o remount' gives them: they are in effect from now on\n"
        "  -o fault_plan=FILE  for tests: the store fails as FILE says\n"
        "  -o ro,nosuid,nodev,noexec,noatime,...\n"
        "                      the generic mount options\n"
        "\n"
        "Unmount with 'umount MOUNTPOINT' or 'fusermount3 -u MOUNTPOINT'. Manual: occfs(8), occfs(7).\n");
}

static int take_argument(void *data, const char *argument, int key, struct fuse_args *rest)
{
    struct options *options = data;
    (void)rest;
    if (key == KEY_IGNORE) return 0;
    if (key == KEY_NOATIME) options->noatime = true; /* the kernel is told as well */
    if (key == KEY_READ_ONLY) options->read_only = true;
    if (key != FUSE_OPT_KEY_NONOPT) return 1; /* libfuse's and mount(8)'s */
    char **place = !options->store ? &options->store : !options->mountpoint ? &options->mountpoint : NULL;
    if (!place) {
        fprintf(stderr, "occfs: unexpected argument '%s' (usage: occfs STORE MOUNTPOINT [-o option,...])\n", argument);
        return -1;
    }
    *place = strdup(argument);
    return *place ? 0 : -1;
}

static int usage_error(const char *what)
{
    fprintf(stderr, "occfs: %s (try 'occfs --help')\n", what);
    return EXIT_USAGE;
}

/* Absolute, because the daemon leaves its directory; a store need not exist yet. */
static char *absolute(char *path)
{
    char *resolved = realpath(path, NULL);
    if (!resolved && errno == ENOENT && path[0] != '/') {
        char *directory = realpath(".", NULL);
        if (!directory || asprintf(&resolved, "%s/%s", directory, path) < 0) resolved = NULL;
        free(directory);
    }
    if (!resolved) return path;
    free(path);
    return resolved;
}

int options_parse(int argc, char **argv, struct options *ret_options, struct fuse_args *ret_args)
{
    struct options options = {.append_commit_s = 5, .workers = 10, .poll_us = 50, .cache_mib = 64};
    struct fuse_args args = FUSE_ARGS_INIT(argc, argv);
    if (fuse_opt_parse(&args, &options, specification, take_argument) < 0) {
        fuse_opt_free_args(&args);
        options_release(&options);
        return EXIT_USAGE;
    }
    const char *wrong = NULL;
    if (!options.show_help && !options.show_version) {
        if (!options.store) wrong = "no store and no mountpoint given";
        else if (!options.mountpoint) wrong = "no mountpoint given";
        else if (options.workers < 2 || options.workers > WORKERS_MAX) wrong = "workers must be 2 to 256";
        else if (options.append_commit_s > 86400) wrong = "append_commit must be 0 to 86400 seconds";
        else if (options.poll_us > 1000) wrong = "poll must be 0 to 1000 microseconds";
        else if (options.cache_mib < 8 || options.cache_mib > 65536) wrong = "cache must be 8 to 65536 MiB";
    }
    if (wrong) {
        fuse_opt_free_args(&args);
        options_release(&options);
        return usage_error(wrong);
    }
    if (options.store) options.store = absolute(options.store);
    if (options.mountpoint) options.mountpoint = absolute(options.mountpoint);
    if (options.fault_plan) options.fault_plan = absolute(options.fault_plan);
    options.foreground |= options.debug;
    *ret_options = options;
    *ret_args = args;
    return 0;
}

void options_release(struct options *options)
{
    free(options->store);
    free(options->mountpoint);
    free(options->fault_plan);
}
