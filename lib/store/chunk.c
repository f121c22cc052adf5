/* SPDX-License-Identifier: Apache-2.0 */
#include "chunk.h"

#include <string.h>

#include "log.h"
#include "record.h"

enum { NODE_ENCODING = 1 };

/* ---- nodes ---- */

static struct slice node_key(uint64_t id, struct record_key *key)
{
    key->size = 0;
    record_key_u64(key, id);
    return record_key_slice(key);
}

void chunk_node_encode(const struct chunk_node *node, uint64_t id, struct buffer *ret_bytes)
{
    struct record_key key;
    unsigned count = 0;
    for (unsigned slot = 0; slot < CHUNK_FANOUT; slot++)
        count += node->entries[slot].id != 0;
    record_begin(ret_bytes, NODE_ENCODING, 0);
    buffer_append_u16(ret_bytes, (uint16_t)count);
    for (unsigned slot = 0; slot < CHUNK_FANOUT; slot++) {
        if (node->entries[slot].id == 0) continue;
        buffer_append_u8(ret_bytes, (uint8_t)slot);
        chunk_ref_append(ret_bytes, &node->entries[slot]);
    }
    record_seal(ret_bytes, node_key(id, &key));
}

int chunk_node_decode(uint64_t id, struct slice bytes, struct chunk_node *ret_node)
{
    struct record_key key;
    struct reader fields;
    uint8_t encoding;
    int error = record_open(bytes, node_key(id, &key), NODE_ENCODING, &encoding, &fields);
    if (error) return error;
    struct chunk_node node;
    memset(&node, 0, sizeof node);
    unsigned count = reader_u16(&fields);
    int last = -1;
    for (unsigned i = 0; i < count && !fields.failed; i++) {
        int slot = reader_u8(&fields);
        struct chunk_ref ref = chunk_ref_read(&fields);
        if (slot <= last || ref.id == 0) return ERR_DAMAGED;
        node.entries[slot] = ref;
        last = slot;
    }
    error = reader_finish(&fields);
    if (!error) *ret_node = node;
    return error;
}

struct hash128 chunk_node_hash(const struct chunk_node *node)
{
    uint8_t bytes[CHUNK_FANOUT * (1 + 4 + 16)];
    size_t size = 0;
    for (unsigned slot = 0; slot < CHUNK_FANOUT; slot++) {
        const struct chunk_ref *ref = &node->entries[slot];
        if (ref->id == 0) continue;
        bytes[size++] = (uint8_t)slot;
        for (unsigned i = 0; i < 4; i++)
            bytes[size++] = (uint8_t)(ref->length >> (24 - 8 * i));
        memcpy(bytes + size, ref->hash.bytes, sizeof ref->hash.bytes);
        size += sizeof ref->hash.bytes;
    }
    return hash128_of(SLICE(bytes, size));
}

bool chunk_node_is_empty(const struct chunk_node *node)
{
    for (unsigned slot = 0; slot < CHUNK_FANOUT; slot++)
        if (node->entries[slot].id != 0) return false;
    return true;
}

struct node_visit {
    const struct chunk_ref *ref;
    struct chunk_node *ret_node;
};

static int visit_node(void *context, struct slice bytes)
{
    struct node_visit *visit = context;
    struct chunk_node node;
    int error = chunk_node_decode(visit->ref->id, bytes, &node);
    if (error) return error;
    struct hash128 hash = chunk_node_hash(&node);
    if (!hash128_equal(&hash, &visit->ref->hash)) return ERR_DAMAGED;
    *visit->ret_node = node;
    return 0;
}

static int damaged(uint64_t id, const char *what)
{
    log_error("%s %llu is damaged or missing", what, (unsigned long long)id);
    return ERR_DAMAGED;
}

int chunk_node_get(struct store *store, const struct chunk_ref *ref, struct chunk_node *ret_node)
{
    struct node_visit visit = {ref, ret_node};
    int error = blob_get(store->blobs, ref->id, visit_node, &visit);
    return error == ERR_NOT_FOUND || error == ERR_DAMAGED ? damaged(ref->id, "node of chunks") : error;
}

/* ---- chunks ---- */

struct chunk_visit {
    const struct chunk_ref *ref;
    uint32_t offset;
    uint8_t *bytes;
    uint32_t size;
};

static int visit_chunk(void *context, struct slice bytes)
{
    struct chunk_visit *visit = context;
    struct hash128 hash = hash128_of(bytes);
    if (bytes.size != visit->ref->length || !hash128_equal(&hash, &visit->ref->hash)) return ERR_DAMAGED;
    size_t there = visit->offset < bytes.size ? bytes.size - visit->offset : 0;
    if (there > visit->size) there = visit->size;
    if (there > 0) memcpy(visit->bytes, (const uint8_t *)bytes.data + visit->offset, there);
    memset(visit->bytes + there, 0, visit->size - there);
    return 0;
}

int chunk_read(struct store *store, const struct chunk_ref *ref, uint32_t offset, void *bytes, uint32_t size)
{
    if (ref->id == 0) {
        memset(bytes, 0, size);
        return 0;
    }
    struct chunk_visit visit = {ref, offset, bytes, size};
    int error = blob_get(store->blobs, ref->id, visit_chunk, &visit);
    return error == ERR_NOT_FOUND || error == ERR_DAMAGED ? damaged(ref->id, "chunk") : error;
}

struct same_visit {
    struct slice bytes;
    bool same;
};

static int visit_same(void *context, struct slice bytes)
{
    struct same_visit *visit = context;
    visit->same = slice_equal(bytes, visit->bytes);
    return 0;
}

int chunk_same(struct store *store, const struct chunk_ref *ref, const struct chunk_ref *described, const void *bytes,
               bool *ret_same)
{
    struct same_visit visit = {.bytes = SLICE(bytes, described->length)};
    int error = 0;
    if (ref->id != 0 && ref->length == described->length && hash128_equal(&ref->hash, &described->hash))
        error = blob_get(store->blobs, ref->id, visit_same, &visit);
    if (error == ERR_NOT_FOUND || error == ERR_DAMAGED) error = 0;
    if (!error) *ret_same = visit.same;
    return error;
}

/* The length without trailing zeros; eight bytes at a time, since most of what is asked for are holes or has none. */
static size_t trimmed(const uint8_t *bytes, size_t size)
{
    while (size >= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, bytes + size - sizeof word, sizeof word);
        if (word != 0) break;
        size -= sizeof word;
    }
    while (size > 0 && bytes[size - 1] == 0)
        size--;
    return size;
}

struct chunk_ref chunk_describe(struct slice bytes)
{
    struct chunk_ref ref = {.length = (uint32_t)trimmed(bytes.data, bytes.size)};
    if (ref.length > 0) ref.hash = hash128_of(SLICE(bytes.data, ref.length));
    return ref;
}
