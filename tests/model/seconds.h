/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_SECONDS_H
#define MODEL_SECONDS_H

#include <time.h>

/* Of a clock that never goes back. */
static inline double seconds_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

#endif
