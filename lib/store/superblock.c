/* SPDX-License-Identifier: Apache-2.0 */
#include "superblock.h"

#include <string.h>

#include "error.h"

enum { ENCODING = 1 };

void superblock_key(struct record_key *ret_key)
{
    record_key_begin(ret_key, RECORD_SUPERBLOCK);
}

void superblock_encode(const struct superblock *superblock, uint64_t commit_id, struct buffer *ret_value)
{
    struct record_key key;
    superblock_key(&key);
    record_begin(ret_value, ENCODING, commit_id);
    buffer_append_u32(ret_value, superblock->format);
    buffer_append(ret_value, SLICE(superblock->store_id, STORE_ID_SIZE));
    buffer_append(ret_value, SLICE(superblock->token_key, TOKEN_KEY_SIZE));
    record_append_time(ret_value, superblock->created);
    record_seal(ret_value, record_key_slice(&key));
}

int superblock_decode(struct slice value, struct superblock *ret_superblock)
{
    struct record_key key;
    struct reader fields;
    uint8_t encoding;
    superblock_key(&key);
    int error = record_open(value, record_key_slice(&key), ENCODING, &encoding, &fields);
    if (error) return error;
    struct superblock superblock = {.format = reader_u32(&fields)};
    /* What follows belongs to a format; of a newer one only the number is known. */
    if (!fields.failed && superblock.format > STORE_FORMAT) return ERR_NEWER_FORMAT;
    struct slice id = reader_bytes(&fields, STORE_ID_SIZE), token_key = reader_bytes(&fields, TOKEN_KEY_SIZE);
    superblock.created = record_read_time(&fields);
    error = reader_finish(&fields);
    if (error || superblock.format == 0) return ERR_DAMAGED;
    memcpy(superblock.store_id, id.data, STORE_ID_SIZE);
    memcpy(superblock.token_key, token_key.data, TOKEN_KEY_SIZE);
    *ret_superblock = superblock;
    return 0;
}
