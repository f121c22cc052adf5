/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "acl_record.h"
#include "store_fixture.h"
#include "unit.h"

static struct store *store_of(void **state)
{
    return ((struct store_fixture *)*state)->store;
}

/* Keeps the list as a version's transaction does, which puts something else besides. */
static struct hash128 keep(struct store *store, struct slice list)
{
    struct transaction tx;
    struct hash128 hash;
    transaction_init(&tx, store);
    assert_success(acl_record_keep(&tx, list, &hash));
    struct record_key other;
    record_key_begin(&other, RECORD_UNLINKED);
    record_begin(&tx.scratch, 1, tx.commit_id);
    record_seal(&tx.scratch, record_key_slice(&other));
    transaction_put(&tx, &other, &tx.scratch);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
    return hash;
}

static void assert_list(struct store *store, const struct hash128 *hash, struct slice expected)
{
    struct buffer got = {0};
    buffer_append(&got, SLICE_STRING("what was in the buffer before"));
    assert_success(acl_record_get(store, hash, &got));
    assert_true(slice_equal(buffer_slice(&got), expected));
    buffer_release(&got);
}

static void key_of(const struct hash128 *hash, struct record_key *ret_key)
{
    record_key_begin(ret_key, RECORD_ACL);
    record_key_bytes(ret_key, SLICE(hash->bytes, sizeof hash->bytes));
}

static void lists_of_any_size_round_trip(void **state)
{
    struct store *store = store_of(state);
    static uint8_t bytes[32 * 1024];
    memset(bytes, 'a', sizeof bytes);
    const size_t sizes[] = {1, 44, sizeof bytes};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct hash128 hash = keep(store, SLICE(bytes, sizes[i]));
        assert_false(hash128_is_zero(&hash));
        assert_list(store, &hash, SLICE(bytes, sizes[i]));
    }
}

static void a_list_is_stored_once(void **state)
{
    struct store *store = store_of(state);
    struct record_key key;
    struct buffer first = {0}, second = {0};
    struct hash128 hash = keep(store, SLICE_STRING("list")), other = keep(store, SLICE_STRING("tsil"));
    assert_false(hash128_equal(&hash, &other));
    key_of(&hash, &key);
    assert_success(raw_get(store->kv, record_key_slice(&key), &first));
    other = keep(store, SLICE_STRING("list"));
    assert_true(hash128_equal(&hash, &other));
    assert_success(raw_get(store->kv, record_key_slice(&key), &second));
    assert_true(slice_equal(buffer_slice(&first), buffer_slice(&second))); /* else another commit id */
    buffer_release(&first);
    buffer_release(&second);
}

static void a_list_that_a_version_names_and_is_not_there_is_damage(void **state)
{
    struct buffer got = {0};
    const struct hash128 hash = {.bytes = {1}};
    assert_error(acl_record_get(store_of(state), &hash, &got), ERR_DAMAGED);
    buffer_release(&got);
}

static int read_list(struct store *store, void *context)
{
    struct buffer got = {0};
    int error = acl_record_get(store, context, &got);
    buffer_release(&got);
    return error;
}

static void damage_to_a_list_is_found(void **state)
{
    struct store *store = store_of(state);
    struct record_key key;
    struct hash128 hash = keep(store, SLICE_STRING("list"));
    key_of(&hash, &key);
    assert_record_is_guarded(store, &key, read_list, &hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(lists_of_any_size_round_trip),
        WITH_STORE(a_list_is_stored_once),
        WITH_STORE(a_list_that_a_version_names_and_is_not_there_is_damage),
        WITH_STORE(damage_to_a_list_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
