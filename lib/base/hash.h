/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_HASH_H
#define OCC_HASH_H

#include "buffer.h"

/* XXH3, 128 bits, canonical big-endian byte order. Not cryptographic: whoever must not be fooled
 * compares the bytes as well. */
struct hash128 {
    uint8_t bytes[16];
};

struct hash128 hash128_of(struct slice bytes);
bool hash128_equal(const struct hash128 *a, const struct hash128 *b);
bool hash128_is_zero(const struct hash128 *hash);

#define HASH128_TEXT_SIZE 33 /* 32 lower-case hex digits and the NUL */
void hash128_text(const struct hash128 *hash, char text[HASH128_TEXT_SIZE]);

/* XXH3, 64 bits, of the second piece, seeded with the first one's; the checksum of stored values. */
uint64_t hash64_of_pair(struct slice first, struct slice second);

#endif
