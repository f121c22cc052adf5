/* SPDX-License-Identifier: Apache-2.0 */
#include "live_record.h"

#include <string.h>

#include "encoding.h"
#include "store_fixture.h"
#include "unit.h"

enum { INO = 77 };

static struct live_record ordinary(uint64_t ino)
{
    return (struct live_record){.ino = ino,
                                .generation = 5,
                                .size = 3000000,
                                .visible = 2999999,
                                .origin = {9, 3, 33},
                                .mtime = {1700000000, 999999999}};
}

static struct record_key record_key_of(uint64_t ino)
{
    struct record_key key;
    record_key_begin(&key, RECORD_LIVE);
    record_key_u64(&key, ino);
    return key;
}

static struct record_key group_key_of(const struct live_group *group)
{
    struct record_key key;
    record_key_begin(&key, RECORD_LIVE_GROUP);
    record_key_u64(&key, group->ino);
    record_key_u64(&key, group->generation);
    record_key_u64(&key, group->number);
    return key;
}

static int decode_record(void *context, const struct record_key *key, struct slice value)
{
    (void)context;
    struct live_record record;
    memset(&record, ENCODING_UNTOUCHED, sizeof record);
    int error = live_record_decode(key, value, &record);
    if (error) assert_untouched(&record, sizeof record);
    return error;
}

static int decode_group(void *context, const struct record_key *key, struct slice value)
{
    (void)context;
    struct live_group group;
    memset(&group, ENCODING_UNTOUCHED, sizeof group);
    int error = live_group_decode(key, value, &group);
    if (error) assert_untouched(&group, sizeof group);
    return error;
}

static void assert_same_record(const struct live_record *got, const struct live_record *expected)
{
    assert_int_equal(got->ino, expected->ino);
    assert_int_equal(got->generation, expected->generation);
    assert_int_equal(got->size, expected->size);
    assert_int_equal(got->visible, expected->visible);
    assert_true(version_id_equal(&got->origin, &expected->origin));
    assert_int_equal(got->mtime.tv_sec, expected->mtime.tv_sec);
    assert_int_equal(got->mtime.tv_nsec, expected->mtime.tv_nsec);
}

static void records_round_trip_and_are_guarded(void **state)
{
    (void)state;
    const struct live_record records[] = {
        ordinary(INO),
        {.ino = 0},
        {.ino = UINT64_MAX, .generation = UINT64_MAX, .size = INT64_MAX, .visible = INT64_MAX}};
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        struct record_key key = record_key_of(records[i].ino);
        struct buffer value = {0};
        struct live_record got;
        live_record_encode(&records[i], 1, &value);
        assert_success(live_record_decode(&key, buffer_slice(&value), &got));
        assert_same_record(&got, &records[i]);
        assert_encoding_is_guarded(&key, buffer_slice(&value), decode_record, NULL);
        buffer_release(&value);
    }
}

static void groups_round_trip_and_are_guarded(void **state)
{
    (void)state;
    struct live_group group = {.ino = INO, .generation = 5, .number = 3, .bits = {[0] = 0x81, [511] = 0x80}}, got;
    struct record_key key = group_key_of(&group);
    struct buffer value = {0};
    live_group_encode(&group, 1, &value);
    assert_success(live_group_decode(&key, buffer_slice(&value), &got));
    assert_int_equal(got.ino, INO);
    assert_int_equal(got.number, 3);
    assert_memory_equal(got.bits, group.bits, sizeof group.bits);
    assert_encoding_is_guarded(&key, buffer_slice(&value), decode_group, NULL);
    buffer_release(&value);
}

static void a_record_that_shows_more_than_there_is_is_damage(void **state)
{
    (void)state;
    /* The encoder asserts it: the value is made by hand. */
    struct record_key key = record_key_of(INO);
    struct buffer value = {0};
    const struct version_id origin = {9, 3, 33};
    record_begin(&value, 1, 1);
    buffer_append_u64(&value, 5);
    buffer_append_u64(&value, 10);
    buffer_append_u64(&value, 11);
    version_id_append(&value, &origin);
    record_append_time(&value, (struct timespec){0});
    record_seal(&value, record_key_slice(&key));
    assert_error(decode_record(NULL, &key, buffer_slice(&value)), ERR_DAMAGED);
    buffer_release(&value);
}

static int count_record(void *context, const struct live_record *record)
{
    (void)record;
    ++*(int *)context;
    return 0;
}

static int sum_group(void *context, const struct live_group *group)
{
    *(uint64_t *)context += group->number;
    return 0;
}

static void put_group(struct store *store, uint64_t ino, uint64_t generation, uint64_t number)
{
    const struct live_group group = {.ino = ino, .generation = generation, .number = number};
    struct transaction tx;
    transaction_init(&tx, store);
    live_group_put(&tx, &group);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
}

static void records_are_found_until_they_are_deleted(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    const struct live_record record = ordinary(INO), other = ordinary(INO + 1);
    struct live_record got;
    struct transaction tx;
    int count = 0;
    assert_error(live_record_get(store, INO, &got), ERR_NOT_FOUND);
    transaction_init(&tx, store);
    live_record_put(&tx, &record);
    live_record_put(&tx, &other);
    assert_success(transaction_commit(&tx, true));
    assert_success(live_record_get(store, INO, &got));
    assert_same_record(&got, &record);
    assert_success(live_record_scan(store, count_record, &count));
    assert_int_equal(count, 2);
    transaction_restart(&tx);
    live_record_delete(&tx, INO);
    assert_success(transaction_commit(&tx, false));
    assert_error(live_record_get(store, INO, &got), ERR_NOT_FOUND);
    assert_success(live_record_get(store, INO + 1, &got));
    transaction_release(&tx);
}

static void groups_belong_to_a_generation_and_go_with_the_inode(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    for (uint64_t number = 0; number < 100; number++)
        put_group(store, INO, 5, number);
    put_group(store, INO, 6, 1000000);
    put_group(store, INO + 1, 5, 7);
    uint64_t sum = 0;
    assert_success(live_group_scan(store, INO, 5, sum_group, &sum));
    assert_int_equal(sum, 99 * 100 / 2);
    assert_success(live_group_delete_all(store, INO));
    sum = 0;
    assert_success(live_group_scan(store, INO, 5, sum_group, &sum));
    assert_success(live_group_scan(store, INO, 6, sum_group, &sum));
    assert_int_equal(sum, 0);
    assert_success(live_group_scan(store, INO + 1, 5, sum_group, &sum));
    assert_int_equal(sum, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_round_trip_and_are_guarded),
        cmocka_unit_test(groups_round_trip_and_are_guarded),
        cmocka_unit_test(a_record_that_shows_more_than_there_is_is_damage),
        WITH_STORE(records_are_found_until_they_are_deleted),
        WITH_STORE(groups_belong_to_a_generation_and_go_with_the_inode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
