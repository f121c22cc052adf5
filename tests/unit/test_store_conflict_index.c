/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "conflict_index.h"
#include "store_fixture.h"
#include "unit.h"

enum { TARGET = 42, KEYS = 3 };

/* One key of each kind. */
static void keys_of(uint64_t target, struct record_key ret_keys[KEYS])
{
    const struct version_id base = {target, 3, 33};
    const struct hash128 hash = {{1, 2, 3}};
    conflict_index_by_writer(target, 4711, 123456, &base, &ret_keys[0]);
    conflict_index_by_content(target, 99, &hash, &ret_keys[1]);
    conflict_index_by_time(target, &ret_keys[2]);
}

static int decode(void *context, const struct record_key *key, struct slice value)
{
    (void)context;
    uint64_t number;
    memset(&number, ENCODING_UNTOUCHED, sizeof number);
    int error = conflict_index_decode(key, value, &number);
    if (error) assert_untouched(&number, sizeof number);
    return error;
}

static void records_round_trip_and_are_guarded(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {1, 7, UINT64_MAX};
    struct record_key keys[KEYS];
    keys_of(TARGET, keys);
    for (size_t i = 0; i < KEYS; i++) {
        struct buffer value = {0};
        uint64_t got;
        conflict_index_encode(&keys[i], numbers[i], 1, &value);
        assert_success(conflict_index_decode(&keys[i], buffer_slice(&value), &got));
        assert_int_equal(got, numbers[i]);
        assert_encoding_is_guarded(&keys[i], buffer_slice(&value), decode, NULL);
        buffer_release(&value);
    }
}

static void zero_is_damage(void **state)
{
    (void)state;
    struct record_key key;
    struct buffer value = {0};
    conflict_index_by_time(TARGET, &key);
    conflict_index_encode(&key, 0, 1, &value);
    assert_error(decode(NULL, &key, buffer_slice(&value)), ERR_DAMAGED);
    buffer_release(&value);
}

static void assert_other(const struct record_key *a, const struct record_key *b)
{
    assert_false(slice_equal(record_key_slice(a), record_key_slice(b)));
}

static void whatever_differs_has_a_key_of_its_own(void **state)
{
    (void)state;
    const struct version_id bases[] = {{1, 2, 3}, {9, 2, 3}, {1, 9, 3}, {1, 2, 9}};
    const struct hash128 hash = {{1}}, other_hash = {{[15] = 1}};
    struct record_key key, other;
    conflict_index_by_writer(TARGET, 7, 8, &bases[0], &key);
    for (size_t i = 1; i < sizeof bases / sizeof bases[0]; i++) {
        conflict_index_by_writer(TARGET, 7, 8, &bases[i], &other);
        assert_other(&key, &other);
    }
    conflict_index_by_writer(TARGET, 9, 8, &bases[0], &other);
    assert_other(&key, &other);
    conflict_index_by_writer(TARGET, 7, 9, &bases[0], &other);
    assert_other(&key, &other);
    conflict_index_by_writer(TARGET + 1, 7, 8, &bases[0], &other);
    assert_other(&key, &other);

    conflict_index_by_content(TARGET, 7, &hash, &key);
    conflict_index_by_content(TARGET, 8, &hash, &other);
    assert_other(&key, &other);
    conflict_index_by_content(TARGET, 7, &other_hash, &other);
    assert_other(&key, &other);
}

static void a_number_is_what_was_put_last(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct record_key keys[KEYS], others[KEYS];
    struct transaction tx;
    uint64_t got;
    keys_of(TARGET, keys);
    keys_of(TARGET + 1, others);
    for (uint64_t number = 1; number <= 2; number++) {
        transaction_init(&tx, store);
        for (size_t i = 0; i < KEYS; i++)
            conflict_index_put(&tx, &keys[i], 10 * number + i);
        assert_success(transaction_commit(&tx, false));
        transaction_release(&tx);
    }
    for (size_t i = 0; i < KEYS; i++) {
        assert_success(conflict_index_get(store, &keys[i], &got));
        assert_int_equal(got, 20 + i);
        assert_error(conflict_index_get(store, &others[i], &got), ERR_NOT_FOUND);
    }
}

static void a_number_that_was_loaded_must_be_the_same_at_commit(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct record_key keys[KEYS];
    struct transaction first, second;
    uint64_t got;
    keys_of(TARGET, keys);
    transaction_init(&first, store);
    transaction_init(&second, store);
    assert_error(conflict_index_load(&first, &keys[0], &got), ERR_NOT_FOUND);
    conflict_index_put(&second, &keys[0], 5);
    assert_success(transaction_commit(&second, false));
    conflict_index_put(&first, &keys[0], 6);
    assert_int_equal(transaction_commit(&first, false), TRANSACTION_AGAIN);
    transaction_restart(&first);
    assert_success(conflict_index_load(&first, &keys[0], &got));
    assert_int_equal(got, 5);
    transaction_release(&first);
    transaction_release(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_round_trip_and_are_guarded),
        cmocka_unit_test(zero_is_damage),
        cmocka_unit_test(whatever_differs_has_a_key_of_its_own),
        WITH_STORE(a_number_is_what_was_put_last),
        WITH_STORE(a_number_that_was_loaded_must_be_the_same_at_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
