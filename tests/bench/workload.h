/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <stdbool.h>

#include "files.h"
#include "measurement.h"

struct workload;

/* How a workload is run. The working directory is the one to work in. */
struct setting {
    const struct workload *workload;
    double scale;        /* of all counts and sizes */
    unsigned operations; /* the workload's, scaled */
    bool optimistic;     /* contended updates retry after a conflict; otherwise they lock the file */
};

/*
 * Something to measure. `prepare`, if there is one, makes what it needs, in a process of its own. Then either
 * `operation` is called for each number from 0 to operations - 1, and each call is a lap, or `measure` does it all.
 */
struct workload {
    const char *name;  /* on the command line */
    const char *title; /* in the table */
    const char
        *unit; /* of the rate: "op/s", "MiB/s" (an operation is a MiB), "s" (the time of the only operation is shown) */
    double target;       /* occfs is to reach so many times the rate of passthrough_ll; 0: not said */
    unsigned operations; /* at scale 1 */
    unsigned warm_up;    /* calls of `operation` before the clock runs */
    bool alone;          /* of occfs only, compared with nothing */
    bool cold;           /* everything is mounted anew between prepare and measure, nothing is cached */
    struct contention {
        unsigned processes, files, think_ms;
    } contention;
    void (*prepare)(const struct setting *setting);
    void (*operation)(unsigned number);
    void (*measure)(const struct setting *setting, struct measurement *measurement);
};

/* By theme; each ends with a workload without a name. */
extern const struct workload small_file_workloads[], name_workloads[], large_file_workloads[], repository_workloads[],
    contended_workloads[];

/* `count` times the scale, at least 1. */
unsigned scaled(const struct setting *setting, unsigned count);

#endif
