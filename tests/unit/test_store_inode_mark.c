/* SPDX-License-Identifier: Apache-2.0 */
#include "inode.h"
#include "store_fixture.h"
#include "unit.h"

static void put(struct store *store, uint64_t ino)
{
    struct transaction tx;
    transaction_init(&tx, store);
    unlinked_put(&tx, ino);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
}

struct seen {
    uint64_t inos[8];
    size_t count;
    size_t stop_after; /* 0: never */
    int result;        /* then */
};

static int see(void *context, uint64_t ino)
{
    struct seen *seen = context;
    assert_true(seen->count < sizeof seen->inos / sizeof seen->inos[0]);
    seen->inos[seen->count++] = ino;
    return seen->count == seen->stop_after ? seen->result : 0;
}

static void every_inode_without_a_name_is_visited_once_in_order(void **state)
{
    struct store_fixture *fixture = *state;
    static const uint64_t expected[] = {2, 255, 256, 1ULL << 32, UINT64_MAX};
    struct seen seen = {.count = 0};
    assert_success(unlinked_scan(fixture->store, see, &seen));
    assert_int_equal(seen.count, 0);
    for (size_t i = 5; i-- > 0;)
        put(fixture->store, expected[i]);
    put(fixture->store, 255);
    store_fixture_reopen(fixture);
    assert_success(unlinked_scan(fixture->store, see, &seen));
    assert_int_equal(seen.count, 5);
    assert_memory_equal(seen.inos, expected, sizeof expected);
}

static void an_inode_that_was_reaped_is_visited_no_more(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct transaction tx;
    struct seen seen = {.count = 0};
    put(store, 2);
    put(store, 3);
    transaction_init(&tx, store);
    unlinked_delete(&tx, 2);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
    assert_success(unlinked_scan(store, see, &seen));
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.inos[0], 3);
}

static void a_visitor_that_fails_ends_the_scan_with_its_error(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct seen seen = {.stop_after = 2, .result = ERR_NOSPC};
    for (uint64_t ino = 2; ino < 6; ino++)
        put(store, ino);
    assert_error(unlinked_scan(store, see, &seen), ERR_NOSPC);
    assert_int_equal(seen.count, 2);
}

static int scan(struct store *store, void *context)
{
    (void)context;
    struct seen seen = {.count = 0};
    return unlinked_scan(store, see, &seen);
}

static void damage_to_an_unlinked_record_is_found(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct record_key key;
    put(store, 2);
    record_key_begin(&key, RECORD_UNLINKED);
    record_key_u64(&key, 2);
    assert_record_is_guarded(store, &key, scan, NULL);
}

static void a_file_that_is_made_anew_is_marked_apart(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct seen unlinked = {.count = 0}, anew = {.count = 0}, settled = {.count = 0};
    struct transaction tx;
    put(store, 2);
    transaction_init(&tx, store);
    anew_put(&tx, 3);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
    assert_success(unlinked_scan(store, see, &unlinked));
    assert_int_equal(unlinked.count, 1);
    assert_success(anew_scan(store, see, &anew));
    assert_int_equal(anew.count, 1);
    assert_int_equal(anew.inos[0], 3);
    transaction_init(&tx, store);
    anew_delete(&tx, 3);
    unlinked_put(&tx, 2); /* conditions need a put */
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
    assert_success(anew_scan(store, see, &settled));
    assert_int_equal(settled.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(every_inode_without_a_name_is_visited_once_in_order),
        WITH_STORE(an_inode_that_was_reaped_is_visited_no_more),
        WITH_STORE(a_visitor_that_fails_ends_the_scan_with_its_error),
        WITH_STORE(damage_to_an_unlinked_record_is_found),
        WITH_STORE(a_file_that_is_made_anew_is_marked_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
