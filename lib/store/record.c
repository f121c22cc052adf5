/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include <assert.h>
#include <string.h>

#include "clock.h"
#include "error.h"
#include "hash.h"

enum { CHECKSUM_SIZE = 8, HEAD_SIZE = 9 /* encoding, commit id */ };

void record_key_begin(struct record_key *key, enum record_kind kind)
{
    key->size = 0;
    record_key_u8(key, (uint8_t)kind);
}

void record_key_bytes(struct record_key *key, struct slice bytes)
{
    assert(bytes.size <= sizeof key->bytes - key->size);
    if (bytes.size > 0) memcpy(key->bytes + key->size, bytes.data, bytes.size);
    key->size += bytes.size;
}

void record_key_u8(struct record_key *key, uint8_t value)
{
    record_key_bytes(key, SLICE(&value, 1));
}

void record_key_u64(struct record_key *key, uint64_t value)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(value >> (56 - 8 * i));
    record_key_bytes(key, SLICE(bytes, sizeof bytes));
}

struct slice record_key_slice(const struct record_key *key)
{
    return SLICE(key->bytes, key->size);
}

void record_key_after(struct record_key *key, const struct record_key *prefix)
{
    *key = *prefix;
    while (key->size > 0 && key->bytes[key->size - 1] == 0xff)
        key->size--;
    assert(key->size > 0);
    key->bytes[key->size - 1]++;
}

void record_begin(struct buffer *ret_value, uint8_t encoding, uint64_t commit_id)
{
    buffer_clear(ret_value);
    buffer_append_u8(ret_value, encoding);
    buffer_append_u64(ret_value, commit_id);
}

void record_seal(struct buffer *value, struct slice key)
{
    buffer_append_u64(value, hash64_of_pair(key, buffer_slice(value)));
}

int record_open(struct slice value, struct slice key, uint8_t newest, uint8_t *ret_encoding, struct reader *ret_fields)
{
    if (value.size < HEAD_SIZE + CHECKSUM_SIZE) return ERR_DAMAGED;
    struct slice sealed = SLICE(value.data, value.size - CHECKSUM_SIZE);
    struct reader reader;
    reader_init(&reader, SLICE((const uint8_t *)value.data + sealed.size, CHECKSUM_SIZE));
    if (reader_u64(&reader) != hash64_of_pair(key, sealed)) return ERR_DAMAGED;

    reader_init(&reader, sealed);
    uint8_t encoding = reader_u8(&reader);
    reader_u64(&reader); /* the commit id means something to kv_commit alone */
    if (encoding == 0) return ERR_DAMAGED;
    if (encoding > newest) return ERR_NEWER_FORMAT;
    *ret_encoding = encoding;
    *ret_fields = reader;
    return 0;
}

void record_append_time(struct buffer *value, struct timespec time)
{
    assert(time.tv_nsec >= 0 && time.tv_nsec < NS_PER_S);
    buffer_append_u64(value, (uint64_t)time.tv_sec);
    buffer_append_u32(value, (uint32_t)time.tv_nsec);
}

struct timespec record_read_time(struct reader *fields)
{
    struct timespec time = {.tv_sec = (time_t)reader_u64(fields)};
    time.tv_nsec = reader_u32(fields); /* a statement of its own: an initializer list has no order */
    if (time.tv_nsec >= NS_PER_S) fields->failed = true;
    return time;
}

void record_append_text(struct buffer *value, const char *text, size_t size)
{
    buffer_append_blob(value, SLICE(text, strnlen(text, size - 1)));
}

void record_read_text(struct reader *fields, char *text, size_t size)
{
    struct slice bytes = reader_blob(fields);
    if (bytes.size >= size) fields->failed = true;
    else if (bytes.size > 0) memcpy(text, bytes.data, bytes.size);
}
