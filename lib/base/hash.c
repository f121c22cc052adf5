/* SPDX-License-Identifier: Apache-2.0 */
#include "hash.h"

#include <string.h>
#include <xxhash.h>

struct hash128 hash128_of(struct slice bytes)
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data, bytes.size));
    struct hash128 hash;
    memcpy(hash.bytes, canonical.digest, sizeof hash.bytes);
    return hash;
}

bool hash128_equal(const struct hash128 *a, const struct hash128 *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool hash128_is_zero(const struct hash128 *hash)
{
    static const struct hash128 zero;
    return hash128_equal(hash, &zero);
}

void hash128_text(const struct hash128 *hash, char text[HASH128_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof hash->bytes; i++) {
        text[2 * i] = digits[hash->bytes[i] >> 4];
        text[2 * i + 1] = digits[hash->bytes[i] & 15];
    }
    text[HASH128_TEXT_SIZE - 1] = '\0';
}

uint64_t hash64_of_pair(struct slice first, struct slice second)
{
    /* Seeding with the first's hash keeps the boundary out of it that a plain concatenation would lose, without the
     * cost of a streaming state. */
    return XXH3_64bits_withSeed(second.data, second.size, XXH3_64bits(first.data, first.size));
}
