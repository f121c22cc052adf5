/* SPDX-License-Identifier: Apache-2.0 */
#include "json_string.h"

#include <stdio.h>
#include <string.h>

/* ---- reading ---- */

/* The size of the UTF-8 sequence (RFC 3629) at `at`, 0 if there is none: cut, overlong, a surrogate, beyond U+10FFFF. */
static size_t utf8_size(const uint8_t *at, const uint8_t *end)
{
    uint8_t first = at[0], lowest = 0x80, highest = 0xbf;
    size_t size;
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) size = 2;
    else if (first >= 0xe0 && first <= 0xef) size = 3;
    else if (first >= 0xf0 && first <= 0xf4) size = 4;
    else return 0;
    if (first == 0xe0) lowest = 0xa0;
    if (first == 0xed) highest = 0x9f;
    if (first == 0xf0) lowest = 0x90;
    if (first == 0xf4) highest = 0x8f;
    if ((size_t)(end - at) < size || at[1] < lowest || at[1] > highest) return 0;
    for (size_t i = 2; i < size; i++)
        if ((at[i] & 0xc0) != 0x80) return 0;
    return size;
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9') return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The size of the escape at `at`, its backslash included; 0 if it is none. */
static size_t escape_size(const uint8_t *at, const uint8_t *end)
{
    size_t left = (size_t)(end - at);
    if (left < 2 || at[1] == '\0') return 0;
    if (strchr("\"\\/bfnrt", at[1])) return 2;
    if (at[1] != 'u' || left < 6) return 0;
    for (size_t i = 2; i < 6; i++)
        if (hex_digit(at[i]) < 0) return 0;
    return 6;
}

const char *json_string_scan(const uint8_t *at, const uint8_t *end, const uint8_t **ret_end, bool *ret_escapes)
{
    bool escapes = false;
    const char *problem = NULL;
    for (at++; !problem;) {
        size_t size = 0;
        if (at == end) {
            problem = "the string has no end";
        } else if (*at == '"') {
            at++;
            break;
        } else if (*at < ' ') {
            problem = "a control character in a string (it must be escaped)";
        } else if (*at == '\\') {
            size = escape_size(at, end);
            escapes = true;
            if (size == 0) problem = "not an escape of JSON (\\\\, \\\", \\/, \\b, \\f, \\n, \\r, \\t, \\uXXXX)";
        } else {
            size = utf8_size(at, end);
            if (size == 0) problem = "not UTF-8";
        }
        at += size;
    }
    *ret_end = at;
    if (!problem) *ret_escapes = escapes;
    return problem;
}

/* ---- what it stands for ---- */

static uint32_t code_unit(const uint8_t *digits)
{
    uint32_t unit = 0;
    for (size_t i = 0; i < 4; i++)
        unit = unit << 4 | (uint32_t)hex_digit(digits[i]);
    return unit;
}

static uint32_t next_escaped(const uint8_t **at, const uint8_t *end)
{
    const uint8_t *escape = *at;
    *at += escape[1] == 'u' ? 6 : 2;
    switch (escape[1]) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'u':
        break;
    default:
        return escape[1];
    }
    uint32_t unit = code_unit(escape + 2);
    if (unit >= 0xd800 && unit <= 0xdbff && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u') {
        uint32_t low = code_unit(*at + 2);
        if (low >= 0xdc00 && low <= 0xdfff) {
            *at += 6;
            return 0x10000 + ((unit - 0xd800) << 10 | (low - 0xdc00));
        }
    }
    return unit;
}

/* The code point at *at, which is inside of a string that was scanned. `end`: its closing quote. */
static uint32_t next_code_point(const uint8_t **at, const uint8_t *end)
{
    if (**at == '\\') return next_escaped(at, end);
    uint8_t first = *(*at)++;
    if (first < 0x80) return first;
    size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    uint32_t code_point = first & (0x3f >> more);
    for (; more > 0; more--)
        code_point = code_point << 6 | (*(*at)++ & 0x3f);
    return code_point;
}

static void append_code_point(struct buffer *buffer, uint32_t code_point)
{
    size_t more = code_point < 0x80 ? 0 : code_point < 0x800 ? 1 : code_point < 0x10000 ? 2 : 3;
    static const uint8_t marks[] = {0, 0xc0, 0xe0, 0xf0};
    buffer_append_u8(buffer, (uint8_t)(marks[more] | code_point >> (6 * more)));
    while (more-- > 0)
        buffer_append_u8(buffer, (uint8_t)(0x80 | (code_point >> (6 * more) & 0x3f)));
}

void json_string_decode(struct slice text, struct buffer *decoded)
{
    const uint8_t *at = (const uint8_t *)text.data + 1, *end = (const uint8_t *)text.data + text.size - 1;
    while (at < end)
        append_code_point(decoded, next_code_point(&at, end));
}

bool json_string_equal(struct slice a, struct slice b)
{
    if (slice_equal(a, b)) return true;
    const uint8_t *at_a = (const uint8_t *)a.data + 1, *end_a = (const uint8_t *)a.data + a.size - 1;
    const uint8_t *at_b = (const uint8_t *)b.data + 1, *end_b = (const uint8_t *)b.data + b.size - 1;
    while (at_a < end_a && at_b < end_b)
        if (next_code_point(&at_a, end_a) != next_code_point(&at_b, end_b)) return false;
    return at_a == end_a && at_b == end_b;
}

/* ---- spelling ---- */

static void append_unit(struct buffer *text, uint32_t unit)
{
    char escape[7];
    snprintf(escape, sizeof escape, "\\u%04x", unit & 0xffff);
    buffer_append(text, SLICE(escape, 6));
}

void json_string_encode(struct slice decoded, struct buffer *text)
{
    static const char escaped[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const uint8_t *bytes = decoded.data;
    buffer_append_u8(text, '"');
    for (size_t i = 0; i < decoded.size; i++) {
        const char *found = bytes[i] ? strchr(escaped, bytes[i]) : NULL;
        if (found) {
            buffer_append_u8(text, '\\');
            buffer_append_u8(text, (uint8_t)letters[found - escaped]);
        } else if (bytes[i] < ' ') {
            append_unit(text, bytes[i]);
        } else if (bytes[i] == 0xed && decoded.size - i >= 3 && bytes[i + 1] >= 0xa0) {
            append_unit(text, 0xd000u | (bytes[i + 1] & 0x3fu) << 6 | (bytes[i + 2] & 0x3fu));
            i += 2;
        } else {
            buffer_append_u8(text, bytes[i]);
        }
    }
    buffer_append_u8(text, '"');
}
