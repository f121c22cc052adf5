/* SPDX-License-Identifier: Apache-2.0 */
#include "buffer.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"

bool slice_equal(struct slice a, struct slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

int slice_compare(struct slice a, struct slice b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common ? memcmp(a.data, b.data, common) : 0;
    if (order != 0) return order;
    return a.size < b.size ? -1 : a.size > b.size;
}

void buffer_init(struct buffer *buffer)
{
    *buffer = (struct buffer){0};
}

void buffer_release(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){0};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
}

int buffer_failed(const struct buffer *buffer)
{
    return buffer->failed ? ERR_NOMEM : 0;
}

uint8_t *buffer_extend(struct buffer *buffer, size_t size)
{
    if (buffer->failed) return NULL;
    if (!buffer->data || size > buffer->capacity - buffer->size) {
        size_t capacity = buffer->capacity ? buffer->capacity : 64;
        while (capacity - buffer->size < size) {
            if (capacity > SIZE_MAX / 2) {
                buffer->failed = true;
                return NULL;
            }
            capacity *= 2;
        }
        uint8_t *data = realloc(buffer->data, capacity);
        if (!data) {
            buffer->failed = true;
            return NULL;
        }
        buffer->data = data;
        buffer->capacity = capacity;
    }
    uint8_t *at = buffer->data + buffer->size;
    buffer->size += size;
    return at;
}

void buffer_append(struct buffer *buffer, struct slice bytes)
{
    uint8_t *at = buffer_extend(buffer, bytes.size);
    if (at && bytes.size > 0) memcpy(at, bytes.data, bytes.size);
}

static void append_big_endian(struct buffer *buffer, uint64_t value, size_t size)
{
    uint8_t *at = buffer_extend(buffer, size);
    for (size_t i = 0; at && i < size; i++)
        at[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
}

void buffer_append_u8(struct buffer *buffer, uint8_t value)
{
    append_big_endian(buffer, value, 1);
}

void buffer_append_u16(struct buffer *buffer, uint16_t value)
{
    append_big_endian(buffer, value, 2);
}

void buffer_append_u32(struct buffer *buffer, uint32_t value)
{
    append_big_endian(buffer, value, 4);
}

void buffer_append_u64(struct buffer *buffer, uint64_t value)
{
    append_big_endian(buffer, value, 8);
}

void buffer_append_blob(struct buffer *buffer, struct slice bytes)
{
    buffer_append_u32(buffer, (uint32_t)bytes.size);
    buffer_append(buffer, bytes);
}

struct slice buffer_slice(const struct buffer *buffer)
{
    return SLICE(buffer->data, buffer->size);
}

void reader_init(struct reader *reader, struct slice bytes)
{
    const uint8_t *data = bytes.data;
    *reader = (struct reader){.at = data, .end = bytes.size ? data + bytes.size : data};
}

size_t reader_left(const struct reader *reader)
{
    return (size_t)(reader->end - reader->at);
}

struct slice reader_bytes(struct reader *reader, size_t size)
{
    if (reader->failed || size > reader_left(reader)) {
        reader->failed = true;
        return SLICE(NULL, 0);
    }
    struct slice bytes = SLICE(reader->at, size);
    reader->at += size;
    return bytes;
}

static uint64_t read_big_endian(struct reader *reader, size_t size)
{
    struct slice bytes = reader_bytes(reader, size);
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.size; i++)
        value = value << 8 | ((const uint8_t *)bytes.data)[i];
    return value;
}

uint8_t reader_u8(struct reader *reader)
{
    return (uint8_t)read_big_endian(reader, 1);
}

uint16_t reader_u16(struct reader *reader)
{
    return (uint16_t)read_big_endian(reader, 2);
}

uint32_t reader_u32(struct reader *reader)
{
    return (uint32_t)read_big_endian(reader, 4);
}

uint64_t reader_u64(struct reader *reader)
{
    return read_big_endian(reader, 8);
}

struct slice reader_blob(struct reader *reader)
{
    return reader_bytes(reader, reader_u32(reader));
}

int reader_finish(const struct reader *reader)
{
    return reader->failed || reader->at != reader->end ? ERR_DAMAGED : 0;
}
