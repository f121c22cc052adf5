/* SPDX-License-Identifier: Apache-2.0 */
#include "measurement.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "files.h"

void measurement_begin(struct measurement *measurement)
{
    measurement->began_ns = measurement->lapped_ns = clock_monotonic_ns();
}

void measurement_sample(struct measurement *measurement, double seconds)
{
    if (measurement->count == measurement->room) {
        measurement->room = measurement->room ? measurement->room * 2 : 4096;
        measurement->samples = realloc(measurement->samples, measurement->room * sizeof *measurement->samples);
        if (!measurement->samples) die("memory for samples");
    }
    measurement->samples[measurement->count++] = seconds;
}

void measurement_lap(struct measurement *measurement, unsigned operations)
{
    int64_t now = clock_monotonic_ns();
    measurement_sample(measurement, (double)(now - measurement->lapped_ns) / NS_PER_S / operations);
    measurement->operations += operations;
    measurement->lapped_ns = now;
}

void measurement_end(struct measurement *measurement)
{
    measurement->seconds = (double)(clock_monotonic_ns() - measurement->began_ns) / NS_PER_S;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Of sorted samples. */
static double quantile_us(const struct measurement *measurement, double quantile)
{
    if (measurement->count == 0) return 0;
    return measurement->samples[(size_t)((double)(measurement->count - 1) * quantile)] * 1e6;
}

void measurement_print(struct measurement *measurement)
{
    if (measurement->count > 0) qsort(measurement->samples, measurement->count, sizeof *measurement->samples, compare);
    printf("{\"operations\": %" PRIu64 ", \"seconds\": %.6f, \"rate\": %.3f, \"p50_us\": %.3f, \"p99_us\": %.3f",
           measurement->operations, measurement->seconds, (double)measurement->operations / measurement->seconds,
           quantile_us(measurement, 0.5), quantile_us(measurement, 0.99));
    if (measurement->contended)
        printf(", \"share_smallest\": %.4f, \"share_largest\": %.4f, \"conflicts\": %" PRIu64,
               measurement->share_smallest, measurement->share_largest, measurement->conflicts);
    printf("}\n");
}

void measurement_release(struct measurement *measurement)
{
    free(measurement->samples);
    *measurement = (struct measurement){0};
}
