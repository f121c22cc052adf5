/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "last_record.h"
#include "store_fixture.h"
#include "unit.h"

enum { LINEAGE = 42 };

static struct last_record ordinary(uint64_t lineage)
{
    return (struct last_record){.lineage = lineage,
                                .kind = LAST_CONFLICT,
                                .operation = VERSION_TRUNCATE,
                                .base = {lineage, 3, 33},
                                .head = {lineage, 4, 44},
                                .writer = {1000, 100, 4711, "gawk"},
                                .time = {1700000000, 5},
                                .size = 99,
                                .directory = 12,
                                .sibling = "notes.txt.conflict"};
}

static struct last_record extreme(void)
{
    struct last_record record;
    memset(&record, 0xff, sizeof record);
    record.kind = LAST_KILLED;
    record.time = (struct timespec){INT64_MIN, 999999999};
    record.size = INT64_MAX;
    record.writer.command[sizeof record.writer.command - 1] = '\0';
    record.sibling[sizeof record.sibling - 1] = '\0';
    return record;
}

static void assert_same_record(const struct last_record *a, const struct last_record *b)
{
    assert_int_equal(a->lineage, b->lineage);
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->operation, b->operation);
    assert_true(version_id_equal(&a->base, &b->base));
    assert_true(version_id_equal(&a->head, &b->head));
    assert_int_equal(a->writer.uid, b->writer.uid);
    assert_int_equal(a->writer.gid, b->writer.gid);
    assert_int_equal(a->writer.pid, b->writer.pid);
    assert_string_equal(a->writer.command, b->writer.command);
    assert_int_equal(a->time.tv_sec, b->time.tv_sec);
    assert_int_equal(a->time.tv_nsec, b->time.tv_nsec);
    assert_int_equal(a->size, b->size);
    assert_int_equal(a->directory, b->directory);
    assert_string_equal(a->sibling, b->sibling);
}

static struct record_key key_of(const struct last_record *record)
{
    struct record_key key;
    record_key_begin(&key, RECORD_LAST);
    record_key_u64(&key, record->lineage);
    return key;
}

static int decode(void *context, const struct record_key *key, struct slice value)
{
    (void)context;
    struct last_record record;
    memset(&record, ENCODING_UNTOUCHED, sizeof record);
    int error = last_record_decode(key, value, &record);
    if (error) assert_untouched(&record, sizeof record);
    return error;
}

static void records_round_trip_and_are_guarded(void **state)
{
    (void)state;
    const struct last_record records[] = {ordinary(LINEAGE), extreme(), {.kind = LAST_KILLED}};
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        struct record_key key = key_of(&records[i]);
        struct buffer value = {0};
        struct last_record got;
        last_record_encode(&records[i], 1, &value);
        assert_success(last_record_decode(&key, buffer_slice(&value), &got));
        assert_same_record(&got, &records[i]);
        assert_encoding_is_guarded(&key, buffer_slice(&value), decode, NULL);
        buffer_release(&value);
    }
}

static void assert_damaged(const struct last_record *record)
{
    struct record_key key = key_of(record);
    struct buffer value = {0};
    last_record_encode(record, 1, &value);
    assert_error(decode(NULL, &key, buffer_slice(&value)), ERR_DAMAGED);
    buffer_release(&value);
}

static void a_size_above_the_largest_offset_and_an_unknown_kind_are_damage(void **state)
{
    (void)state;
    struct last_record record = ordinary(LINEAGE);
    record.size = (uint64_t)INT64_MAX + 1;
    assert_damaged(&record);
    record = ordinary(LINEAGE);
    record.kind = 0;
    assert_damaged(&record);
    record.kind = LAST_KILLED + 1;
    assert_damaged(&record);
}

static void put(struct store *store, const struct last_record *record)
{
    struct transaction tx;
    transaction_init(&tx, store);
    last_record_put(&tx, record);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
}

static void a_file_has_one_record_and_the_newest_stays(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct last_record record = ordinary(LINEAGE), other = ordinary(LINEAGE + 1), got;
    assert_error(last_record_get(store, LINEAGE, &got), ERR_NOT_FOUND);
    put(store, &record);
    record.kind = LAST_KILLED;
    record.size = 7;
    put(store, &record);
    assert_error(last_record_get(store, LINEAGE + 1, &got), ERR_NOT_FOUND);
    put(store, &other);
    assert_success(last_record_get(store, LINEAGE, &got));
    assert_same_record(&got, &record);
    assert_success(last_record_get(store, LINEAGE + 1, &got));
    assert_same_record(&got, &other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_round_trip_and_are_guarded),
        cmocka_unit_test(a_size_above_the_largest_offset_and_an_unknown_kind_are_damage),
        WITH_STORE(a_file_has_one_record_and_the_newest_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
