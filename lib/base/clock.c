/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

struct timespec clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now;
}

static int64_t nanoseconds(const struct timespec *time)
{
    return time->tv_sec * NS_PER_S + time->tv_nsec;
}

int64_t clock_realtime_ns(void)
{
    struct timespec now = clock_now();
    return nanoseconds(&now);
}

int64_t clock_monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return nanoseconds(&now);
}
