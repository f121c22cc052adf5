/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_RECORD_H
#define OCC_RECORD_H

#include <stdint.h>
#include <time.h>

#include "buffer.h"

/*
 * What all records have in common.
 *
 * Keys: one letter for the kind, then big-endian fields, so that byte order is the order of the fields.
 * Values: u8 version of the kind's encoding, u64 id of the commit that wrote it, the fields, and a u64 XXH3
 * checksum of the key and all of that: a record that was damaged, or that stands under another key than it was
 * written for, is ERR_DAMAGED. The commit id makes every written value unlike any other (kv.h settles unknown outcomes
 * by it).
 */

/* The kinds. One letter each; '#' belongs to kv_reserve_ids. */
enum record_kind {
    RECORD_SUPERBLOCK = 'S',
    RECORD_INODE = 'i',
    RECORD_SYMLINK = 'l',
    RECORD_DIRENT = 'd',
    RECORD_NAME = 'n',
    RECORD_LIMIT = 'g',
    RECORD_XATTR = 'x',
    RECORD_VERSION = 'v',
    RECORD_BODY = 'b',
    RECORD_MESSAGE = 'm',
    RECORD_ACL = 'a',
    RECORD_CONFLICT = 'c',
    RECORD_CONFLICT_INDEX = 'C',
    RECORD_UNLINKED = 'u',
    RECORD_ANEW = 'A',
    RECORD_INTENT = 'o',
    RECORD_LIVE = 'w',
    RECORD_LIVE_GROUP = 'W',
    RECORD_LAST = 'L',
    RECORD_REQUEST = 'q',
    RECORD_REQUEST_TIME = 'Q',
};

/* A key on the stack. */
struct record_key {
    uint8_t bytes[312];
    size_t size;
};

void record_key_begin(struct record_key *key, enum record_kind kind);
void record_key_u8(struct record_key *key, uint8_t value);
void record_key_u64(struct record_key *key, uint64_t value);
/* Asserts that the bytes fit. */
void record_key_bytes(struct record_key *key, struct slice bytes);
struct slice record_key_slice(const struct record_key *key);
/* The smallest key above all keys that begin with `prefix` (which is not all 0xff). */
void record_key_after(struct record_key *key, const struct record_key *prefix);

/* Begins a value in `ret_value` (cleared); the caller appends the fields and calls record_seal. */
void record_begin(struct buffer *ret_value, uint8_t encoding, uint64_t commit_id);
void record_seal(struct buffer *value, struct slice key);

/* Checks the checksum and that the encoding is at most `newest`; the reader then stands at the first field.
 * ERR_DAMAGED, or ERR_NEWER_FORMAT for an encoding that this program does not know. */
int record_open(struct slice value, struct slice key, uint8_t newest, uint8_t *ret_encoding, struct reader *ret_fields);

/* Times are kept as i64 seconds and u32 nanoseconds, of which there are less than 1e9 (asserted). */
void record_append_time(struct buffer *value, struct timespec time);
struct timespec record_read_time(struct reader *fields);

/* Text in an array of `size` bytes, NUL-terminated there (without one it is cut), as a blob. Reading one that does not fit with its
 * NUL fails; the rest of the array stays as it was. */
void record_append_text(struct buffer *value, const char *text, size_t size);
void record_read_text(struct reader *fields, char *text, size_t size);

#endif
