/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_CLOCK_H
#define OCC_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define NS_PER_S 1000000000LL

/* Nanoseconds since the epoch. Signed 64 bits of nanoseconds end in 2262; stored times are
 * therefore struct timespec-like pairs (see struct inode), and this is for stamps of "now". */
int64_t clock_realtime_ns(void);

struct timespec clock_from_ns(int64_t ns);

/* The time for a file's stamps. */
struct timespec clock_now(void);

bool clock_before(const struct timespec *a, const struct timespec *b);

/* For deadlines and durations. */
int64_t clock_monotonic_ns(void);

#endif
