/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "inode.h"
#include "store_fixture.h"
#include "unit.h"

static void put(struct store *store, uint64_t ino, struct slice target)
{
    struct transaction tx;
    transaction_init(&tx, store);
    symlink_put(&tx, ino, target);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
}

static void assert_target(struct store *store, uint64_t ino, struct slice expected)
{
    struct buffer got = {0};
    buffer_append(&got, SLICE_STRING("what was in the buffer before"));
    assert_success(symlink_get(store, ino, &got));
    assert_true(slice_equal(buffer_slice(&got), expected));
    buffer_release(&got);
}

static void targets_from_1_to_4095_bytes_round_trip(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    char target[SYMLINK_TARGET_MAX];
    memset(target, '/', sizeof target);
    put(store, 2, SLICE(target, 1));
    put(store, 3, SLICE(target, sizeof target));
    put(store, UINT64_MAX, SLICE_STRING("../\xff\n"));
    assert_target(store, 2, SLICE(target, 1));
    assert_target(store, 3, SLICE(target, sizeof target));
    assert_target(store, UINT64_MAX, SLICE_STRING("../\xff\n"));
}

static void a_target_that_is_not_there_is_no_entry(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct buffer got = {0};
    struct transaction tx;
    assert_error(symlink_get(store, 2, &got), ERR_NOENT);
    put(store, 2, SLICE_STRING("target"));
    transaction_init(&tx, store);
    symlink_delete(&tx, 2);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
    assert_error(symlink_get(store, 2, &got), ERR_NOENT);
    buffer_release(&got);
}

static void symlink_key_of(uint64_t ino, struct record_key *ret_key)
{
    record_key_begin(ret_key, RECORD_SYMLINK);
    record_key_u64(ret_key, ino);
}

static void a_target_of_an_impossible_length_is_damage(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    static const size_t sizes[] = {0, SYMLINK_TARGET_MAX + 1};
    char target[SYMLINK_TARGET_MAX + 1];
    memset(target, 'a', sizeof target);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct buffer value = {0}, got = {0};
        struct record_key key;
        symlink_key_of(2, &key);
        record_begin(&value, 1, 1);
        buffer_append_blob(&value, SLICE(target, sizes[i]));
        record_seal(&value, record_key_slice(&key));
        raw_put(store->kv, record_key_slice(&key), buffer_slice(&value));
        assert_error(symlink_get(store, 2, &got), ERR_DAMAGED);
        buffer_release(&value);
        buffer_release(&got);
    }
}

static int read_target(struct store *store, void *context)
{
    struct buffer got = {0};
    int error = symlink_get(store, *(uint64_t *)context, &got);
    buffer_release(&got);
    return error;
}

static void damage_to_a_target_is_found(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct record_key key;
    uint64_t ino = 2;
    put(store, ino, SLICE_STRING("../where/it/points"));
    symlink_key_of(ino, &key);
    assert_record_is_guarded(store, &key, read_target, &ino);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(targets_from_1_to_4095_bytes_round_trip),
        WITH_STORE(a_target_that_is_not_there_is_no_entry),
        WITH_STORE(a_target_of_an_impossible_length_is_damage),
        WITH_STORE(damage_to_a_target_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
