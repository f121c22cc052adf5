/* SPDX-License-Identifier: Apache-2.0 */
#include "token.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
enum { MAC_DIGITS = 13 }; /* of 5 bits: 65 hold 64 */

/* Shortest form, or with leading zeros up to `width` digits. Returns the number of characters. */
static size_t append_base32(char *text, uint64_t value, size_t width)
{
    char reversed[MAC_DIGITS];
    size_t length = 0;
    do {
        reversed[length++] = digits[value & 31];
        value >>= 5;
    } while (value || length < width);
    for (size_t i = 0; i < length; i++)
        text[i] = reversed[length - 1 - i];
    return length;
}

static uint64_t token_mac(const struct store *store, const struct version_id *id)
{
    uint8_t bytes[24];
    const uint64_t fields[] = {id->lineage, id->ordinal, id->nonce};
    for (size_t field = 0; field < 3; field++)
        for (size_t i = 0; i < 8; i++)
            bytes[field * 8 + i] = (uint8_t)(fields[field] >> (56 - 8 * i));

    _Static_assert(TOKEN_KEY_SIZE == crypto_shorthash_siphash24_KEYBYTES, "the store's key is a SipHash key");
    uint8_t hash[crypto_shorthash_siphash24_BYTES];
    crypto_shorthash_siphash24(hash, bytes, sizeof bytes, store->superblock.token_key);
    uint64_t mac = 0;
    for (size_t i = 0; i < sizeof hash; i++)
        mac = mac << 8 | hash[i];
    return mac;
}

void token_mint(const struct store *store, const struct version_id *id, char text[TOKEN_TEXT_SIZE])
{
    char *at = text;
    at += sprintf(at, "%" PRIu64 ".", id->ordinal);
    at += append_base32(at, id->lineage, 1);
    *at++ = '.';
    at += append_base32(at, id->nonce, 1);
    *at++ = '.';
    at += append_base32(at, token_mac(store, id), MAC_DIGITS);
    *at = '\0';
}

/* Reads digits up to `end` as a number; false for none, a foreign digit or an overflow. Whether the form was the shortest is
 * not asked here: token_parse compares with the one right text. */
static bool parse_number(const char *at, const char *end, unsigned base, uint64_t *ret_value)
{
    if (at == end) return false;
    uint64_t value = 0;
    for (; at < end; at++) {
        const char *digit = memchr(digits, *at, base);
        if (!digit || __builtin_mul_overflow(value, (uint64_t)base, &value)) return false;
        if (__builtin_add_overflow(value, (uint64_t)(digit - digits), &value)) return false;
    }
    *ret_value = value;
    return true;
}

int token_parse(const struct store *store, struct slice text, struct version_id *ret_id)
{
    if (text.size == 0 || text.size >= TOKEN_TEXT_SIZE) return ERR_BAD_TOKEN;
    const char *at = text.data;
    const char *const end = at + text.size;

    uint64_t fields[3];
    for (size_t i = 0; i < 3; i++) {
        const char *dot = memchr(at, '.', (size_t)(end - at));
        if (!dot || !parse_number(at, dot, i == 0 ? 10 : 32, &fields[i])) return ERR_BAD_TOKEN;
        at = dot + 1;
    }
    struct version_id id = {.ordinal = fields[0], .lineage = fields[1], .nonce = fields[2]};

    /* The whole text is compared, not the MAC alone, so that a version has no second spelling. The length is no secret. */
    char expected[TOKEN_TEXT_SIZE];
    token_mint(store, &id, expected);
    if (strlen(expected) != text.size || sodium_memcmp(expected, text.data, text.size) != 0) return ERR_BAD_TOKEN;
    *ret_id = id;
    return 0;
}
