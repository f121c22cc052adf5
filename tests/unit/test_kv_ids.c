/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "kv_fixture.h"
#include "recording_kv.h"
#include "unit.h"

static uint64_t reserve(struct kv *kv, const char *name, uint64_t count)
{
    uint64_t first;
    assert_success(kv_reserve_ids(kv, name, count, &first));
    return first;
}

static void ranges_follow_each_other_from_1(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    assert_int_equal(reserve(kv, "a", 1), 1);
    assert_int_equal(reserve(kv, "a", 1000), 2);
    assert_int_equal(reserve(kv, "a", 1), 1002);
}

static void sequences_do_not_know_of_each_other(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    assert_int_equal(reserve(kv, "a", 10), 1);
    assert_int_equal(reserve(kv, "aa", 20), 1);
    assert_int_equal(reserve(kv, "12345678901234567890123456789012", 30), 1);
    assert_int_equal(reserve(kv, "a", 1), 11);
    assert_int_equal(reserve(kv, "aa", 1), 21);
}

static void no_range_is_given_again_after_a_reopen(void **state)
{
    struct kv_fixture *fixture = *state;
    uint64_t first = reserve(fixture->kv, "a", 100);
    kv_fixture_reopen(fixture);
    assert_true(reserve(fixture->kv, "a", 100) >= first + 100);
}

static void a_reservation_is_durable(void **state)
{
    struct kv_fixture *fixture = *state;
    struct recording recording = {0};
    fixture->kv = recording_kv_new(fixture->kv, &recording);
    reserve(fixture->kv, "a", 1);
    reserve(fixture->kv, "a", 1);
    assert_int_equal(recording.durable_commits, 2);
    kv_free(fixture->kv); /* while the recording lives */
    fixture->kv = NULL;
}

enum { THREADS = 3, RESERVATIONS = 100 };

struct reserving {
    struct kv *kv;
    uint64_t firsts[RESERVATIONS];
    int error;
};

/* Of 1, 2, 3, 1, 2, 3, ... numbers. */
static uint64_t count_of(size_t reservation)
{
    return reservation % 3 + 1;
}

static void *reserve_many(void *argument)
{
    struct reserving *reserving = argument;
    for (size_t i = 0; i < RESERVATIONS && !reserving->error; i++)
        reserving->error = kv_reserve_ids(reserving->kv, "shared", count_of(i), &reserving->firsts[i]);
    return NULL;
}

/* Between them the threads got every number once. */
static void assert_each_number_once(const struct reserving *reservings)
{
    enum { NUMBERS = THREADS * (RESERVATIONS / 3 * 6 + 1) }; /* a hundred is 33 rounds of three, and one */
    bool given[NUMBERS + 1] = {false};
    for (size_t thread = 0; thread < THREADS; thread++)
        for (size_t i = 0; i < RESERVATIONS; i++)
            for (uint64_t id = reservings[thread].firsts[i]; id < reservings[thread].firsts[i] + count_of(i); id++) {
                assert_in_range(id, 1, NUMBERS);
                assert_false(given[id]);
                given[id] = true;
            }
}

static void threads_share_a_sequence(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    static struct reserving reservings[THREADS];
    pthread_t threads[THREADS];
    memset(reservings, 0, sizeof reservings);
    for (size_t i = 0; i < THREADS; i++) {
        reservings[i].kv = kv;
        assert_int_equal(pthread_create(&threads[i], NULL, reserve_many, &reservings[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_success(reservings[i].error);
    }
    assert_each_number_once(reservings);
}

static void a_sequence_without_a_nonce_goes_on(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    struct kv_batch *batch = batch_new();
    kv_batch_put(batch, SLICE_STRING("#a"), SLICE("\0\0\0\0\0\0\1\0", 8));
    assert_int_equal(commit(kv, batch), KV_DONE);
    assert_int_equal(reserve(kv, "a", 10), 256);
    assert_int_equal(reserve(kv, "a", 10), 266);
}

static void a_damaged_sequence_is_told(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    uint64_t first;
    static const char *const values[] = {"short", "neither of them", "this is a longer value"};
    for (size_t i = 0; i < 3; i++) {
        put_text(kv, "#a", values[i]);
        assert_error(kv_reserve_ids(kv, "a", 1, &first), ERR_DAMAGED);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        WITH_ENGINES(ranges_follow_each_other_from_1),
        WITH_ENGINES(sequences_do_not_know_of_each_other),
        WITH_ENGINES(no_range_is_given_again_after_a_reopen),
        WITH_ENGINES(a_reservation_is_durable),
        WITH_ENGINES(threads_share_a_sequence),
        WITH_ENGINES(a_sequence_without_a_nonce_goes_on),
        WITH_ENGINES(a_damaged_sequence_is_told),
    };
    return RUN_ON_STACK(argc, argv, tests);
}
