/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "buffer.h"
#include "unit.h"

static void assert_bytes(const struct buffer *buffer, const void *bytes, size_t size)
{
    assert_int_equal(buffer->size, size);
    assert_memory_equal(buffer->data, bytes, size);
}

static void slices_are_equal_by_their_bytes(void **state)
{
    const char one[] = "text", other[] = "text";
    (void)state;
    assert_true(slice_equal(SLICE(one, 4), SLICE(other, 4)));
    assert_false(slice_equal(SLICE(one, 4), SLICE(other, 3)));
    assert_false(slice_equal(SLICE("texT", 4), SLICE(other, 4)));
    assert_true(slice_equal(SLICE(NULL, 0), SLICE(other, 0)));
    assert_false(slice_equal(SLICE(NULL, 0), SLICE(other, 1)));
}

static void slices_are_ordered_by_unsigned_bytes_and_then_by_size(void **state)
{
    static const struct slice ascending[] = {
        {NULL, 0}, {"\x00", 1}, {"\x00\x00", 2}, {"a", 1},    {"a\x00", 2},    {"aa", 2},
        {"b", 1},  {"\x7f", 1}, {"\x80", 1},     {"\xff", 1}, {"\xff\x00", 2},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ascending / sizeof ascending[0]; i++)
        for (size_t j = 0; j < sizeof ascending / sizeof ascending[0]; j++) {
            int order = slice_compare(ascending[i], ascending[j]);
            assert_true(i < j ? order < 0 : i > j ? order > 0 : order == 0);
        }
}

static void appended_bytes_stand_one_after_the_other(void **state)
{
    struct buffer buffer = {0};
    (void)state;
    buffer_append(&buffer, SLICE("ab", 2));
    buffer_append(&buffer, SLICE(NULL, 0));
    buffer_append(&buffer, SLICE("c", 1));
    assert_bytes(&buffer, "abc", 3);
    assert_true(slice_equal(buffer_slice(&buffer), SLICE("abc", 3)));
    assert_success(buffer_failed(&buffer));
    buffer_release(&buffer);
}

static void numbers_are_big_endian(void **state)
{
    static const uint8_t expected[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer);
    buffer_append_u8(&buffer, 1);
    buffer_append_u16(&buffer, 0x0203);
    buffer_append_u32(&buffer, 0x04050607);
    buffer_append_u64(&buffer, 0x08090a0b0c0d0e0f);
    assert_bytes(&buffer, expected, sizeof expected);
    buffer_release(&buffer);
}

static void a_blob_has_its_size_in_front(void **state)
{
    struct buffer buffer = {0};
    (void)state;
    buffer_append_blob(&buffer, SLICE("abc", 3));
    buffer_append_blob(&buffer, SLICE(NULL, 0));
    assert_bytes(&buffer, "\0\0\0\3abc\0\0\0\0", 11);
    buffer_release(&buffer);
}

static void a_buffer_grows_and_keeps_what_it_holds(void **state)
{
    struct buffer buffer = {0};
    (void)state;
    for (uint32_t i = 0; i < 100000; i++)
        buffer_append_u32(&buffer, i);
    assert_success(buffer_failed(&buffer));
    struct reader reader;
    reader_init(&reader, buffer_slice(&buffer));
    for (uint32_t i = 0; i < 100000; i++)
        assert_int_equal(reader_u32(&reader), i);
    assert_success(reader_finish(&reader));
    buffer_release(&buffer);
}

static void extending_makes_room_in_place(void **state)
{
    struct buffer buffer = {0};
    (void)state;
    buffer_append(&buffer, SLICE("ab", 2));
    uint8_t *at = buffer_extend(&buffer, 1000);
    assert_ptr_equal(at, buffer.data + 2);
    memset(at, 'c', 1000);
    assert_int_equal(buffer.size, 1002);
    assert_memory_equal(buffer.data, "abcc", 4);
    buffer_release(&buffer);
}

static void clearing_forgets_the_content_and_keeps_the_memory(void **state)
{
    struct buffer buffer = {0};
    (void)state;
    buffer_append(&buffer, SLICE("some text", 9));
    size_t capacity = buffer.capacity;
    buffer_clear(&buffer);
    assert_int_equal(buffer.size, 0);
    assert_int_equal(buffer.capacity, capacity);
    buffer_append(&buffer, SLICE("x", 1));
    assert_bytes(&buffer, "x", 1);
    buffer_release(&buffer);
    assert_null(buffer.data);
    buffer_release(&buffer); /* a released buffer is an empty one */
}

static void a_failed_append_is_remembered_and_the_content_stays(void **state)
{
    struct buffer buffer = {0};
    (void)state;
    buffer_append(&buffer, SLICE("ab", 2));
    assert_null(buffer_extend(&buffer, SIZE_MAX - 1));
    assert_error(buffer_failed(&buffer), ERR_NOMEM);
    buffer_append(&buffer, SLICE("c", 1)); /* does nothing */
    assert_bytes(&buffer, "ab", 2);
    assert_error(buffer_failed(&buffer), ERR_NOMEM);
    buffer_clear(&buffer);
    assert_success(buffer_failed(&buffer));
    buffer_append(&buffer, SLICE("d", 1));
    assert_bytes(&buffer, "d", 1);
    buffer_release(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_are_equal_by_their_bytes),
        cmocka_unit_test(slices_are_ordered_by_unsigned_bytes_and_then_by_size),
        cmocka_unit_test(appended_bytes_stand_one_after_the_other),
        cmocka_unit_test(numbers_are_big_endian),
        cmocka_unit_test(a_blob_has_its_size_in_front),
        cmocka_unit_test(a_buffer_grows_and_keeps_what_it_holds),
        cmocka_unit_test(extending_makes_room_in_place),
        cmocka_unit_test(clearing_forgets_the_content_and_keeps_the_memory),
        cmocka_unit_test(a_failed_append_is_remembered_and_the_content_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
