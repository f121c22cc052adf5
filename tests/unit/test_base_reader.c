/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "buffer.h"
#include "random_numbers.h"
#include "unit.h"

struct fields {
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    uint8_t bytes[40];
    size_t size;
};

static void append_fields(struct buffer *buffer, const struct fields *fields)
{
    buffer_append_u8(buffer, fields->u8);
    buffer_append_u16(buffer, fields->u16);
    buffer_append_u32(buffer, fields->u32);
    buffer_append_u64(buffer, fields->u64);
    buffer_append_blob(buffer, SLICE(fields->bytes, fields->size));
}

static struct fields read_fields(struct reader *reader)
{
    struct fields fields = {.u8 = reader_u8(reader)};
    fields.u16 = reader_u16(reader);
    fields.u32 = reader_u32(reader);
    fields.u64 = reader_u64(reader);
    struct slice bytes = reader_blob(reader);
    fields.size = bytes.size;
    if (bytes.size > 0) memcpy(fields.bytes, bytes.data, bytes.size);
    return fields;
}

static void what_was_appended_is_read(void **state)
{
    struct random_numbers numbers = {.state = 1};
    struct buffer buffer = {0};
    (void)state;
    for (int round = 0; round < 500; round++) {
        struct fields written = {0}, read;
        struct reader reader;
        written.u8 = (uint8_t)random_field(&numbers);
        written.u16 = (uint16_t)random_field(&numbers);
        written.u32 = (uint32_t)random_field(&numbers);
        written.u64 = random_field(&numbers);
        written.size = random_next(&numbers) % (sizeof written.bytes + 1);
        random_bytes(&numbers, written.bytes, written.size);
        buffer_clear(&buffer);
        append_fields(&buffer, &written);
        reader_init(&reader, buffer_slice(&buffer));
        read = read_fields(&reader);
        assert_success(reader_finish(&reader));
        assert_int_equal(read.u8, written.u8);
        assert_int_equal(read.u16, written.u16);
        assert_int_equal(read.u32, written.u32);
        assert_true(read.u64 == written.u64);
        assert_int_equal(read.size, written.size);
        assert_memory_equal(read.bytes, written.bytes, sizeof read.bytes);
    }
    buffer_release(&buffer);
}

static void what_was_cut_is_damaged_wherever(void **state)
{
    const struct fields written = {1, 2, 3, 4, "some bytes", 10};
    struct buffer buffer = {0};
    (void)state;
    append_fields(&buffer, &written);
    for (size_t size = 0; size < buffer.size; size++) {
        struct reader reader;
        reader_init(&reader, SLICE(buffer.data, size));
        read_fields(&reader);
        assert_error(reader_finish(&reader), ERR_DAMAGED);
    }
    buffer_release(&buffer);
}

static void what_is_left_over_is_damage(void **state)
{
    struct reader reader;
    (void)state;
    reader_init(&reader, SLICE("abc", 3));
    reader_u16(&reader);
    assert_int_equal(reader_left(&reader), 1);
    assert_error(reader_finish(&reader), ERR_DAMAGED);
    reader_u8(&reader);
    assert_int_equal(reader_left(&reader), 0);
    assert_success(reader_finish(&reader));
}

static void reading_past_the_end_yields_zeros_and_fails_for_good(void **state)
{
    struct reader reader;
    (void)state;
    reader_init(&reader, SLICE("\xff\xff\xff", 3));
    assert_int_equal(reader_u32(&reader), 0);
    assert_int_equal(reader_u8(&reader), 0); /* though there is a byte */
    assert_int_equal(reader_bytes(&reader, 1).size, 0);
    assert_error(reader_finish(&reader), ERR_DAMAGED);
}

static void a_size_beyond_the_end_is_no_blob(void **state)
{
    struct reader reader;
    (void)state;
    reader_init(&reader, SLICE("\xff\xff\xff\xff"
                               "abc",
                               7));
    struct slice blob = reader_blob(&reader);
    assert_int_equal(blob.size, 0);
    assert_null(blob.data);
    assert_error(reader_finish(&reader), ERR_DAMAGED);
}

static void bytes_point_into_what_is_read(void **state)
{
    static const char text[] = "abcdef";
    struct reader reader;
    (void)state;
    reader_init(&reader, SLICE(text, 6));
    reader_u8(&reader);
    assert_ptr_equal(reader_bytes(&reader, 3).data, text + 1);
    assert_ptr_equal(reader_bytes(&reader, 2).data, text + 4);
    assert_success(reader_finish(&reader));
    assert_int_equal(reader_bytes(&reader, 0).size, 0);
    assert_success(reader_finish(&reader));
}

static void nothing_is_read_of_nothing(void **state)
{
    struct reader reader;
    (void)state;
    reader_init(&reader, SLICE(NULL, 0));
    assert_int_equal(reader_left(&reader), 0);
    assert_success(reader_finish(&reader));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_appended_is_read),
        cmocka_unit_test(what_was_cut_is_damaged_wherever),
        cmocka_unit_test(what_is_left_over_is_damage),
        cmocka_unit_test(reading_past_the_end_yields_zeros_and_fails_for_good),
        cmocka_unit_test(a_size_beyond_the_end_is_no_blob),
        cmocka_unit_test(bytes_point_into_what_is_read),
        cmocka_unit_test(nothing_is_read_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
