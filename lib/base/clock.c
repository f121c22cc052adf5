/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

struct timespec clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now;
}

struct timespec clock_from_ns(int64_t ns)
{
    struct timespec time = {.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};
    if (time.tv_nsec < 0) { /* before the epoch */
        time.tv_sec--;
        time.tv_nsec += NS_PER_S;
    }
    return time;
}

bool clock_before(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
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
