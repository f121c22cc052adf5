/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_CHUNK_H
#define OCC_CHUNK_H

#include <stdint.h>

#include "hash.h"
#include "store.h"

/*
 * Content beyond the inline size is cut into chunks of CHUNK_SIZE at multiples of it, held by a radix tree whose
 * nodes and leaves are blobs. Nothing in a tree is ever changed: a new version shares with its parent every subtree
 * in which it changed nothing. A chunk is stored without its trailing zeros; one of zeros alone is a hole and is not
 * stored, nor is a node without entries. So the tree is a function of the content, and the hash of its root (each
 * node hashes its entries' slots, lengths and hashes, not their ids) says whether two contents are equal.
 */
enum {
    CHUNK_SIZE = 128 * 1024,
    CHUNK_FANOUT = 256,   /* entries of a node */
    CHUNK_HEIGHT_MAX = 6, /* 128 KiB * 256^6 is above 2^63 */
    CONTENT_INLINE_MAX = 48 * 1024,
};

/* A chunk or a node. id 0: a hole. */
struct chunk_ref {
    uint64_t id;
    uint32_t length; /* bytes of a chunk as stored; of a node 0 */
    struct hash128 hash;
};

void chunk_ref_append(struct buffer *value, const struct chunk_ref *ref);
struct chunk_ref chunk_ref_read(struct reader *fields);

enum content_kind {
    CONTENT_EMPTY = 0,  /* size bytes of zeros, or none */
    CONTENT_INLINE = 1, /* the bytes are in the version's body record */
    CONTENT_TREE = 2,   /* its root is no hole: that would be CONTENT_EMPTY */
};

/* What a version contains; a plain value. */
struct content {
    uint8_t kind;        /* enum content_kind */
    uint8_t height;      /* of the tree: 0 when `root` is the one chunk */
    uint64_t size;       /* bytes */
    uint64_t allocated;  /* bytes stored in chunks or inline, for st_blocks */
    struct hash128 hash; /* inline: of the bytes; tree: root.hash; empty: zeros */
    struct chunk_ref root;
};

bool content_equal(const struct content *a, const struct content *b); /* by size, kind and hash */
void content_encode(const struct content *content, struct buffer *value);
int content_decode(struct reader *fields, struct content *ret_content);

/* The smallest height whose tree covers `size` bytes. */
unsigned chunk_height(uint64_t size);

/* A node in memory: all slots, holes included. */
struct chunk_node {
    struct chunk_ref entries[CHUNK_FANOUT];
};

/* Encodes and seals (the blob's id is the key). A node without entries encodes too; callers don't store it. */
void chunk_node_encode(const struct chunk_node *node, uint64_t id, struct buffer *ret_bytes);
int chunk_node_decode(uint64_t id, struct slice bytes, struct chunk_node *ret_node);
struct hash128 chunk_node_hash(const struct chunk_node *node);
bool chunk_node_is_empty(const struct chunk_node *node);

/* Reads a node; ERR_DAMAGED when it is absent, does not decode or has not the hash that `ref` says. */
int chunk_node_get(struct store *store, const struct chunk_ref *ref, struct chunk_node *ret_node);

/* Copies `size` bytes from `offset` of a chunk; bytes behind its stored length are zeros. Checks the whole chunk's
 * hash: ERR_DAMAGED when it is absent or another. A hole gives zeros. */
int chunk_read(struct store *store, const struct chunk_ref *ref, uint32_t offset, void *bytes, uint32_t size);

/* Whether the chunk that `ref` names is the one that `described` describes (chunk_describe of `bytes`), byte for byte: the
 * hash is not cryptographic. A chunk that is absent or damaged is not. */
int chunk_same(struct store *store, const struct chunk_ref *ref, const struct chunk_ref *described, const void *bytes,
               bool *ret_same);

/* Describes a chunk's bytes (at most CHUNK_SIZE): length without trailing zeros, hash; id stays 0. */
struct chunk_ref chunk_describe(struct slice bytes);

/*
 * Key: 'o' first id. Blobs first .. first+count-1 are being written for a version that is not committed yet. Durable
 * order: intent, blobs, then one commit that deletes the intent and names the blobs; what a crash leaves is deleted
 * with its blobs at the next mount.
 */
struct transaction;
int intent_commit(struct store *store, uint64_t first, uint64_t count);
void intent_delete(struct transaction *tx, uint64_t first);
/* Deletes the blobs and the record, for a draft that ends without a commit. */
int intent_abandon(struct store *store, uint64_t first, uint64_t count);
/* The same for every intent in the store; for mount. Returns how many there were in *ret_count. */
int intent_abandon_all(struct store *store, uint64_t *ret_count);

#endif
