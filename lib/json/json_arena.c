/* SPDX-License-Identifier: Apache-2.0 */
#include "json_arena.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

enum { CHUNK_SMALLEST = 4096, CHUNK_LARGEST = 1 << 20, ALIGNMENT = sizeof(void *) };

struct json_chunk {
    struct json_chunk *next;
    uint8_t bytes[];
};

void json_arena_release(struct json_arena *arena)
{
    for (struct json_chunk *chunk = arena->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    *arena = (struct json_arena){0};
}

void json_arena_announce(struct json_arena *arena, size_t text_size)
{
    bool much = text_size > JSON_MEMORY_MAX || arena->text > JSON_MEMORY_MAX - text_size;
    arena->text = much ? JSON_MEMORY_MAX : arena->text + text_size;
}

static size_t limit(const struct json_arena *arena)
{
    if (arena->text > (JSON_MEMORY_MAX - JSON_MEMORY_LEAST) / JSON_MEMORY_PER_BYTE) return JSON_MEMORY_MAX;
    return JSON_MEMORY_LEAST + arena->text * JSON_MEMORY_PER_BYTE;
}

/* Chunks grow with what there is, so that a small tree takes little and a large one few calls. */
static int add_chunk(struct json_arena *arena, size_t size)
{
    size_t usual = arena->taken < CHUNK_SMALLEST ? CHUNK_SMALLEST : arena->taken;
    if (usual > CHUNK_LARGEST) usual = CHUNK_LARGEST;
    if (size < usual) size = usual;
    if (size > limit(arena) - arena->taken) return ERR_TOOBIG;
    struct json_chunk *chunk = malloc(sizeof *chunk + size);
    if (!chunk) return ERR_NOMEM;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    arena->at = chunk->bytes;
    arena->left = size;
    arena->taken += size;
    return 0;
}

int json_arena_take(struct json_arena *arena, size_t size, void *ret_pointer)
{
    if (size > JSON_MEMORY_MAX) return ERR_TOOBIG;
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (size > arena->left || !arena->at) {
        int error = add_chunk(arena, size);
        if (error) return error;
    }
    void *pointer = arena->at;
    arena->at += size;
    arena->left -= size;
    memcpy(ret_pointer, &pointer, sizeof pointer);
    return 0;
}
