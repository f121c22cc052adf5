/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <sys/stat.h>

#include "inode.h"
#include "store_fixture.h"
#include "unit.h"

enum { INO = 7 };

/* Sets INO's size in a transaction of its own. */
static void set_size(struct store *store, uint64_t size)
{
    struct transaction tx;
    struct inode inode = {.ino = INO, .mode = S_IFREG | 0644, .size = size};
    transaction_init(&tx, store);
    inode_put(&tx, &inode);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
}

static uint64_t size_now(struct store *store)
{
    struct inode inode;
    assert_success(inode_get(store, INO, &inode));
    return inode.size;
}

static void a_commit_after_the_loaded_record_changed_writes_nothing(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct transaction tx;
    struct inode inode, other = {.ino = INO + 1, .mode = S_IFREG};
    set_size(store, 10);
    transaction_init(&tx, store);
    assert_success(inode_load(&tx, INO, &inode));
    set_size(store, 20);
    inode.size = 30;
    inode_put(&tx, &inode);
    inode_put(&tx, &other);
    assert_int_equal(transaction_commit(&tx, false), TRANSACTION_AGAIN);
    transaction_release(&tx);
    assert_int_equal(size_now(store), 20);
    assert_error(inode_get(store, INO + 1, &other), ERR_NOENT);
}

static void a_record_that_was_written_again_alike_has_changed(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct transaction tx;
    struct inode inode;
    set_size(store, 10);
    transaction_init(&tx, store);
    assert_success(inode_load(&tx, INO, &inode));
    set_size(store, 20);
    set_size(store, 10);
    inode_put(&tx, &inode);
    assert_int_equal(transaction_commit(&tx, false), TRANSACTION_AGAIN);
    transaction_release(&tx);
}

static void a_commit_expects_the_absence_that_it_loaded(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct transaction tx;
    struct inode inode, mine = {.ino = INO, .mode = S_IFREG, .size = 30};
    transaction_init(&tx, store);
    assert_error(inode_load(&tx, INO, &inode), ERR_NOENT);
    set_size(store, 20);
    inode_put(&tx, &mine);
    assert_int_equal(transaction_commit(&tx, false), TRANSACTION_AGAIN);
    assert_int_equal(size_now(store), 20);
    transaction_release(&tx);
}

static void a_commit_expects_that_the_loaded_record_still_exists(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct transaction tx;
    struct record_key key;
    struct inode inode;
    set_size(store, 10);
    transaction_init(&tx, store);
    assert_success(inode_load(&tx, INO, &inode));
    inode_key(INO, &key);
    raw_delete(store->kv, record_key_slice(&key));
    inode_put(&tx, &inode);
    assert_int_equal(transaction_commit(&tx, false), TRANSACTION_AGAIN);
    transaction_release(&tx);
    assert_error(inode_get(store, INO, &inode), ERR_NOENT);
}

static void a_restart_forgets_loads_and_puts_and_takes_a_new_commit_id(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct transaction tx;
    struct inode inode, forgotten = {.ino = INO + 1, .mode = S_IFREG};
    set_size(store, 10);
    transaction_init(&tx, store);
    uint64_t commit_id = tx.commit_id;
    assert_success(inode_load(&tx, INO, &inode));
    inode_put(&tx, &forgotten);
    set_size(store, 20);
    transaction_restart(&tx);
    assert_int_not_equal(tx.commit_id, commit_id);
    assert_success(inode_load(&tx, INO, &inode));
    assert_int_equal(inode.size, 20);
    inode.size++;
    inode_put(&tx, &inode);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
    assert_int_equal(size_now(store), 21);
    assert_error(inode_get(store, INO + 1, &forgotten), ERR_NOENT);
}

static void a_plain_get_is_not_validated(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct transaction tx;
    struct inode inode;
    set_size(store, 10);
    transaction_init(&tx, store);
    assert_success(inode_get(store, INO, &inode));
    set_size(store, 20);
    inode.size = 30;
    inode_put(&tx, &inode);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
    assert_int_equal(size_now(store), 30);
}

static void puts_and_deletes_of_one_commit_happen_together(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct transaction tx;
    struct inode other = {.ino = INO + 1, .mode = S_IFREG, .size = 5}, got;
    set_size(store, 10);
    transaction_init(&tx, store);
    inode_delete(&tx, INO);
    inode_put(&tx, &other);
    assert_success(inode_get(store, INO, &got));
    assert_error(inode_get(store, INO + 1, &got), ERR_NOENT);
    assert_success(transaction_commit(&tx, true));
    transaction_release(&tx);
    assert_error(inode_get(store, INO, &got), ERR_NOENT);
    assert_success(inode_get(store, INO + 1, &got));
    assert_int_equal(got.size, 5);
}

static void a_commit_survives_closing_the_store(void **state)
{
    struct store_fixture *fixture = *state;
    set_size(fixture->store, 42);
    store_fixture_reopen(fixture);
    assert_int_equal(size_now(fixture->store), 42);
}

static void a_put_counts_the_writes_of_an_inode(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct transaction tx;
    struct inode inode = {.ino = INO, .mode = S_IFDIR, .change = 4};
    transaction_init(&tx, store);
    inode_put(&tx, &inode);
    assert_int_equal(inode.change, 5);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
    assert_success(inode_get(store, INO, &inode));
    assert_int_equal(inode.change, 5);
}

enum { INCREMENTS = 2000, INCREMENTERS = 2 };

struct incrementer {
    struct store *store;
    int error;
};

static void *increment_many(void *argument)
{
    struct incrementer *incrementer = argument;
    struct transaction tx;
    transaction_init(&tx, incrementer->store);
    for (unsigned i = 0; i < INCREMENTS && !incrementer->error; i++) {
        int error;
        do {
            struct inode inode;
            transaction_restart(&tx);
            error = inode_load(&tx, INO, &inode);
            if (error) break;
            inode.size++;
            inode_put(&tx, &inode);
            error = transaction_commit(&tx, false);
        } while (error == TRANSACTION_AGAIN);
        incrementer->error = error;
    }
    transaction_release(&tx);
    return NULL;
}

static void two_threads_that_restart_lose_no_increment(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct incrementer incrementers[INCREMENTERS];
    pthread_t threads[INCREMENTERS];
    set_size(store, 0);
    for (size_t i = 0; i < INCREMENTERS; i++) {
        incrementers[i] = (struct incrementer){.store = store};
        assert_int_equal(pthread_create(&threads[i], NULL, increment_many, &incrementers[i]), 0);
    }
    for (size_t i = 0; i < INCREMENTERS; i++) {
        pthread_join(threads[i], NULL);
        assert_success(incrementers[i].error);
    }
    assert_int_equal(size_now(store), INCREMENTS * INCREMENTERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(a_commit_after_the_loaded_record_changed_writes_nothing),
        WITH_STORE(a_record_that_was_written_again_alike_has_changed),
        WITH_STORE(a_commit_expects_the_absence_that_it_loaded),
        WITH_STORE(a_commit_expects_that_the_loaded_record_still_exists),
        WITH_STORE(a_restart_forgets_loads_and_puts_and_takes_a_new_commit_id),
        WITH_STORE(a_plain_get_is_not_validated),
        WITH_STORE(puts_and_deletes_of_one_commit_happen_together),
        WITH_STORE(a_commit_survives_closing_the_store),
        WITH_STORE(a_put_counts_the_writes_of_an_inode),
        WITH_STORE(two_threads_that_restart_lose_no_increment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
