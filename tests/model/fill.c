/* SPDX-License-Identifier: Apache-2.0 */
#include "fill.h"

#include <string.h>

#include "random_numbers.h"

void fill_bytes(uint8_t *bytes, size_t size, int64_t fill)
{
    struct random_numbers numbers = {.state = (uint64_t)fill};
    if (fill == 0) {
        memset(bytes, 0, size);
        return;
    }
    for (size_t i = 0; i < size; i += 8) {
        uint64_t word = random_next(&numbers) | 0x0101010101010101; /* no byte is taken for a hole's */
        memcpy(bytes + i, &word, size - i < 8 ? size - i : 8);
    }
}
