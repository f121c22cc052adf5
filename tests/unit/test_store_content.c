/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "chunk.h"
#include "unit.h"

static int round_trip(const struct content *content, struct content *ret_content)
{
    struct buffer value = {0};
    struct reader fields;
    content_encode(content, &value);
    reader_init(&fields, buffer_slice(&value));
    int error = content_decode(&fields, ret_content);
    if (!error) error = reader_finish(&fields);
    buffer_release(&value);
    return error;
}

static struct content tree(uint64_t size)
{
    struct content content = {.kind = CONTENT_TREE,
                              .height = (uint8_t)chunk_height(size),
                              .size = size,
                              .allocated = size / 2,
                              .root = {.id = 9, .length = 7}};
    memset(&content.root.hash, 0x5a, sizeof content.root.hash);
    content.hash = content.root.hash;
    return content;
}

static void assert_round_trips(const struct content *content)
{
    struct content got;
    assert_success(round_trip(content, &got));
    assert_true(content_equal(&got, content));
    assert_int_equal(got.kind, content->kind);
    assert_int_equal(got.height, content->height);
    assert_int_equal(got.size, content->size);
    assert_int_equal(got.allocated, content->allocated);
    assert_true(hash128_equal(&got.hash, &content->hash));
    assert_int_equal(got.root.id, content->root.id);
    assert_int_equal(got.root.length, content->root.length);
    assert_true(hash128_equal(&got.root.hash, &content->root.hash));
}

static void contents_of_every_kind_round_trip(void **state)
{
    (void)state;
    struct content contents[] = {
        {.kind = CONTENT_EMPTY},
        {.kind = CONTENT_EMPTY, .size = INT64_MAX},
        {.kind = CONTENT_INLINE, .size = 1, .allocated = 1, .hash = {{1, 2, 3}}},
        {.kind = CONTENT_INLINE, .size = CONTENT_INLINE_MAX, .allocated = CONTENT_INLINE_MAX},
        tree(CONTENT_INLINE_MAX + 1),
        tree(CHUNK_SIZE + 1),
        tree(INT64_MAX),
    };
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++)
        assert_round_trips(&contents[i]);
}

static void contents_that_cannot_be_are_damage(void **state)
{
    (void)state;
    struct content contents[] = {
        {.kind = CONTENT_TREE + 1},
        {.kind = UINT8_MAX},
        {.kind = CONTENT_EMPTY, .size = (uint64_t)INT64_MAX + 1},
        {.kind = CONTENT_INLINE, .size = CONTENT_INLINE_MAX + 1},
        tree(CHUNK_SIZE),
        tree(CHUNK_SIZE),
        tree(CHUNK_SIZE + 1),
        tree(CHUNK_SIZE),
        tree(CHUNK_SIZE),
    };
    contents[4].height = 1; /* too high */
    contents[5].size = 0;
    contents[6].height = 0;  /* too low */
    contents[7].root.id = 0; /* a hole */
    contents[8].root.length = CHUNK_SIZE + 1;
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        struct content got;
        assert_error(round_trip(&contents[i], &got), ERR_DAMAGED);
    }
}

static void contents_are_equal_by_size_kind_and_hash(void **state)
{
    (void)state;
    struct content content = tree(CHUNK_SIZE), other = content;
    other.root.id = 1000; /* the same bytes, stored elsewhere */
    other.allocated = 3;
    assert_true(content_equal(&content, &other));
    other = content;
    other.size--;
    assert_false(content_equal(&content, &other));
    other = content;
    other.kind = CONTENT_INLINE;
    assert_false(content_equal(&content, &other));
    other = content;
    other.hash.bytes[15] ^= 1;
    assert_false(content_equal(&content, &other));
}

static void a_tree_is_as_high_as_its_size_needs(void **state)
{
    (void)state;
    assert_int_equal(chunk_height(0), 0);
    assert_int_equal(chunk_height(1), 0);
    uint64_t covered = CHUNK_SIZE;
    for (unsigned height = 0; height < CHUNK_HEIGHT_MAX; height++) {
        assert_int_equal(chunk_height(covered - 1), height);
        assert_int_equal(chunk_height(covered), height);
        assert_int_equal(chunk_height(covered + 1), height + 1);
        if (height < CHUNK_HEIGHT_MAX - 1) covered *= CHUNK_FANOUT;
    }
    assert_int_equal(chunk_height(INT64_MAX), CHUNK_HEIGHT_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contents_of_every_kind_round_trip),
        cmocka_unit_test(contents_that_cannot_be_are_damage),
        cmocka_unit_test(contents_are_equal_by_size_kind_and_hash),
        cmocka_unit_test(a_tree_is_as_high_as_its_size_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
