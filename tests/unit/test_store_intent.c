/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "chunk.h"
#include "store_fixture.h"
#include "transaction.h"
#include "unit.h"

static uint64_t new_blobs(struct store *store, uint64_t count)
{
    uint64_t first;
    assert_success(store_new_blob_ids(store, count, &first));
    for (uint64_t i = 0; i < count; i++)
        assert_success(blob_put(store->blobs, first + i, SLICE_STRING("content")));
    return first;
}

static int ignore(void *context, struct slice bytes)
{
    (void)context;
    (void)bytes;
    return 0;
}

static int count_blob(void *context, uint64_t id)
{
    (void)id;
    ++*(uint64_t *)context;
    return 0;
}

static uint64_t count_blobs(struct store *store)
{
    uint64_t count = 0;
    assert_success(blob_list(store->blobs, 0, count_blob, &count));
    return count;
}

static void assert_abandons(struct store *store, uint64_t expected)
{
    uint64_t count = UINT64_MAX;
    assert_success(intent_abandon_all(store, &count));
    assert_int_equal(count, expected);
}

static void blobs_of_a_crash_are_deleted_at_the_next_mount_and_no_others(void **state)
{
    struct store_fixture *fixture = *state;
    uint64_t before = new_blobs(fixture->store, 1), first = new_blobs(fixture->store, 3);
    uint64_t behind = new_blobs(fixture->store, 1);
    assert_success(intent_commit(fixture->store, first, 3));
    store_fixture_reopen(fixture);
    assert_int_equal(count_blobs(fixture->store), 5);
    assert_abandons(fixture->store, 1);
    assert_int_equal(count_blobs(fixture->store), 2);
    assert_success(blob_get(fixture->store->blobs, before, ignore, NULL));
    assert_success(blob_get(fixture->store->blobs, behind, ignore, NULL));
}

static void a_store_without_intents_abandons_none(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    new_blobs(store, 2);
    assert_abandons(store, 0);
    assert_int_equal(count_blobs(store), 2);
}

static void intents_that_were_written_only_in_part_or_not_at_all_are_abandoned(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    uint64_t first;
    assert_success(store_new_blob_ids(store, 1000, &first));
    assert_success(intent_commit(store, first, 1000));
    assert_success(blob_put(store->blobs, first + 999, SLICE_STRING("the last alone")));
    assert_abandons(store, 1);
    assert_int_equal(count_blobs(store), 0);
}

static void more_intents_than_one_page_are_all_abandoned(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    enum { INTENTS = 200 };
    for (unsigned i = 0; i < INTENTS; i++)
        assert_success(intent_commit(store, new_blobs(store, 2), 2));
    assert_abandons(store, INTENTS);
    assert_int_equal(count_blobs(store), 0);
    assert_abandons(store, 0);
}

static void a_commit_that_deletes_the_intent_keeps_its_blobs(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    uint64_t first = new_blobs(store, 3);
    struct transaction tx;
    assert_success(intent_commit(store, first, 3));
    transaction_init(&tx, store);
    intent_delete(&tx, first);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
    assert_abandons(store, 0);
    assert_int_equal(count_blobs(store), 3);
}

static void abandoning_one_intent_leaves_the_others(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    uint64_t first = new_blobs(store, 3), second = new_blobs(store, 4);
    assert_success(intent_commit(store, first, 3));
    assert_success(intent_commit(store, second, 4));
    assert_success(intent_abandon(store, first, 3));
    assert_int_equal(count_blobs(store), 4);
    assert_abandons(store, 1);
    assert_int_equal(count_blobs(store), 0);
}

static struct record_key intent_key_of(uint64_t first)
{
    struct record_key key;
    record_key_begin(&key, RECORD_INTENT);
    record_key_u64(&key, first);
    return key;
}

static void an_impossible_range_deletes_nothing(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    static const struct {
        uint64_t first, count;
    } ranges[] = {{0, 1}, {1, 0}, {1, UINT64_MAX}, {UINT64_MAX, 1}};
    new_blobs(store, 5);
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        struct record_key key = intent_key_of(ranges[i].first);
        struct buffer value = {0};
        uint64_t count = 99;
        record_begin(&value, 1, 1);
        buffer_append_u64(&value, ranges[i].count);
        record_seal(&value, record_key_slice(&key));
        raw_put(store->kv, record_key_slice(&key), buffer_slice(&value));
        assert_error(intent_abandon_all(store, &count), ERR_DAMAGED);
        assert_int_equal(count, 99);
        raw_delete(store->kv, record_key_slice(&key));
        buffer_release(&value);
    }
    assert_int_equal(count_blobs(store), 5);
}

static int abandon(struct store *store, void *context)
{
    (void)context;
    uint64_t count;
    return intent_abandon_all(store, &count);
}

static void damage_to_an_intent_is_found(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    uint64_t first = new_blobs(store, 1);
    struct record_key key = intent_key_of(first);
    assert_success(intent_commit(store, first, 1));
    assert_record_is_guarded(store, &key, abandon, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(blobs_of_a_crash_are_deleted_at_the_next_mount_and_no_others),
        WITH_STORE(a_store_without_intents_abandons_none),
        WITH_STORE(intents_that_were_written_only_in_part_or_not_at_all_are_abandoned),
        WITH_STORE(more_intents_than_one_page_are_all_abandoned),
        WITH_STORE(a_commit_that_deletes_the_intent_keeps_its_blobs),
        WITH_STORE(abandoning_one_intent_leaves_the_others),
        WITH_STORE(an_impossible_range_deletes_nothing),
        WITH_STORE(damage_to_an_intent_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
