/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_JSON_STRING_H
#define OCC_JSON_STRING_H

#include "buffer.h"

/*
 * Strings as JSON spells them, with their quotes, and what they stand for, which is UTF-8. An escape may name one half of a
 * surrogate pair alone: its three bytes then are what UTF-8 would have for it, and since such bytes are refused in the text
 * itself, no two different strings decode to the same bytes.
 */

/*
 * Reads the string whose opening quote is at `at`. NULL, and *ret_end behind its closing quote; or what is wrong with it, and
 * *ret_end where.
 */
const char *json_string_scan(const uint8_t *at, const uint8_t *end, const uint8_t **ret_end, bool *ret_escapes);

/* Of strings that json_string_scan has read, quotes included. */
void json_string_decode(struct slice text, struct buffer *decoded);
bool json_string_equal(struct slice a, struct slice b);

/* The shortest spelling: what may stand as it is does. */
void json_string_encode(struct slice decoded, struct buffer *text);

#endif
