/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Sealing: a draft's content becomes what a version may name.
 *
 * The tree of chunks is built anew from the top, but descends only where the draft differs from its origin: below the
 * chunks that it changed and where the origin was cut off. Everything else is the origin's subtree, by reference. A
 * chunk or node that came out as the origin's is the origin's: the id is taken over after the bytes were compared,
 * since the hash is not cryptographic.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"

struct seal {
    struct draft *draft;
    const uint64_t *changed; /* indexes of changed chunks, ascending */
    uint8_t *bytes;          /* CHUNK_SIZE, of the chunk at hand */
    uint64_t visible_chunks; /* chunks of the origin from here on are cut off */
};

/* A subtree of the origin. `height` may be below the place where it stands: then it is the leftmost part of that place. */
struct origin_part {
    struct chunk_ref ref;
    unsigned height;
};

static uint64_t chunks_below(unsigned height)
{
    return 1ULL << (8 * height);
}

static int seal_chunk(struct seal *seal, uint64_t index, const struct chunk_ref *origin, bool changed,
                      struct chunk_ref *ret_ref)
{
    struct draft *draft = seal->draft;
    if (!changed) {
        *ret_ref = index < seal->visible_chunks ? *origin : (struct chunk_ref){0};
        return 0;
    }
    struct chunk_ref ref;
    int error = draft_chunks_describe(&draft->chunks, index, seal->bytes, &ref);
    if (error) return error;
    if (ref.id == 0 && ref.length > 0) {
        bool same;
        error = chunk_same(draft->store, origin, &ref, seal->bytes, &same);
        if (error) return error;
        if (same) ref.id = origin->id;
        else error = blob_intents_new_id(&draft->sealed, &ref.id);
        if (!error && !same) error = blob_put(draft->store->blobs, ref.id, SLICE(seal->bytes, ref.length));
        if (error) return error;
    }
    *ret_ref = ref;
    return 0;
}

static int node_put(struct seal *seal, const struct chunk_node *node, struct chunk_ref *ret_ref)
{
    struct chunk_ref ref = {.hash = chunk_node_hash(node)};
    struct buffer encoded = {0};
    int error = blob_intents_new_id(&seal->draft->sealed, &ref.id);
    if (!error) {
        chunk_node_encode(node, ref.id, &encoded);
        error = buffer_failed(&encoded);
    }
    if (!error) error = blob_put(seal->draft->store->blobs, ref.id, buffer_slice(&encoded));
    buffer_release(&encoded);
    if (!error) *ret_ref = ref;
    return error;
}

/* The origin's part that stands in slot `slot` of a place of the given height. `node` is the origin's node of that place, when it
 * has one. */
static struct origin_part origin_child(const struct origin_part *origin, unsigned height, const struct chunk_node *node,
                                       unsigned slot)
{
    if (origin->ref.id == 0) return (struct origin_part){0};
    if (origin->height < height) return slot == 0 ? *origin : (struct origin_part){0};
    return (struct origin_part){.ref = node->entries[slot], .height = height - 1};
}

/* By the blobs that they name: no two have one id. */
static bool node_same(const struct chunk_node *a, const struct chunk_node *b)
{
    for (unsigned slot = 0; slot < CHUNK_FANOUT; slot++)
        if (a->entries[slot].id != b->entries[slot].id) return false;
    return true;
}

/* Builds the place that covers chunks_below(height) chunks from `first` on; changed[0 .. count) lie in it. */
static int seal_place(struct seal *seal, unsigned height, uint64_t first, const struct origin_part *origin, size_t from,
                      size_t count, struct chunk_ref *ret_ref)
{
    bool all_visible = first + chunks_below(height) <= seal->visible_chunks;
    bool none_visible = first >= seal->visible_chunks;
    bool fits = origin->ref.id == 0 || origin->height == height;
    if (count == 0 && (none_visible || (fits && (all_visible || origin->ref.id == 0)))) {
        *ret_ref = none_visible ? (struct chunk_ref){0} : origin->ref;
        return 0;
    }
    if (height == 0) return seal_chunk(seal, first, &origin->ref, count > 0, ret_ref);

    /* Origin's node and the new one: 14 KiB each, on the heap because this recurses. */
    struct chunk_node *nodes = calloc(2, sizeof *nodes);
    if (!nodes) return ERR_NOMEM;
    struct chunk_node *old = &nodes[0], *new = &nodes[1];
    int error = 0;
    if (origin->ref.id != 0 && origin->height == height) error = chunk_node_get(seal->draft->store, &origin->ref, old);
    if (error == ERR_DAMAGED && none_visible) error = 0; /* nothing is lost but the chance to share */
    uint64_t width = chunks_below(height - 1);
    for (unsigned slot = 0; slot < CHUNK_FANOUT && !error; slot++) {
        uint64_t slot_first = first + slot * width;
        size_t slot_count = 0;
        while (slot_count < count && seal->changed[from + slot_count] < slot_first + width)
            slot_count++;
        struct origin_part child = origin_child(origin, height, old, slot);
        error = seal_place(seal, height - 1, slot_first, &child, from, slot_count, &new->entries[slot]);
        from += slot_count;
        count -= slot_count;
    }
    if (!error) {
        if (chunk_node_is_empty(new)) *ret_ref = (struct chunk_ref){0};
        else if (node_same(new, old)) *ret_ref = origin->ref;
        else error = node_put(seal, new, ret_ref);
    }
    free(nodes);
    return error;
}

/* The root of the origin as seen from a tree of the given height, which may be lower. */
static int origin_root(struct draft *draft, unsigned height, struct origin_part *ret_part)
{
    const struct content *content = &draft->origin.content;
    struct origin_part part = {.ref = content->root, .height = content->height};
    if (content->kind != CONTENT_TREE) part = (struct origin_part){0};
    struct chunk_node *node = part.height > height ? malloc(sizeof *node) : NULL;
    if (part.height > height && !node) return ERR_NOMEM;
    int error = 0;
    for (; part.height > height && part.ref.id != 0 && !error; part.height--) {
        error = chunk_node_get(draft->store, &part.ref, node);
        if (!error) part.ref = node->entries[0];
    }
    free(node);
    if (error == ERR_DAMAGED && draft->visible == 0) {
        part = (struct origin_part){0};
        error = 0;
    }
    if (!error) *ret_part = part;
    return error;
}

/* Makes chunks the draft's own that the tree could not take from the origin: those of an inline origin and the one in which
 * the origin is cut off. */
static int own_boundary(struct draft *draft)
{
    uint64_t index;
    if (draft->visible == 0) return 0;
    if (draft->origin.content.kind == CONTENT_INLINE) index = 0;
    else if (draft->visible % CHUNK_SIZE != 0 && draft->visible < draft->origin.content.size)
        index = draft->visible / CHUNK_SIZE;
    else return 0;
    if (draft_chunks_has(&draft->chunks, index)) return 0;

    uint32_t size = (uint32_t)(draft->visible - index * CHUNK_SIZE);
    uint8_t *bytes = malloc(size);
    if (!bytes) return ERR_NOMEM;
    int error = content_read(&draft->origin, index * CHUNK_SIZE, bytes, size);
    if (!error) error = draft_chunks_add(&draft->chunks, index, SLICE(bytes, size));
    free(bytes);
    return error;
}

static int allocated_below(struct store *store, const struct chunk_ref *ref, unsigned height, uint64_t *sum)
{
    if (ref->id == 0) return 0;
    if (height == 0) {
        *sum += ref->length;
        return 0;
    }
    struct chunk_node *node = malloc(sizeof *node);
    if (!node) return ERR_NOMEM;
    int error = chunk_node_get(store, ref, node);
    for (unsigned slot = 0; slot < CHUNK_FANOUT && !error; slot++)
        error = allocated_below(store, &node->entries[slot], height - 1, sum);
    free(node);
    return error;
}

static int seal_tree(struct draft *draft, struct content *ret_content)
{
    struct content content = {.kind = CONTENT_TREE, .size = draft->size};
    content.height = (uint8_t)chunk_height(content.size);
    uint64_t *changed = NULL;
    struct seal seal = {
        .draft = draft,
        .bytes = malloc(CHUNK_SIZE),
        .visible_chunks = draft->visible / CHUNK_SIZE + (draft->visible % CHUNK_SIZE != 0),
    };
    struct origin_part origin;
    int error = seal.bytes ? own_boundary(draft) : ERR_NOMEM;
    if (!error) error = draft_chunks_sorted(&draft->chunks, &changed);
    if (!error) error = origin_root(draft, content.height, &origin);
    seal.changed = changed;
    if (!error)
        error = seal_place(&seal, content.height, 0, &origin, 0, draft_chunks_count(&draft->chunks), &content.root);
    if (!error) error = allocated_below(draft->store, &content.root, content.height, &content.allocated);
    free(changed);
    free(seal.bytes);
    if (error) return error;

    if (content.root.id == 0) content = (struct content){.kind = CONTENT_EMPTY, .size = content.size};
    content.hash = content.root.hash;
    *ret_content = content;
    return 0;
}

int draft_seal_locked(struct draft *draft, struct sealed *ret_sealed)
{
    mutex_assert_held(&draft->lock);
    struct sealed sealed = {.content = {.kind = CONTENT_EMPTY, .size = draft->size}};
    int error = 0;
    blob_intents_abandon(&draft->sealed);
    if (draft->size > CONTENT_INLINE_MAX) {
        error = seal_tree(draft, &sealed.content);
    } else if (draft->size > 0) {
        uint8_t *bytes = buffer_extend(&sealed.body, draft->size);
        error = bytes ? draft_read_locked(draft, 0, bytes, draft->size) : ERR_NOMEM;
        sealed.content.kind = CONTENT_INLINE;
        sealed.content.allocated = draft->size;
        if (!error) sealed.content.hash = hash128_of(buffer_slice(&sealed.body));
    }
    if (error) buffer_release(&sealed.body);
    else *ret_sealed = sealed;
    return error;
}

void sealed_release(struct sealed *sealed)
{
    buffer_release(&sealed->body);
}
