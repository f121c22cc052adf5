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
        if (i == CONTENT_LABEL) i = CONTENT_MIN; /* not over itself */
        if (i >= size) break;
        hash = (hash ^ bytes[i]) * 1099511628211ULL;
    }
    return (uint32_t)(hash >> 40);
}

void content_make(uint8_t *bytes, size_t size, const struct content_label *label, uint64_t *random)
{
    memcpy(bytes, label, CONTENT_LABEL);
    for (size_t i = CONTENT_MIN; i < size; i += 8) {
        uint64_t word = random_next(random);
        memcpy(bytes + i, &word, size - i < 8 ? size - i : 8);
    }
    uint32_t sum = checksum(bytes, size);
    memcpy(bytes + CONTENT_LABEL, &sum, 3);
}

bool content_check(const uint8_t *bytes, size_t size, struct content_label *ret_label)
{
    if (size < CONTENT_MIN || size > CONTENT_MAX) return false;
    uint32_t sum = checksum(bytes, size), given = 0;
    memcpy(&given, bytes + CONTENT_LABEL, 3);
    memcpy(ret_label, bytes, CONTENT_LABEL);
    return sum == given;
}

size_t content_draw_size(uint64_t *random)
{
    bool large = random_next(random) % 4 == 0;
    return CONTENT_MIN + random_next(random) % (large ? CONTENT_MAX - CONTENT_MIN : 4096);
}
