/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_JSON_ARENA_H
#define OCC_JSON_ARENA_H

#include <stddef.h>
#include <stdint.h>

/*
 * The memory of one tree: taken piece by piece, given back all at once. It has an upper limit, so that a patch which doubles
 * the document with each operation ends in an error and not in the machine's last byte: enough for any text that was announced
 * and for much that comes of copying, and never more than JSON_MEMORY_MAX. Zero-initialised is valid.
 */
enum { JSON_MEMORY_LEAST = 128 << 20, JSON_MEMORY_PER_BYTE = 128, JSON_MEMORY_MAX = 1 << 30 };

struct json_chunk;

struct json_arena {
    struct json_chunk *chunks;
    uint8_t *at;
    size_t left;
    size_t taken; /* from the heap, by all chunks */
    size_t text;  /* announced, in bytes */
};

/* That values of a text of this size are to come in. */
void json_arena_announce(struct json_arena *arena, size_t text_size);
void json_arena_release(struct json_arena *arena);

/* `size` bytes, aligned for pointers, uninitialised. ERR_NOMEM; ERR_TOOBIG beyond the limit. */
int json_arena_take(struct json_arena *arena, size_t size, void *ret_pointer);

#endif
