/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_SUPERBLOCK_H
#define OCC_SUPERBLOCK_H

#include <stdint.h>
#include <time.h>

#include "buffer.h"
#include "record.h"

/* The newest format of a whole store that this program reads and writes. */
enum { STORE_FORMAT = 1 };

enum { STORE_ID_SIZE = 16, TOKEN_KEY_SIZE = 16 };

/* Key: 'S'. One per store, written once. */
struct superblock {
    uint32_t format;
    uint8_t store_id[STORE_ID_SIZE];   /* random, tells stores apart */
    uint8_t token_key[TOKEN_KEY_SIZE]; /* secret: SipHash key of the tokens */
    struct timespec created;
};

void superblock_key(struct record_key *ret_key);
void superblock_encode(const struct superblock *superblock, uint64_t commit_id, struct buffer *ret_value);
/* ERR_NEWER_FORMAT when superblock.format is above STORE_FORMAT. */
int superblock_decode(struct slice value, struct superblock *ret_superblock);

#endif
