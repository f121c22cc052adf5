/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_RANDOM_NUMBERS_H
#define OCC_RANDOM_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

/* The same numbers in every run, so that a failure can be repeated: splitmix64 (Steele, Lea, Flood 2014). */
struct random_numbers {
    uint64_t state;
};

static inline uint64_t random_next(struct random_numbers *numbers)
{
    uint64_t value = numbers->state += 0x9e3779b97f4a7c15;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
    value = (value ^ value >> 27) * 0x94d049bb133111eb;
    return value ^ value >> 31;
}

/* A field as tests want it: often one where encoders go wrong. */
static inline uint64_t random_field(struct random_numbers *numbers)
{
    static const uint64_t edges[] = {
        0, 1, 127, 128, 255, 256, 65535, 0x7fffffff, 0x80000000, 0xffffffff, INT64_MAX, 1ULL + INT64_MAX, UINT64_MAX};
    uint64_t value = random_next(numbers);
    return value % 3 == 0 ? edges[(value >> 8) % (sizeof edges / sizeof edges[0])] : value;
}

static inline void random_bytes(struct random_numbers *numbers, void *bytes, size_t size)
{
    uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++)
        at[i] = (uint8_t)random_next(numbers);
}

#endif
