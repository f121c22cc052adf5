/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "name_record.h"
#include "store_fixture.h"
#include "unit.h"

enum { DIRECTORY = 7 };

static const struct name_record ordinary = {.lineage = 3,
                                            .head = {3, 9, 99},
                                            .forked_at = {2, 4, 44},
                                            .ino = 12,
                                            .time = {1700000000, 5},
                                            .rights = {0640, 1, 2, {{3}}}};

static void assert_same(const struct name_record *a, const struct name_record *b)
{
    assert_int_equal(a->lineage, b->lineage);
    assert_true(version_id_equal(&a->head, &b->head));
    assert_true(version_id_equal(&a->forked_at, &b->forked_at));
    assert_int_equal(a->ino, b->ino);
    assert_int_equal(a->rights.mode, b->rights.mode);
    assert_int_equal(a->rights.uid, b->rights.uid);
    assert_int_equal(a->rights.gid, b->rights.gid);
    assert_true(hash128_equal(&a->rights.acl, &b->rights.acl));
    assert_int_equal(a->time.tv_sec, b->time.tv_sec);
    assert_int_equal(a->time.tv_nsec, b->time.tv_nsec);
}

static int decode(void *context, const struct record_key *key, struct slice value)
{
    (void)context;
    struct name_record record;
    memset(&record, ENCODING_UNTOUCHED, sizeof record);
    int error = name_record_decode(key, value, &record);
    if (error) assert_untouched(&record, sizeof record);
    return error;
}

static void records_round_trip_and_are_guarded(void **state)
{
    (void)state;
    struct name_record extreme;
    memset(&extreme, 0xff, sizeof extreme);
    extreme.time = (struct timespec){INT64_MIN, 999999999};
    const struct name_record records[] = {ordinary, extreme, {.lineage = 0}};
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        struct record_key key;
        struct buffer value = {0};
        struct name_record got;
        record_key_begin(&key, RECORD_NAME);
        record_key_u64(&key, DIRECTORY);
        record_key_bytes(&key, SLICE_STRING("f"));
        name_record_encode(DIRECTORY, SLICE_STRING("f"), &records[i], 1, &value);
        assert_success(name_record_decode(&key, buffer_slice(&value), &got));
        assert_same(&got, &records[i]);
        assert_encoding_is_guarded(&key, buffer_slice(&value), decode, NULL);
        buffer_release(&value);
    }
}

static void a_record_belongs_to_one_name_in_one_directory(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct name_record got;
    struct transaction tx;
    char longest[255];
    memset(longest, 'n', sizeof longest);
    const struct slice names[] = {SLICE_STRING("f"), SLICE(longest, sizeof longest)};
    for (size_t i = 0; i < 2; i++) {
        transaction_init(&tx, store);
        assert_error(name_record_get(store, DIRECTORY, names[i], &got), ERR_NOT_FOUND);
        name_record_put(&tx, DIRECTORY, names[i], &ordinary);
        assert_success(transaction_commit(&tx, false));
        assert_success(name_record_get(store, DIRECTORY, names[i], &got));
        assert_same(&got, &ordinary);
        assert_error(name_record_get(store, DIRECTORY + 1, names[i], &got), ERR_NOT_FOUND);
        assert_error(name_record_get(store, DIRECTORY, SLICE_STRING("g"), &got), ERR_NOT_FOUND);
        transaction_restart(&tx);
        name_record_delete(&tx, DIRECTORY, names[i]);
        assert_success(transaction_commit(&tx, false));
        assert_error(name_record_get(store, DIRECTORY, names[i], &got), ERR_NOT_FOUND);
        transaction_release(&tx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_round_trip_and_are_guarded),
        WITH_STORE(a_record_belongs_to_one_name_in_one_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
