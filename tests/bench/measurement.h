/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MEASUREMENT_H
#define BENCH_MEASUREMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What one run of a workload took. Time counts from measurement_begin to measurement_end; each lap between is a sample,
 * the time since the lap before. Who has no memory for a sample ends the program.
 */
struct measurement {
    double *samples; /* seconds per operation */
    size_t count, room;
    uint64_t operations;
    double seconds;
    int64_t began_ns, lapped_ns; /* monotonic */

    bool contended;                       /* the rest is set only then */
    double share_smallest, share_largest; /* of all operations, per process */
    uint64_t conflicts;
};

void measurement_begin(struct measurement *measurement);

/* `operations` (at least one) have been done since the last lap. */
void measurement_lap(struct measurement *measurement, unsigned operations);

void measurement_end(struct measurement *measurement);

/* An operation that took so long, timed by somebody else, who also counts it. */
void measurement_sample(struct measurement *measurement, double seconds);

/* Prints one line, a JSON object: operations, seconds, rate (operations per second), p50_us, p99_us (microseconds), and
 * if contended share_smallest, share_largest, conflicts. Sorts the samples. */
void measurement_print(struct measurement *measurement);

void measurement_release(struct measurement *measurement);

#endif
