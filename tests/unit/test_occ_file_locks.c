/* SPDX-License-Identifier: Apache-2.0 */
#include "file_locks.h"

#include <stdlib.h>
#include <string.h>

#include "random_numbers.h"
#include "unit.h"

enum { INO = 7, OTHER_INO = 8, PLENTY = 1000 };

/* Requesters are told apart by their address only. */
static char requesters[256];

static struct file_locks locks;
static struct lock_waiter *settled;

static int setup(void **state)
{
    (void)state;
    file_locks_init(&locks, PLENTY);
    settled = NULL;
    return 0;
}

static void settled_free(void)
{
    while (settled) {
        struct lock_waiter *waiter = settled;
        settled = waiter->next;
        free(waiter);
    }
}

static int teardown(void **state)
{
    (void)state;
    file_locks_release(&locks, &settled);
    settled_free();
    return locks.files || locks.count ? -1 : 0;
}

static struct lock_request record(uint64_t owner, uint64_t start, uint64_t end, enum lock_mode mode)
{
    return (struct lock_request){
        .ino = INO,
        .kind = LOCK_RECORD,
        .range = {
            .start = start, .end = end, .mode = mode, .owner = owner, .handle = owner + 100, .pid = (pid_t)owner}};
}

static struct lock_request flock_of(uint64_t owner, enum lock_mode mode)
{
    struct lock_request request = record(owner, 0, LOCK_END, mode);
    request.kind = LOCK_FLOCK;
    return request;
}

static int try_lock(struct lock_request request)
{
    return file_locks_set(&locks, &request, NULL, &settled);
}

/* The owner's number is its requester. */
static int wait_lock(struct lock_request request)
{
    return file_locks_set(&locks, &request, &requesters[request.range.owner], &settled);
}

/* That exactly this owner's wait has ended, so. */
static void assert_settled(uint64_t owner, int result)
{
    assert_non_null(settled);
    assert_ptr_equal(settled->requester, &requesters[owner]);
    assert_error(settled->result, result);
    assert_null(settled->next);
    settled_free();
}

static void assert_nobody_settled(void)
{
    assert_null(settled);
}

static void a_lock_excludes_other_owners_of_the_same_file_only(void **state)
{
    (void)state;
    assert_int_equal(try_lock(record(1, 0, 9, LOCK_EXCLUSIVE)), LOCK_DONE);
    assert_int_equal(try_lock(record(2, 9, 9, LOCK_SHARED)), LOCK_BUSY);
    assert_int_equal(try_lock(record(2, 10, 10, LOCK_EXCLUSIVE)), LOCK_DONE);
    struct lock_request elsewhere = record(2, 0, 9, LOCK_EXCLUSIVE);
    elsewhere.ino = OTHER_INO;
    assert_int_equal(try_lock(elsewhere), LOCK_DONE);
}

static void the_two_kinds_do_not_know_of_each_other(void **state)
{
    (void)state;
    assert_int_equal(try_lock(record(1, 0, LOCK_END, LOCK_EXCLUSIVE)), LOCK_DONE);
    assert_int_equal(try_lock(flock_of(2, LOCK_EXCLUSIVE)), LOCK_DONE);
    assert_int_equal(try_lock(flock_of(1, LOCK_SHARED)), LOCK_BUSY);
    file_locks_drop_owner(&locks, INO, 2, &settled); /* a close: flock stays */
    assert_int_equal(try_lock(flock_of(1, LOCK_SHARED)), LOCK_BUSY);
}

static void who_waits_gets_the_lock_when_it_is_given_up(void **state)
{
    (void)state;
    assert_int_equal(try_lock(record(1, 0, 9, LOCK_EXCLUSIVE)), LOCK_DONE);
    assert_int_equal(wait_lock(record(2, 5, 14, LOCK_EXCLUSIVE)), LOCK_QUEUED);
    assert_int_equal(try_lock(record(1, 0, 4, LOCK_NONE)), LOCK_DONE);
    assert_nobody_settled();
    assert_int_equal(try_lock(record(1, 5, 9, LOCK_NONE)), LOCK_DONE);
    assert_settled(2, 0);
    assert_int_equal(try_lock(record(1, 5, 9, LOCK_SHARED)), LOCK_BUSY);
}

static void a_downgrade_lets_readers_in_and_keeps_writers_out(void **state)
{
    (void)state;
    assert_int_equal(try_lock(record(1, 0, 9, LOCK_EXCLUSIVE)), LOCK_DONE);
    assert_int_equal(wait_lock(record(2, 0, 9, LOCK_EXCLUSIVE)), LOCK_QUEUED);
    assert_int_equal(wait_lock(record(3, 0, 9, LOCK_SHARED)), LOCK_QUEUED);
    assert_int_equal(try_lock(record(1, 0, 9, LOCK_SHARED)), LOCK_DONE);
    assert_settled(3, 0);
}

static void the_first_to_come_is_the_first_served(void **state)
{
    (void)state;
    assert_int_equal(try_lock(flock_of(1, LOCK_EXCLUSIVE)), LOCK_DONE);
    for (uint64_t owner = 2; owner < 6; owner++)
        assert_int_equal(wait_lock(flock_of(owner, LOCK_EXCLUSIVE)), LOCK_QUEUED);
    for (uint64_t owner = 1; owner < 5; owner++) {
        file_locks_drop_handle(&locks, INO, owner + 100, &settled);
        assert_settled(owner + 1, 0);
    }
}

static void a_wait_that_is_cancelled_gets_nothing(void **state)
{
    (void)state;
    assert_int_equal(try_lock(record(1, 0, 9, LOCK_EXCLUSIVE)), LOCK_DONE);
    assert_int_equal(wait_lock(record(2, 0, 9, LOCK_EXCLUSIVE)), LOCK_QUEUED);
    assert_true(file_locks_cancel(&locks, &requesters[2]));
    assert_false(file_locks_cancel(&locks, &requesters[2]));
    file_locks_drop_owner(&locks, INO, 1, &settled);
    assert_nobody_settled();
    assert_null(locks.files);
}

static void the_test_tells_who_holds_what(void **state)
{
    (void)state;
    struct lock_range holder = {.pid = -1};
    struct lock_request wanted = record(2, 50, 60, LOCK_SHARED);
    assert_int_equal(try_lock(record(1, 10, 99, LOCK_EXCLUSIVE)), LOCK_DONE);
    assert_true(file_locks_test(&locks, &wanted, &holder));
    assert_int_equal(holder.start, 10);
    assert_int_equal(holder.end, 99);
    assert_int_equal(holder.mode, LOCK_EXCLUSIVE);
    assert_int_equal(holder.pid, 1);
    wanted.range.owner = 1;
    holder.pid = -1;
    assert_false(file_locks_test(&locks, &wanted, &holder));
    assert_int_equal(holder.pid, -1);
}

static void a_conversion_of_flock_gives_up_the_old_lock_first(void **state)
{
    (void)state;
    assert_int_equal(try_lock(flock_of(1, LOCK_SHARED)), LOCK_DONE);
    assert_int_equal(try_lock(flock_of(2, LOCK_SHARED)), LOCK_DONE);
    assert_int_equal(wait_lock(flock_of(1, LOCK_EXCLUSIVE)), LOCK_QUEUED);
    assert_int_equal(wait_lock(flock_of(2, LOCK_EXCLUSIVE)), LOCK_DONE); /* two converters do not block each other */
    assert_nobody_settled();
    assert_int_equal(try_lock(flock_of(2, LOCK_NONE)), LOCK_DONE);
    assert_settled(1, 0);

    assert_int_equal(try_lock(flock_of(1, LOCK_SHARED)), LOCK_DONE);
    assert_int_equal(try_lock(flock_of(2, LOCK_SHARED)), LOCK_DONE);
    assert_int_equal(try_lock(flock_of(1, LOCK_EXCLUSIVE)), LOCK_BUSY);
    assert_int_equal(try_lock(flock_of(2, LOCK_EXCLUSIVE)), LOCK_DONE); /* the first lost what it had */
}

static void a_cycle_of_waiters_is_a_deadlock(void **state)
{
    (void)state;
    for (uint64_t owner = 1; owner <= 4; owner++)
        assert_int_equal(try_lock(record(owner, owner, owner, LOCK_EXCLUSIVE)), LOCK_DONE);
    for (uint64_t owner = 1; owner <= 3; owner++)
        assert_int_equal(wait_lock(record(owner, owner + 1, owner + 1, LOCK_SHARED)), LOCK_QUEUED);
    assert_error(wait_lock(record(4, 1, 1, LOCK_SHARED)), ERR_DEADLOCK);
    assert_int_equal(try_lock(record(4, 1, 1, LOCK_SHARED)), LOCK_BUSY); /* who does not wait cannot close a cycle */
    file_locks_drop_owner(&locks, INO, 4, &settled);
    assert_settled(3, 0);
}

static void a_deadlock_is_found_across_files_and_holders(void **state)
{
    (void)state;
    struct lock_request elsewhere = record(1, 0, 0, LOCK_EXCLUSIVE);
    elsewhere.ino = OTHER_INO;
    assert_int_equal(try_lock(elsewhere), LOCK_DONE);
    assert_int_equal(try_lock(record(2, 0, 0, LOCK_SHARED)), LOCK_DONE);
    assert_int_equal(try_lock(record(3, 0, 0, LOCK_SHARED)), LOCK_DONE);
    elsewhere.range.owner = 3;
    assert_int_equal(wait_lock(elsewhere), LOCK_QUEUED);
    assert_error(wait_lock(record(1, 0, 0, LOCK_EXCLUSIVE)), ERR_DEADLOCK);
}

static void waiting_for_flock_is_no_deadlock(void **state)
{
    (void)state;
    struct lock_request elsewhere = flock_of(2, LOCK_EXCLUSIVE);
    elsewhere.ino = OTHER_INO;
    assert_int_equal(try_lock(flock_of(1, LOCK_EXCLUSIVE)), LOCK_DONE);
    assert_int_equal(try_lock(elsewhere), LOCK_DONE);
    assert_int_equal(wait_lock(flock_of(2, LOCK_EXCLUSIVE)), LOCK_QUEUED);
    elsewhere.range.owner = 1;
    assert_int_equal(wait_lock(elsewhere), LOCK_QUEUED);
}

static void so_many_locks_and_no_more(void **state)
{
    (void)state;
    locks.max = 10;
    for (uint64_t i = 0; i < 10; i++)
        assert_int_equal(try_lock(record(1, i * 2, i * 2, LOCK_EXCLUSIVE)), LOCK_DONE);
    assert_error(try_lock(record(1, 100, 100, LOCK_EXCLUSIVE)), ERR_NOLCK);
    assert_error(wait_lock(record(2, 0, 0, LOCK_EXCLUSIVE)), ERR_NOLCK);
    assert_error(try_lock(flock_of(2, LOCK_SHARED)), ERR_NOLCK);
    assert_int_equal(try_lock(record(1, 0, 0, LOCK_NONE)), LOCK_DONE);
    assert_int_equal(wait_lock(record(2, 2, 2, LOCK_EXCLUSIVE)), LOCK_QUEUED);
    assert_error(try_lock(flock_of(2, LOCK_SHARED)), ERR_NOLCK);
    file_locks_drop_owner(&locks, INO, 1, &settled);
    assert_settled(2, 0);
    assert_int_equal(try_lock(flock_of(2, LOCK_SHARED)), LOCK_DONE);
}

/* ---- many owners against a model ---- */

enum { INOS = 2, OWNERS = 6, BYTES = 6, STEPS = 100000 };

/* What each owner holds, and what it waits for, one thing at a time. */
static enum lock_mode held[INOS][OWNERS][BYTES];
static struct lock_request wishes[OWNERS];
static bool waits[OWNERS];

static void model_set(const struct lock_request *request)
{
    for (uint64_t byte = request->range.start; byte <= request->range.end; byte++)
        held[request->ino][request->range.owner][byte] = request->range.mode;
}

static bool model_keeps(uint64_t holder, const struct lock_request *wish)
{
    if (holder == wish->range.owner || wish->range.mode == LOCK_NONE) return false;
    for (uint64_t byte = wish->range.start; byte <= wish->range.end; byte++) {
        enum lock_mode mode = held[wish->ino][holder][byte];
        if (mode == LOCK_EXCLUSIVE || (mode == LOCK_SHARED && wish->range.mode == LOCK_EXCLUSIVE)) return true;
    }
    return false;
}

static bool model_must_wait(const struct lock_request *wish)
{
    for (uint64_t holder = 0; holder < OWNERS; holder++)
        if (model_keeps(holder, wish)) return true;
    return false;
}

/* Whether somebody who keeps the request from its lock waits for its owner: the closure of who waits for whom. */
static bool model_deadlocks(const struct lock_request *wish)
{
    bool reached[OWNERS] = {false};
    for (size_t round = 0; round <= OWNERS; round++)
        for (uint64_t holder = 0; holder < OWNERS; holder++) {
            reached[holder] |= model_keeps(holder, wish);
            for (uint64_t waiter = 0; waiter < OWNERS; waiter++)
                reached[holder] |= reached[waiter] && waits[waiter] && model_keeps(holder, &wishes[waiter]);
        }
    return reached[wish->range.owner];
}

static void model_settle(void)
{
    for (struct lock_waiter *waiter = settled; waiter; waiter = waiter->next) {
        uint64_t owner = waiter->request.range.owner;
        assert_success(waiter->result);
        assert_ptr_equal(waiter->requester, &requesters[owner]);
        assert_true(waits[owner]);
        waits[owner] = false;
        model_set(&waiter->request);
    }
    settled_free();
    for (uint64_t owner = 0; owner < OWNERS; owner++) {
        assert_true(!waits[owner] || model_must_wait(&wishes[owner]));
        for (uint64_t ino = 0; ino < INOS; ino++) {
            struct lock_request all = record(owner, 0, BYTES - 1, LOCK_NONE);
            for (all.range.start = 0; all.range.start < BYTES; all.range.start++) {
                all.ino = ino;
                all.range.end = all.range.start;
                all.range.mode = held[ino][owner][all.range.start];
                assert_false(model_must_wait(&all));
            }
        }
    }
}

static void random_step(struct random_numbers *numbers)
{
    uint64_t owner = random_next(numbers) % OWNERS, a = random_next(numbers) % BYTES, b = random_next(numbers) % BYTES;
    struct lock_request request = record(owner, a < b ? a : b, a < b ? b : a, random_next(numbers) % 3);
    request.ino = random_next(numbers) % INOS;
    uint64_t choice = random_next(numbers) % 16;
    if (waits[owner]) {
        if (choice != 0) return;
        assert_true(file_locks_cancel(&locks, &requesters[owner]));
        waits[owner] = false;
    } else if (choice == 0) {
        file_locks_drop_owner(&locks, request.ino, owner, &settled);
        memset(held[request.ino][owner], 0, sizeof held[request.ino][owner]);
    } else {
        bool may_wait = choice < 12, must_wait = model_must_wait(&request);
        int expected = !must_wait                  ? LOCK_DONE
                       : !may_wait                 ? LOCK_BUSY
                       : model_deadlocks(&request) ? ERR_DEADLOCK
                                                   : LOCK_QUEUED;
        assert_int_equal(may_wait ? wait_lock(request) : try_lock(request), expected);
        if (expected == LOCK_DONE) model_set(&request);
        waits[owner] = expected == LOCK_QUEUED;
        wishes[owner] = request;
    }
}

static void random_locks_and_waits_are_those_of_a_model(void **state)
{
    (void)state;
    struct random_numbers numbers = {.state = 1};
    for (size_t step = 0; step < STEPS; step++) {
        random_step(&numbers);
        model_settle();
    }
}

#define WITH_LOCKS(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LOCKS(a_lock_excludes_other_owners_of_the_same_file_only),
        WITH_LOCKS(the_two_kinds_do_not_know_of_each_other),
        WITH_LOCKS(who_waits_gets_the_lock_when_it_is_given_up),
        WITH_LOCKS(a_downgrade_lets_readers_in_and_keeps_writers_out),
        WITH_LOCKS(the_first_to_come_is_the_first_served),
        WITH_LOCKS(a_wait_that_is_cancelled_gets_nothing),
        WITH_LOCKS(the_test_tells_who_holds_what),
        WITH_LOCKS(a_conversion_of_flock_gives_up_the_old_lock_first),
        WITH_LOCKS(a_cycle_of_waiters_is_a_deadlock),
        WITH_LOCKS(a_deadlock_is_found_across_files_and_holders),
        WITH_LOCKS(waiting_for_flock_is_no_deadlock),
        WITH_LOCKS(so_many_locks_and_no_more),
        WITH_LOCKS(random_locks_and_waits_are_those_of_a_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
