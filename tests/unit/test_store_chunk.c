/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "chunk.h"
#include "random_numbers.h"
#include "store_fixture.h"
#include "unit.h"

static struct record_key node_key(uint64_t id)
{
    struct record_key key = {.size = 0};
    record_key_u64(&key, id);
    return key;
}

/* Makes a node in which every slot is taken with a chance of `percent`; returns how many are. */
static unsigned make_node(struct random_numbers *numbers, unsigned percent, struct chunk_node *ret_node)
{
    unsigned taken = 0;
    memset(ret_node, 0, sizeof *ret_node);
    for (unsigned slot = 0; slot < CHUNK_FANOUT; slot++) {
        if (random_next(numbers) % 100 >= percent) continue;
        struct chunk_ref *ref = &ret_node->entries[slot];
        ref->id = random_field(numbers) | 1;
        ref->length = (uint32_t)(random_next(numbers) % (CHUNK_SIZE + 1));
        random_bytes(numbers, &ref->hash, sizeof ref->hash);
        taken++;
    }
    return taken;
}

static void assert_same_node(const struct chunk_node *a, const struct chunk_node *b)
{
    for (unsigned slot = 0; slot < CHUNK_FANOUT; slot++) {
        assert_int_equal(a->entries[slot].id, b->entries[slot].id);
        assert_int_equal(a->entries[slot].length, b->entries[slot].length);
        assert_true(hash128_equal(&a->entries[slot].hash, &b->entries[slot].hash));
    }
}

static int decode_node(void *context, const struct record_key *key, struct slice value)
{
    (void)context;
    static struct chunk_node node;
    struct reader reader;
    reader_init(&reader, record_key_slice(key));
    memset(&node, ENCODING_UNTOUCHED, sizeof node);
    int error = chunk_node_decode(reader_u64(&reader), value, &node);
    if (error) assert_untouched(&node, sizeof node);
    return error;
}

static void nodes_from_empty_to_full_round_trip(void **state)
{
    (void)state;
    static const unsigned percents[] = {0, 1, 50, 100};
    struct random_numbers numbers = {6};
    struct buffer bytes = {0};
    struct chunk_node node, got;
    for (unsigned round = 0; round < 40; round++) {
        uint64_t id = random_field(&numbers);
        unsigned taken = make_node(&numbers, percents[round % 4], &node);
        chunk_node_encode(&node, id, &bytes);
        assert_true(bytes.size <= BLOB_MAX);
        assert_success(chunk_node_decode(id, buffer_slice(&bytes), &got));
        assert_same_node(&got, &node);
        assert_int_equal(chunk_node_is_empty(&got), taken == 0);
    }
    buffer_release(&bytes);
}

static void damage_to_a_node_is_found(void **state)
{
    (void)state;
    struct random_numbers numbers = {7};
    struct record_key key = node_key(77);
    struct buffer bytes = {0};
    struct chunk_node node = {0};
    chunk_node_encode(&node, 77, &bytes);
    assert_encoding_is_guarded(&key, buffer_slice(&bytes), decode_node, NULL);
    make_node(&numbers, 5, &node);
    node.entries[0] = node.entries[255] = (struct chunk_ref){.id = UINT64_MAX, .length = CHUNK_SIZE};
    chunk_node_encode(&node, 77, &bytes);
    assert_encoding_is_guarded(&key, buffer_slice(&bytes), decode_node, NULL);
    buffer_release(&bytes);
}

/* Decodes a node with a right checksum and two entries. */
static int decode_entries(uint8_t first_slot, uint8_t second_slot, uint64_t second_id, uint32_t second_length)
{
    struct record_key key = node_key(77);
    struct buffer bytes = {0};
    record_begin(&bytes, 1, 0);
    buffer_append_u16(&bytes, 2);
    buffer_append_u8(&bytes, first_slot);
    chunk_ref_append(&bytes, &(struct chunk_ref){.id = 1});
    buffer_append_u8(&bytes, second_slot);
    chunk_ref_append(&bytes, &(struct chunk_ref){.id = second_id, .length = second_length});
    record_seal(&bytes, record_key_slice(&key));
    int error = decode_node(NULL, &key, buffer_slice(&bytes));
    buffer_release(&bytes);
    return error;
}

static void entries_out_of_order_or_impossible_are_damage(void **state)
{
    (void)state;
    assert_success(decode_entries(3, 4, 1, CHUNK_SIZE));
    assert_error(decode_entries(4, 3, 1, 1), ERR_DAMAGED);
    assert_error(decode_entries(3, 3, 1, 1), ERR_DAMAGED);
    assert_error(decode_entries(3, 4, 0, 1), ERR_DAMAGED);
    assert_error(decode_entries(3, 4, 1, CHUNK_SIZE + 1), ERR_DAMAGED);
}

static void a_nodes_hash_is_of_slots_lengths_and_hashes_but_not_of_ids(void **state)
{
    (void)state;
    struct random_numbers numbers = {8};
    struct chunk_node node = {0}, other;
    random_bytes(&numbers, &node.entries[5].hash, sizeof node.entries[5].hash);
    node.entries[5].id = 10;
    node.entries[5].length = 20;
    struct hash128 hash = chunk_node_hash(&node), changed;
    other = node;
    other.entries[5].id = 11;
    changed = chunk_node_hash(&other);
    assert_true(hash128_equal(&changed, &hash));
    other.entries[5].length++;
    changed = chunk_node_hash(&other);
    assert_false(hash128_equal(&changed, &hash));
    other = node;
    other.entries[5].hash.bytes[0] ^= 1;
    changed = chunk_node_hash(&other);
    assert_false(hash128_equal(&changed, &hash));
    memset(&other, 0, sizeof other);
    other.entries[6] = node.entries[5];
    changed = chunk_node_hash(&other);
    assert_false(hash128_equal(&changed, &hash));
}

static void put_node(struct store *store, const struct chunk_node *node, struct chunk_ref *ret_ref)
{
    struct buffer bytes = {0};
    struct chunk_ref ref = {.hash = chunk_node_hash(node)};
    assert_success(store_new_blob_ids(store, 1, &ref.id));
    chunk_node_encode(node, ref.id, &bytes);
    assert_success(blob_put(store->blobs, ref.id, buffer_slice(&bytes)));
    buffer_release(&bytes);
    *ret_ref = ref;
}

static void a_node_is_read_only_where_it_has_the_hash_that_is_asked_for(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct random_numbers numbers = {9};
    struct chunk_node node, got;
    struct chunk_ref ref;
    make_node(&numbers, 30, &node);
    put_node(store, &node, &ref);
    assert_success(chunk_node_get(store, &ref, &got));
    assert_same_node(&got, &node);

    memset(&got, ENCODING_UNTOUCHED, sizeof got);
    struct chunk_ref other = ref;
    other.hash.bytes[3] ^= 1;
    assert_error(chunk_node_get(store, &other, &got), ERR_DAMAGED);
    other = ref;
    other.id = UINT64_MAX; /* absent */
    assert_error(chunk_node_get(store, &other, &got), ERR_DAMAGED);
    assert_untouched(&got, sizeof got);
}

/* ---- chunks ---- */

static void assert_described(const uint8_t *bytes, size_t size, size_t length)
{
    struct chunk_ref ref = chunk_describe(SLICE(bytes, size));
    struct hash128 hash = {{0}};
    if (length > 0) hash = hash128_of(SLICE(bytes, length));
    assert_int_equal(ref.id, 0);
    assert_int_equal(ref.length, length);
    assert_true(hash128_equal(&ref.hash, &hash));
}

static void a_chunks_zeros_at_the_end_do_not_count(void **state)
{
    (void)state;
    uint8_t bytes[64 + 8];
    for (size_t start = 0; start < 8; start++)
        for (size_t size = 0; size <= 64; size++)
            for (size_t length = 0; length <= size; length++) {
                memset(bytes, 0xff, sizeof bytes); /* behind the end nothing is looked at */
                memset(bytes + start, 0, size);
                if (length > 0) bytes[start + length - 1] = 1;
                assert_described(bytes + start, size, length);
            }
}

static void whole_chunks_are_described_by_what_is_in_them(void **state)
{
    (void)state;
    uint8_t *bytes = calloc(1, CHUNK_SIZE);
    assert_non_null(bytes);
    assert_described(bytes, CHUNK_SIZE, 0);
    bytes[0] = 1;
    assert_described(bytes, CHUNK_SIZE, 1);
    bytes[CHUNK_SIZE - 1] = 1;
    assert_described(bytes, CHUNK_SIZE, CHUNK_SIZE);
    free(bytes);
}

static void any_part_of_a_chunk_can_be_read_and_zeros_behind_it(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct random_numbers numbers = {10};
    enum { STORED = 100000 };
    uint8_t *bytes = calloc(1, CHUNK_SIZE), *got = malloc(CHUNK_SIZE);
    assert_non_null(bytes);
    assert_non_null(got);
    random_bytes(&numbers, bytes, STORED);
    bytes[STORED - 1] = 1;
    struct chunk_ref ref = chunk_describe(SLICE(bytes, CHUNK_SIZE));
    assert_int_equal(ref.length, STORED);
    assert_success(store_new_blob_ids(store, 1, &ref.id));
    assert_success(blob_put(store->blobs, ref.id, SLICE(bytes, ref.length)));
    for (unsigned round = 0; round < 500; round++) {
        uint32_t offset = (uint32_t)(random_next(&numbers) % CHUNK_SIZE);
        uint32_t size = (uint32_t)(random_next(&numbers) % (CHUNK_SIZE - offset + 1));
        if (round == 0) offset = 0, size = CHUNK_SIZE;
        if (round == 1) offset = STORED, size = CHUNK_SIZE - STORED;
        if (round == 2) offset = STORED - 1, size = 2;
        memset(got, 0xee, CHUNK_SIZE);
        assert_success(chunk_read(store, &ref, offset, got, size));
        assert_int_equal(memcmp(got, bytes + offset, size), 0);
        if (size < CHUNK_SIZE) assert_int_equal(got[size], 0xee);
    }
    free(bytes);
    free(got);
}

static void a_hole_reads_as_zeros(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    uint8_t got[100], zeros[100] = {0};
    memset(got, 0xee, sizeof got);
    assert_success(chunk_read(store, &(struct chunk_ref){.id = 0}, 12345, got, sizeof got));
    assert_memory_equal(got, zeros, sizeof got);
}

static void a_chunk_that_is_absent_or_another_is_damage(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    uint8_t bytes[200], got[10];
    memset(bytes, 7, sizeof bytes);
    struct chunk_ref ref = chunk_describe(SLICE(bytes, sizeof bytes));
    assert_success(store_new_blob_ids(store, 4, &ref.id));
    assert_error(chunk_read(store, &ref, 0, got, sizeof got), ERR_DAMAGED);
    bytes[199] ^= 1; /* far behind what is read */
    assert_success(blob_put(store->blobs, ref.id, SLICE(bytes, sizeof bytes)));
    assert_error(chunk_read(store, &ref, 0, got, sizeof got), ERR_DAMAGED);
    bytes[199] ^= 1;
    ref.id++;
    assert_success(blob_put(store->blobs, ref.id, SLICE(bytes, sizeof bytes - 1)));
    assert_error(chunk_read(store, &ref, 0, got, sizeof got), ERR_DAMAGED);
    ref.id++;
    assert_success(blob_put(store->blobs, ref.id, SLICE(bytes, sizeof bytes)));
    assert_success(chunk_read(store, &ref, 0, got, sizeof got));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_from_empty_to_full_round_trip),
        cmocka_unit_test(damage_to_a_node_is_found),
        cmocka_unit_test(entries_out_of_order_or_impossible_are_damage),
        cmocka_unit_test(a_nodes_hash_is_of_slots_lengths_and_hashes_but_not_of_ids),
        WITH_STORE(a_node_is_read_only_where_it_has_the_hash_that_is_asked_for),
        cmocka_unit_test(a_chunks_zeros_at_the_end_do_not_count),
        cmocka_unit_test(whole_chunks_are_described_by_what_is_in_them),
        WITH_STORE(any_part_of_a_chunk_can_be_read_and_zeros_behind_it),
        WITH_STORE(a_hole_reads_as_zeros),
        WITH_STORE(a_chunk_that_is_absent_or_another_is_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
