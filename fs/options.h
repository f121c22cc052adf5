/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_OPTIONS_H
#define OCC_OPTIONS_H

#include <stdbool.h>

#include "policy.h"

struct fuse_args;

struct options {
    char *store;      /* directory; owned */
    char *mountpoint; /* owned */
    /* Switches are int, since fuse_opt writes one. */
    int foreground;
    int debug;
    int show_help;
    int show_version;
    int remount;        /* change the generic options of what is mounted */
    enum policy policy; /* of files and directories that have none and inherit none */
    int sync;           /* every commit survives loss of power, not only those of fsync */
    int noatime;        /* no times of access are kept, nor with: */
    int read_only;
    int base_open;            /* what a process has read before does not count: base rule 6 is off */
    int foreign_tokens;       /* tokens of other stores are ignored, not refused */
    unsigned append_commit_s; /* what was appended is committed after so many seconds; 0: at the close */
    unsigned workers;         /* request threads */
    unsigned poll_us;         /* how long a waiting thread polls before it sleeps, microseconds */
    unsigned cache_mib;       /* RocksDB's block cache */
    char *fault_plan;         /* file that says how the store shall fail, for tests; owned; NULL: none */
};

/*
 * Reads the command line. What is left for libfuse (mount options) is in ret_args, to be freed with fuse_opt_free_args.
 * 0, or the exit code of a usage error, which has been told on standard error.
 */
int options_parse(int argc, char **argv, struct options *ret_options, struct fuse_args *ret_args);
void options_release(struct options *options);

void options_print_help(void);

#endif
