/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "kv_fixture.h"
#include "unit.h"

static void what_was_put_is_got(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    put_text(kv, "key", "value");
    assert_text(kv, NULL, "key", "value");
    put_text(kv, "key", "another");
    assert_text(kv, NULL, "key", "another");
}

static void an_absent_key_is_not_found(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    assert_text(kv, NULL, "key", NULL);
    put_text(kv, "key", "value");
    assert_text(kv, NULL, "ke", NULL);
    assert_text(kv, NULL, "key ", NULL);
    assert_text(kv, NULL, "kez", NULL);
}

static void what_was_deleted_is_not_found(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    put_text(kv, "key", "value");
    put_text(kv, "kez", "stays");
    delete_text(kv, "key");
    assert_text(kv, NULL, "key", NULL);
    assert_text(kv, NULL, "kez", "stays");
    delete_text(kv, "key"); /* no error */
}

static void an_empty_value_is_a_value(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    put_text(kv, "key", "");
    assert_text(kv, NULL, "key", "");
}

static void keys_and_values_may_hold_any_byte(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    static const uint8_t key[] = {0, 0xff, 0, 'a', '\n'}, value[] = {0, 1, 0xfe, 0};
    struct kv_batch *batch = batch_new();
    struct buffer got = {0};
    kv_batch_put(batch, SLICE(key, sizeof key), SLICE(value, sizeof value));
    assert_int_equal(commit(kv, batch), KV_DONE);
    assert_success(kv_get(kv, NULL, SLICE(key, sizeof key), &got));
    assert_true(slice_equal(buffer_slice(&got), SLICE(value, sizeof value)));
    assert_error(kv_get(kv, NULL, SLICE(key, 2), &got), ERR_NOT_FOUND);
    buffer_release(&got);
}

static void a_get_replaces_what_the_buffer_held(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    struct buffer got = {0};
    put_text(kv, "key", "value");
    buffer_append(&got, SLICE_STRING("a longer text that was there before"));
    assert_success(kv_get(kv, NULL, SLICE_STRING("key"), &got));
    assert_true(slice_equal(buffer_slice(&got), SLICE_STRING("value")));
    buffer_release(&got);
}

static void the_operations_of_a_batch_happen_in_their_order(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    struct kv_batch *batch = batch_new();
    batch_put_text(batch, "a", "1");
    batch_put_text(batch, "a", "2");
    batch_put_text(batch, "b", "1");
    batch_delete_text(batch, "b");
    batch_delete_text(batch, "c");
    batch_put_text(batch, "c", "1");
    assert_int_equal(commit(kv, batch), KV_DONE);
    assert_text(kv, NULL, "a", "2");
    assert_text(kv, NULL, "b", NULL);
    assert_text(kv, NULL, "c", "1");
}

static void a_batch_copies_what_is_added_and_can_be_used_again(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    struct kv_batch *batch = batch_new();
    enum kv_outcome outcome;
    char key[] = "a", value[] = "1";
    batch_put_text(batch, key, value);
    key[0] = 'b';
    value[0] = '2';
    assert_success(kv_commit(kv, batch, false, &outcome));
    assert_text(kv, NULL, "a", "1");
    assert_text(kv, NULL, "b", NULL);
    kv_batch_clear(batch);
    batch_put_text(batch, key, value);
    assert_int_equal(commit(kv, batch), KV_DONE);
    assert_text(kv, NULL, "a", "1");
    assert_text(kv, NULL, "b", "2");
}

static void an_empty_batch_is_done(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    assert_int_equal(commit(kv, batch_new()), KV_DONE);
}

static void a_durable_commit_and_a_sync_are_seen_like_any(void **state)
{
    struct kv_fixture *fixture = *state;
    struct kv_batch *batch = batch_new();
    enum kv_outcome outcome;
    batch_put_text(batch, "durable", "1");
    assert_success(kv_commit(fixture->kv, batch, true, &outcome));
    assert_int_equal(outcome, KV_DONE);
    kv_batch_free(batch);
    put_text(fixture->kv, "synced", "2");
    assert_success(kv_sync(fixture->kv));
    kv_fixture_reopen(fixture);
    assert_text(fixture->kv, NULL, "durable", "1");
    assert_text(fixture->kv, NULL, "synced", "2");
}

static void what_was_committed_survives_a_reopen(void **state)
{
    struct kv_fixture *fixture = *state;
    put_text(fixture->kv, "stays", "1");
    put_text(fixture->kv, "goes", "1");
    delete_text(fixture->kv, "goes");
    kv_fixture_reopen(fixture);
    assert_text(fixture->kv, NULL, "stays", "1");
    assert_text(fixture->kv, NULL, "goes", NULL);
}

/* ---- limits ---- */

/* TSan's detector of deadlocks knows 64 locks of a thread. RocksDB's engine takes one for each key of a commit. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "detect_deadlocks=0";
}

static void a_commit_as_large_as_allowed_is_done(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    static uint8_t key[KV_KEY_MAX], value[KV_VALUE_MAX];
    enum { LARGE = KV_BATCH_BYTES_MAX / (KV_KEY_MAX + KV_VALUE_MAX), SMALL = KV_BATCH_OPERATIONS_MAX - LARGE };
    struct kv_batch *batch = batch_new();
    struct buffer got = {0};
    memset(key, 'k', sizeof key);
    memset(value, 'v', sizeof value);
    for (uint8_t i = 0; i < LARGE; i++) {
        key[KV_KEY_MAX - 1] = i;
        kv_batch_put(batch, SLICE(key, sizeof key), SLICE(value, sizeof value));
    }
    for (uint8_t i = 0; i < SMALL; i++)
        kv_batch_put(batch, SLICE(&i, 1), SLICE(NULL, 0));
    assert_int_equal(commit(kv, batch), KV_DONE);
    assert_success(kv_get(kv, NULL, SLICE(key, sizeof key), &got));
    assert_true(slice_equal(buffer_slice(&got), SLICE(value, sizeof value)));
    buffer_release(&got);
}

struct oversized {
    struct kv *kv;
    size_t key_size;
    size_t value_size;
    size_t operations;
    bool condition; /* the key is one of a condition */
};

static void commit_oversized(void *context)
{
    static uint8_t key[2 * KV_KEY_MAX], value[2 * KV_VALUE_MAX];
    const struct oversized *oversized = context;
    struct kv_batch *batch = kv_batch_new();
    enum kv_outcome outcome;
    for (size_t i = 0; i < oversized->operations; i++)
        kv_batch_put(batch, SLICE(key, oversized->condition ? 1 : oversized->key_size),
                     SLICE(value, oversized->value_size));
    if (oversized->condition) kv_batch_expect_absent(batch, SLICE(key, oversized->key_size));
    kv_commit(oversized->kv, batch, false, &outcome);
}

static void a_commit_beyond_the_limits_aborts(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    struct oversized oversized[] = {
        {kv, .key_size = 0, .value_size = 1, .operations = 1},
        {kv, .key_size = KV_KEY_MAX + 1, .value_size = 1, .operations = 1},
        {kv, .key_size = 1, .value_size = KV_VALUE_MAX + 1, .operations = 1},
        {kv, .key_size = 1, .value_size = 1, .operations = KV_BATCH_OPERATIONS_MAX + 1},
        {kv, .key_size = 1, .value_size = KV_VALUE_MAX, .operations = 16},
        {kv, .key_size = 0, .value_size = 1, .operations = 1, .condition = true},
        {kv, .key_size = KV_KEY_MAX + 1, .value_size = 1, .operations = 1, .condition = true},
    };
    for (size_t i = 0; i < sizeof oversized / sizeof oversized[0]; i++)
        assert_aborts(commit_oversized, &oversized[i]);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        WITH_ENGINES(what_was_put_is_got),
        WITH_ENGINES(an_absent_key_is_not_found),
        WITH_ENGINES(what_was_deleted_is_not_found),
        WITH_ENGINES(an_empty_value_is_a_value),
        WITH_ENGINES(keys_and_values_may_hold_any_byte),
        WITH_ENGINES(a_get_replaces_what_the_buffer_held),
        WITH_ENGINES(the_operations_of_a_batch_happen_in_their_order),
        WITH_ENGINES(a_batch_copies_what_is_added_and_can_be_used_again),
        WITH_ENGINES(an_empty_batch_is_done),
        WITH_ENGINES(a_durable_commit_and_a_sync_are_seen_like_any),
        WITH_ENGINES(what_was_committed_survives_a_reopen),
        WITH_ENGINES(a_commit_as_large_as_allowed_is_done),
        WITH_ENGINES(a_commit_beyond_the_limits_aborts),
    };
    return RUN_ON_STACK(argc, argv, tests);
}
