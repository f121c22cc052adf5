/* SPDX-License-Identifier: Apache-2.0 */
#include "encoding.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

enum { HEAD_SIZE = 1 + 8, CHECKSUM_SIZE = 8 };

struct guarded {
    const struct record_key *key;
    encoding_decode *decode;
    void *context;
};

/* Decodes an exact copy, so that an address sanitizer sees the first byte that is read behind it. */
static int decode_copy(const struct guarded *guarded, struct slice value)
{
    uint8_t *copy = malloc(value.size ? value.size : 1);
    assert_non_null(copy);
    if (value.size > 0) memcpy(copy, value.data, value.size);
    int error = guarded->decode(guarded->context, guarded->key, SLICE(copy, value.size));
    free(copy);
    return error;
}

/* The same with a right checksum, for `key`, behind `fields` (a value without one). */
static int decode_sealed(const struct guarded *guarded, struct slice fields, const struct record_key *key)
{
    struct buffer value = {0};
    buffer_append(&value, fields);
    record_seal(&value, record_key_slice(key));
    assert_success(buffer_failed(&value));
    int error = decode_copy(guarded, buffer_slice(&value));
    buffer_release(&value);
    return error;
}

static void assert_truncations_are_damage(const struct guarded *guarded, struct slice value)
{
    for (size_t size = 0; size < value.size; size++)
        assert_error(decode_copy(guarded, SLICE(value.data, size)), ERR_DAMAGED);
}

static void assert_flipped_bits_are_damage(const struct guarded *guarded, struct slice value)
{
    uint8_t *bytes = malloc(value.size);
    assert_non_null(bytes);
    memcpy(bytes, value.data, value.size);
    for (size_t bit = 0; bit < 8 * value.size; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_error(decode_copy(guarded, SLICE(bytes, value.size)), ERR_DAMAGED);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    free(bytes);
}

static void assert_other_keys_are_damage(const struct guarded *guarded, struct slice fields)
{
    struct record_key other = *guarded->key;
    for (size_t bit = 0; bit < 8 * other.size; bit++) {
        other.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_error(decode_sealed(guarded, fields, &other), ERR_DAMAGED);
        other.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    other.size--;
    assert_error(decode_sealed(guarded, fields, &other), ERR_DAMAGED);
}

/* The checksum does not protect from a writer's mistakes: the decoder must not read past fields that are missing. */
static void assert_wrong_field_counts_are_damage(const struct guarded *guarded, struct slice fields)
{
    for (size_t size = 0; size < fields.size; size++)
        assert_error(decode_sealed(guarded, SLICE(fields.data, size), guarded->key), ERR_DAMAGED);
    struct buffer more = {0};
    buffer_append(&more, fields);
    buffer_append_u8(&more, 0);
    assert_error(decode_sealed(guarded, buffer_slice(&more), guarded->key), ERR_DAMAGED);
    buffer_release(&more);
}

static void assert_encodings_are_told_apart(const struct guarded *guarded, struct slice fields)
{
    struct buffer other = {0};
    buffer_append(&other, fields);
    assert_success(buffer_failed(&other));
    for (unsigned encoding = 0; encoding < 256; encoding++) {
        if (encoding == ((const uint8_t *)fields.data)[0]) continue;
        other.data[0] = (uint8_t)encoding;
        /* An earlier encoding has other fields. */
        int expected = encoding < ((const uint8_t *)fields.data)[0] ? ERR_DAMAGED : ERR_NEWER_FORMAT;
        assert_error(decode_sealed(guarded, buffer_slice(&other), guarded->key), expected);
    }
    buffer_release(&other);
}

void assert_encoding_is_guarded(const struct record_key *key, struct slice value, encoding_decode *decode,
                                void *context)
{
    const struct guarded guarded = {key, decode, context};
    assert_true(value.size >= HEAD_SIZE + CHECKSUM_SIZE);
    const struct slice fields = SLICE(value.data, value.size - CHECKSUM_SIZE);
    assert_success(decode_copy(&guarded, value));
    assert_success(decode_sealed(&guarded, fields, key)); /* the means of the other checks */
    assert_truncations_are_damage(&guarded, value);
    assert_flipped_bits_are_damage(&guarded, value);
    assert_other_keys_are_damage(&guarded, fields);
    assert_wrong_field_counts_are_damage(&guarded, fields);
    assert_encodings_are_told_apart(&guarded, fields);
}

void assert_untouched(const void *structure, size_t size)
{
    for (size_t i = 0; i < size; i++)
        assert_int_equal(((const uint8_t *)structure)[i], ENCODING_UNTOUCHED);
}
