/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_BUFFER_H
#define OCC_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that somebody else owns. `data` may be NULL only if `size` is 0. */
struct slice {
    const void *data;
    size_t size;
};

#define SLICE(pointer, length) ((struct slice){.data = (pointer), .size = (length)})
#define SLICE_STRING(text) SLICE(text, strlen(text))

bool slice_equal(struct slice a, struct slice b);

/* Lexicographic by unsigned bytes, a prefix before what it begins: <0, 0, >0. */
int slice_compare(struct slice a, struct slice b);

/*
 * Bytes that grow. Zero-initialised is a valid empty buffer.
 *
 * Appending never fails at the call: the first allocation failure sets `failed`, later appends do
 * nothing, and whoever uses the bytes asks `buffer_failed` once. That keeps encoders free of a
 * check per field.
 */
struct buffer {
    uint8_t *data;
    size_t size;
    size_t capacity;
    bool failed;
};

void buffer_init(struct buffer *buffer);
void buffer_release(struct buffer *buffer);

/* Forgets the content and a failure, keeps the memory. */
void buffer_clear(struct buffer *buffer);

/* ERR_NOMEM if an append has failed since init or clear, else 0. */
int buffer_failed(const struct buffer *buffer);

void buffer_append(struct buffer *buffer, struct slice bytes);
void buffer_append_u8(struct buffer *buffer, uint8_t value);
/* Big-endian, so that keys sort as numbers do. */
void buffer_append_u16(struct buffer *buffer, uint16_t value);
void buffer_append_u32(struct buffer *buffer, uint32_t value);
void buffer_append_u64(struct buffer *buffer, uint64_t value);
/* u32 length, then the bytes. */
void buffer_append_blob(struct buffer *buffer, struct slice bytes);

/* Makes room for `size` more bytes, appends them uninitialised and returns where they begin;
 * NULL (and `failed`) when out of memory. Valid until the next append. */
uint8_t *buffer_extend(struct buffer *buffer, size_t size);

struct slice buffer_slice(const struct buffer *buffer);

/*
 * Reads fields off a slice in order. Reading past the end sets `failed` and yields zeros; the caller
 * checks once with reader_finish.
 */
struct reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

void reader_init(struct reader *reader, struct slice bytes);
uint8_t reader_u8(struct reader *reader);
uint16_t reader_u16(struct reader *reader);
uint32_t reader_u32(struct reader *reader);
uint64_t reader_u64(struct reader *reader);
/* Points into the slice; empty on failure. */
struct slice reader_bytes(struct reader *reader, size_t size);
/* What buffer_append_blob wrote; points into the slice. */
struct slice reader_blob(struct reader *reader);
size_t reader_left(const struct reader *reader);
/* 0 if every read was inside the slice and nothing is left over, else ERR_DAMAGED. */
int reader_finish(const struct reader *reader);

#endif
