/* SPDX-License-Identifier: Apache-2.0 */
#include "json_error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH_MAX = 160 };

static const char byte_order_mark[] = "\xef\xbb\xbf";

static bool continues_character(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

void json_error_locate(struct json_error *error, struct slice text, size_t offset)
{
    const uint8_t *bytes = text.data;
    size_t at = text.size >= 3 && offset >= 3 && memcmp(bytes, byte_order_mark, 3) == 0 ? 3 : 0;
    error->offset = offset;
    error->line = error->column = 1;
    for (; at < offset; at++) {
        bool pair = bytes[at] == '\r' && at + 1 < text.size && bytes[at + 1] == '\n';
        if (bytes[at] == '\n' || (bytes[at] == '\r' && !pair)) {
            error->line++;
            error->column = 1;
        } else if (!continues_character(bytes[at])) {
            error->column++;
        }
    }
}

static void replace_controls(char *text)
{
    for (; *text; text++)
        if ((uint8_t)*text < ' ' || *text == 0x7f) *text = '?';
}

/* A text that did not fit ends where a character ends. */
static void format_text(char *text, size_t size, const char *format, va_list arguments)
{
    int length = vsnprintf(text, size, format, arguments);
    if (length > 0 && (size_t)length >= size) {
        size_t end = size - 1;
        while (end > 0 && continues_character((uint8_t)text[end - 1]))
            end--;
        if (end > 0 && (uint8_t)text[end - 1] >= 0xc0) end--;
        text[end] = '\0';
    }
    replace_controls(text);
}

int json_error_at(struct json_error *error, enum json_error_kind kind, struct slice text, size_t offset,
                  const char *format, ...)
{
    va_list arguments;
    *error = (struct json_error){.kind = kind, .operation = JSON_NO_OPERATION};
    json_error_locate(error, text, offset);
    int length = snprintf(error->text, sizeof error->text, "line %zu, column %zu: ", error->line, error->column);
    va_start(arguments, format);
    format_text(error->text + length, sizeof error->text - (size_t)length, format, arguments);
    va_end(arguments);
    return ERR_INVAL;
}

int json_error_say(struct json_error *error, enum json_error_kind kind, const char *format, ...)
{
    va_list arguments;
    *error = (struct json_error){.kind = kind, .line = 1, .column = 1, .operation = JSON_NO_OPERATION};
    va_start(arguments, format);
    format_text(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return ERR_INVAL;
}

int json_error_width(struct slice shown)
{
    if (shown.size <= WIDTH_MAX) return (int)shown.size;
    const uint8_t *bytes = shown.data;
    size_t width = WIDTH_MAX;
    while (width > 0 && continues_character(bytes[width]))
        width--;
    return (int)width;
}
