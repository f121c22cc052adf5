/* SPDX-License-Identifier: Apache-2.0 */
#include "content.h"

#include <string.h>

uint64_t random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 2685821657736338717ULL;
}

static uint32_t checksum(const uint8_t *bytes, size_t size)
{
    uint64_t hash = 14695981039346656037ULL ^ size;
    for (size_t i = 0; i < size; i++) {
        if (i == 8) i = CONTENT_MIN; /* not over itself */
        if (i >= size) break;
        hash = (hash ^ bytes[i]) * 1099511628211ULL;
    }
    return (uint32_t)(hash >> 40);
}

void content_make(uint8_t *bytes, size_t size, uint64_t counter, uint64_t *random)
{
    memcpy(bytes, &counter, sizeof counter);
    for (size_t i = CONTENT_MIN; i < size; i += 8) {
        uint64_t word = random_next(random);
        memcpy(bytes + i, &word, size - i < 8 ? size - i : 8);
    }
    uint32_t sum = checksum(bytes, size);
    memcpy(bytes + 8, &sum, 3);
}

bool content_check(const uint8_t *bytes, size_t size, uint64_t *ret_counter)
{
    if (size < CONTENT_MIN || size > CONTENT_MAX) return false;
    uint32_t sum = checksum(bytes, size), given = 0;
    memcpy(&given, bytes + 8, 3);
    memcpy(ret_counter, bytes, sizeof *ret_counter);
    return sum == given;
}
