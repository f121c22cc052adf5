/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "kv_fixture.h"
#include "unit.h"

/* Commits "mark" = value under one condition. */
static enum kv_outcome mark_if(struct kv *kv, const char *value, const char *key, const char *expected)
{
    struct kv_batch *batch = batch_new();
    batch_expect_text(batch, key, expected);
    batch_put_text(batch, "mark", value);
    return commit(kv, batch);
}

static void a_commit_happens_only_if_the_value_is_the_expected(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    put_text(kv, "key", "value");
    assert_int_equal(mark_if(kv, "1", "key", "value"), KV_DONE);
    assert_int_equal(mark_if(kv, "2", "key", "valu"), KV_CONDITION_FALSE);
    assert_int_equal(mark_if(kv, "3", "key", "value "), KV_CONDITION_FALSE);
    assert_int_equal(mark_if(kv, "4", "key", ""), KV_CONDITION_FALSE);
    assert_int_equal(mark_if(kv, "5", "absent", "value"), KV_CONDITION_FALSE);
    assert_text(kv, NULL, "mark", "1");
}

static void a_commit_happens_only_if_the_key_is_absent(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    put_text(kv, "key", "value");
    put_text(kv, "empty", "");
    assert_int_equal(mark_if(kv, "1", "absent", NULL), KV_DONE);
    assert_int_equal(mark_if(kv, "2", "key", NULL), KV_CONDITION_FALSE);
    assert_int_equal(mark_if(kv, "3", "empty", NULL), KV_CONDITION_FALSE);
    assert_text(kv, NULL, "mark", "1");
    delete_text(kv, "key");
    assert_int_equal(mark_if(kv, "4", "key", NULL), KV_DONE);
}

static void an_absent_key_is_not_an_empty_value(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    assert_int_equal(mark_if(kv, "1", "absent", ""), KV_CONDITION_FALSE);
    put_text(kv, "empty", "");
    assert_int_equal(mark_if(kv, "2", "empty", ""), KV_DONE);
}

static void one_false_condition_of_many_undoes_the_whole_batch(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    put_text(kv, "a", "1");
    put_text(kv, "b", "1");
    struct kv_batch *batch = batch_new();
    batch_expect_text(batch, "a", "1");
    batch_expect_text(batch, "c", NULL);
    batch_expect_text(batch, "b", "2");
    batch_put_text(batch, "a", "2");
    batch_put_text(batch, "c", "2");
    batch_delete_text(batch, "b");
    assert_int_equal(commit(kv, batch), KV_CONDITION_FALSE);
    assert_scan(kv, NULL, &(struct kv_range){0}, "a=1 b=1");
}

static void conditions_are_about_the_state_before_the_batch(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    struct kv_batch *batch = batch_new();
    batch_put_text(batch, "a", "1");
    batch_expect_text(batch, "a", NULL);
    assert_int_equal(commit(kv, batch), KV_DONE);
    batch = batch_new();
    batch_put_text(batch, "a", "2");
    batch_expect_text(batch, "a", "1");
    assert_int_equal(commit(kv, batch), KV_DONE);
    assert_text(kv, NULL, "a", "2");
}

static void commit_without_a_put(void *context)
{
    struct kv_batch *batch = kv_batch_new();
    enum kv_outcome outcome;
    kv_batch_expect_absent(batch, SLICE_STRING("a"));
    kv_batch_delete(batch, SLICE_STRING("b"));
    kv_commit(context, batch, false, &outcome);
}

static void a_condition_without_a_put_aborts(void **state)
{
    assert_aborts(commit_without_a_put, ((struct kv_fixture *)*state)->kv);
}

/* ---- races ---- */

enum { COMMITTERS = 2, ROUNDS = 300, INCREMENTS = 300 };

struct committer {
    struct kv *kv;
    pthread_barrier_t *barrier;
    char name[8];
    int error;
    int wins[ROUNDS];
};

/* In each round all try to follow the round before; asserts only in the main thread. */
static void *race(void *argument)
{
    struct committer *committer = argument;
    struct kv_batch *batch = kv_batch_new();
    for (int round = 0; round < ROUNDS; round++) {
        char expected[16], value[32];
        enum kv_outcome outcome = KV_UNKNOWN;
        snprintf(expected, sizeof expected, "%d", round);
        snprintf(value, sizeof value, "%d", round + 1);
        kv_batch_clear(batch);
        kv_batch_put(batch, SLICE_STRING("winner"), SLICE_STRING(committer->name));
        kv_batch_put(batch, SLICE_STRING("round"), SLICE_STRING(value));
        kv_batch_expect(batch, SLICE_STRING("round"), SLICE_STRING(expected));
        pthread_barrier_wait(committer->barrier);
        int error = kv_commit(committer->kv, batch, false, &outcome);
        if (error) committer->error = error;
        committer->wins[round] = outcome == KV_DONE;
        pthread_barrier_wait(committer->barrier);
    }
    kv_batch_free(batch);
    return NULL;
}

static void of_racing_committers_exactly_one_wins(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    static struct committer committers[COMMITTERS];
    pthread_t threads[COMMITTERS];
    pthread_barrier_t barrier;
    put_text(kv, "round", "0");
    assert_int_equal(pthread_barrier_init(&barrier, NULL, COMMITTERS), 0);
    for (int i = 0; i < COMMITTERS; i++) {
        committers[i] = (struct committer){.kv = kv, .barrier = &barrier};
        snprintf(committers[i].name, sizeof committers[i].name, "%d", i);
        assert_int_equal(pthread_create(&threads[i], NULL, race, &committers[i]), 0);
    }
    for (int i = 0; i < COMMITTERS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&barrier);
    for (int round = 0; round < ROUNDS; round++) {
        int wins = 0;
        for (int i = 0; i < COMMITTERS; i++) {
            wins += committers[i].wins[round];
            assert_success(committers[i].error);
        }
        assert_int_equal(wins, 1);
    }
    assert_text(kv, NULL, "winner", committers[0].wins[ROUNDS - 1] ? "0" : "1");
}

struct incrementer {
    struct kv *kv;
    unsigned name; /* makes the values differ */
    int error;
};

static int increment(struct kv *kv, unsigned name, struct kv_batch *batch)
{
    struct buffer value = {0};
    enum kv_outcome outcome = KV_CONDITION_FALSE;
    int error = 0;
    while (!error && outcome == KV_CONDITION_FALSE) {
        unsigned count = 0;
        char next[32];
        error = kv_get(kv, NULL, SLICE_STRING("count"), &value);
        if (error) break;
        kv_batch_clear(batch);
        kv_batch_expect(batch, SLICE_STRING("count"), buffer_slice(&value));
        buffer_append_u8(&value, '\0');
        sscanf((const char *)value.data, "%u", &count);
        snprintf(next, sizeof next, "%u by %u", count + 1, name);
        kv_batch_put(batch, SLICE_STRING("count"), SLICE_STRING(next));
        error = kv_commit(kv, batch, false, &outcome);
    }
    buffer_release(&value);
    return error;
}

static void *increment_many(void *argument)
{
    struct incrementer *incrementer = argument;
    struct kv_batch *batch = kv_batch_new();
    for (int i = 0; i < INCREMENTS && !incrementer->error; i++)
        incrementer->error = increment(incrementer->kv, incrementer->name, batch);
    kv_batch_free(batch);
    return NULL;
}

static void threads_that_try_again_lose_no_increment(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    struct incrementer incrementers[COMMITTERS];
    pthread_t threads[COMMITTERS];
    put_text(kv, "count", "0");
    for (unsigned i = 0; i < COMMITTERS; i++) {
        incrementers[i] = (struct incrementer){.kv = kv, .name = i};
        assert_int_equal(pthread_create(&threads[i], NULL, increment_many, &incrementers[i]), 0);
    }
    for (unsigned i = 0; i < COMMITTERS; i++) {
        pthread_join(threads[i], NULL);
        assert_success(incrementers[i].error);
    }
    struct buffer value = {0};
    unsigned count = 0;
    assert_success(kv_get(kv, NULL, SLICE_STRING("count"), &value));
    buffer_append_u8(&value, '\0');
    assert_int_equal(sscanf((const char *)value.data, "%u", &count), 1);
    assert_int_equal(count, COMMITTERS * INCREMENTS);
    buffer_release(&value);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        WITH_ENGINES(a_commit_happens_only_if_the_value_is_the_expected),
        WITH_ENGINES(a_commit_happens_only_if_the_key_is_absent),
        WITH_ENGINES(an_absent_key_is_not_an_empty_value),
        WITH_ENGINES(one_false_condition_of_many_undoes_the_whole_batch),
        WITH_ENGINES(conditions_are_about_the_state_before_the_batch),
        WITH_ENGINES(a_condition_without_a_put_aborts),
        WITH_ENGINES(of_racing_committers_exactly_one_wins),
        WITH_ENGINES(threads_that_try_again_lose_no_increment),
    };
    return RUN_ON_STACK(argc, argv, tests);
}
