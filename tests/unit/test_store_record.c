/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "random_numbers.h"
#include "record.h"
#include "unit.h"

static int order(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int sign(int value)
{
    return value < 0 ? -1 : value > 0;
}

static struct record_key key_of(const uint64_t fields[3])
{
    struct record_key key;
    record_key_begin(&key, RECORD_VERSION);
    for (size_t i = 0; i < 3; i++)
        record_key_u64(&key, fields[i]);
    return key;
}

static void keys_sort_as_their_fields_do(void **state)
{
    (void)state;
    struct random_numbers numbers = {1};
    for (unsigned round = 0; round < 100000; round++) {
        uint64_t a[3], b[3];
        int expected = 0;
        for (size_t i = 0; i < 3; i++) {
            a[i] = random_field(&numbers);
            b[i] = random_next(&numbers) % 2 ? a[i] : random_field(&numbers);
            if (expected == 0) expected = order(a[i], b[i]);
        }
        struct record_key first = key_of(a), second = key_of(b);
        assert_int_equal(sign(slice_compare(record_key_slice(&first), record_key_slice(&second))), expected);
    }
}

static void all_keys_with_a_prefix_lie_below_the_key_after_it(void **state)
{
    (void)state;
    struct random_numbers numbers = {2};
    for (unsigned round = 0; round < 20000; round++) {
        struct record_key prefix, inside, after;
        uint8_t tail[24];
        record_key_begin(&prefix, RECORD_DIRENT);
        record_key_u64(&prefix, random_field(&numbers));
        record_key_after(&after, &prefix);
        inside = prefix;
        random_bytes(&numbers, tail, sizeof tail);
        if (round % 2) memset(tail, 0xff, sizeof tail);
        record_key_bytes(&inside, SLICE(tail, round % sizeof tail));
        assert_true(slice_compare(record_key_slice(&inside), record_key_slice(&after)) < 0);
        assert_true(slice_compare(record_key_slice(&prefix), record_key_slice(&after)) < 0);
    }
}

static void the_key_after_a_prefix_is_the_smallest_above_it(void **state)
{
    (void)state;
    static const struct {
        const char *prefix, *after;
        size_t prefix_size, after_size;
    } cases[] = {
        {"d", "e", 1, 1},
        {"d\x00", "d\x01", 2, 2},
        {"d\xff", "e", 2, 1},
        {"d\x01\xff\xff", "d\x02", 4, 2},
        {"d\xff\x00", "d\xff\x01", 3, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct record_key prefix = {.size = 0}, after;
        record_key_bytes(&prefix, SLICE(cases[i].prefix, cases[i].prefix_size));
        record_key_after(&after, &prefix);
        assert_true(slice_equal(record_key_slice(&after), SLICE(cases[i].after, cases[i].after_size)));
    }
}

static void a_key_takes_as_many_bytes_as_the_longest_record_needs(void **state)
{
    (void)state;
    char name[255];
    memset(name, 'n', sizeof name);
    struct record_key key;
    record_key_begin(&key, RECORD_DIRENT);
    record_key_u64(&key, UINT64_MAX);
    record_key_u64(&key, UINT64_MAX);
    record_key_bytes(&key, SLICE(name, sizeof name));
    assert_int_equal(record_key_slice(&key).size, 1 + 8 + 8 + 255);
}

static void assert_time_round_trips(struct timespec time)
{
    struct buffer value = {0};
    struct reader fields;
    record_append_time(&value, time);
    reader_init(&fields, buffer_slice(&value));
    struct timespec got = record_read_time(&fields);
    assert_success(reader_finish(&fields));
    assert_int_equal(got.tv_sec, time.tv_sec);
    assert_int_equal(got.tv_nsec, time.tv_nsec);
    buffer_release(&value);
}

static void times_round_trip_before_the_epoch_and_far_behind_it(void **state)
{
    (void)state;
    assert_time_round_trips((struct timespec){0, 0});
    assert_time_round_trips((struct timespec){1, 999999999});
    assert_time_round_trips((struct timespec){-1, 1});
    assert_time_round_trips((struct timespec){INT64_MAX, 999999999});
    assert_time_round_trips((struct timespec){INT64_MIN, 0});
}

static void a_time_of_a_whole_second_of_nanoseconds_is_damage(void **state)
{
    (void)state;
    struct buffer value = {0};
    struct reader fields;
    buffer_append_u64(&value, 7);
    buffer_append_u32(&value, 1000000000);
    reader_init(&fields, buffer_slice(&value));
    record_read_time(&fields);
    assert_error(reader_finish(&fields), ERR_DAMAGED);
    buffer_release(&value);
}

static void opening_a_value_gives_its_encoding_and_its_fields(void **state)
{
    (void)state;
    struct record_key key;
    struct buffer value = {0};
    struct reader fields;
    uint8_t encoding;
    record_key_begin(&key, RECORD_INODE);
    buffer_append_u8(&value, 99); /* record_begin clears it */
    record_begin(&value, 2, 0x1122334455667788);
    buffer_append_u32(&value, 0xdeadbeef);
    record_seal(&value, record_key_slice(&key));
    for (unsigned newest = 2; newest < 4; newest++) {
        assert_success(record_open(buffer_slice(&value), record_key_slice(&key), (uint8_t)newest, &encoding, &fields));
        assert_int_equal(encoding, 2);
        assert_int_equal(reader_u32(&fields), 0xdeadbeef);
        assert_success(reader_finish(&fields));
    }
    assert_error(record_open(buffer_slice(&value), record_key_slice(&key), 1, &encoding, &fields), ERR_NEWER_FORMAT);
    assert_error(record_open(SLICE(NULL, 0), record_key_slice(&key), 1, &encoding, &fields), ERR_DAMAGED);
    buffer_release(&value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_sort_as_their_fields_do),
        cmocka_unit_test(all_keys_with_a_prefix_lie_below_the_key_after_it),
        cmocka_unit_test(the_key_after_a_prefix_is_the_smallest_above_it),
        cmocka_unit_test(a_key_takes_as_many_bytes_as_the_longest_record_needs),
        cmocka_unit_test(times_round_trip_before_the_epoch_and_far_behind_it),
        cmocka_unit_test(a_time_of_a_whole_second_of_nanoseconds_is_damage),
        cmocka_unit_test(opening_a_value_gives_its_encoding_and_its_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
