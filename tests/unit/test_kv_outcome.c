/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "kv_fixture.h"
#include "unit.h"

/* How kv_commit settles it when the engine's answer is lost. */

static struct kv *with_faults(void **state, const char *plan)
{
    struct kv_fixture *fixture = *state;
    put_text(fixture->kv, "key", "old");
    kv_fixture_add_faults(fixture, plan);
    return fixture->kv;
}

static int replace(struct kv *kv, const char *old, const char *new, enum kv_outcome *ret_outcome)
{
    struct kv_batch *batch = batch_new();
    batch_expect_text(batch, "key", old);
    batch_put_text(batch, "key", new);
    int error = kv_commit(kv, batch, false, ret_outcome);
    kv_batch_free(batch);
    return error;
}

static void a_commit_whose_answer_was_lost_is_done(void **state)
{
    struct kv_fixture *fixture = *state;
    struct kv *kv = with_faults(state, "commit unknown times=1");
    enum kv_outcome outcome;
    assert_success(replace(kv, "old", "new", &outcome));
    assert_int_equal(outcome, KV_DONE);
    assert_text(kv, NULL, "key", "new");
    assert_int_equal(fault_plan_applied(fixture->plan), 1);
}

static void a_commit_that_was_lost_itself_is_made_again(void **state)
{
    struct kv *kv = with_faults(state, "commit lost times=3");
    enum kv_outcome outcome;
    assert_success(replace(kv, "old", "new", &outcome));
    assert_int_equal(outcome, KV_DONE);
    assert_text(kv, NULL, "key", "new");
}

static void a_false_condition_behind_a_lost_answer_is_false(void **state)
{
    static const char *const plans[] = {"commit unknown times=2", "commit lost times=2"};
    struct kv *kv = with_faults(state, plans[0]);
    for (size_t i = 0; i < 2; i++) {
        enum kv_outcome outcome;
        assert_success(fault_plan_set(((struct kv_fixture *)*state)->plan, plans[i]));
        assert_success(replace(kv, "another", "new", &outcome));
        assert_int_equal(outcome, KV_CONDITION_FALSE);
        assert_text(kv, NULL, "key", "old");
    }
}

static void a_batch_without_conditions_is_made_again(void **state)
{
    struct kv *kv = with_faults(state, "commit unknown times=1");
    put_text(kv, "key", "new");
    assert_text(kv, NULL, "key", "new");
}

static void an_answer_that_never_comes_is_an_unknown_outcome(void **state)
{
    static const char *const plans[] = {"commit lost", "commit unknown"};
    struct kv *kv = with_faults(state, "");
    for (size_t i = 0; i < 2; i++) {
        enum kv_outcome outcome;
        assert_success(fault_plan_set(((struct kv_fixture *)*state)->plan, plans[i]));
        assert_error(replace(kv, "old", "new", &outcome), ERR_UNKNOWN_OUTCOME);
        assert_text(kv, NULL, "key", i == 0 ? "old" : "new");
    }
}

static void an_outcome_that_cannot_be_looked_up_is_unknown(void **state)
{
    struct kv *kv = with_faults(state, "commit unknown times=1\nget error IO times=1");
    enum kv_outcome outcome;
    assert_error(replace(kv, "old", "new", &outcome), ERR_UNKNOWN_OUTCOME);
    assert_text(kv, NULL, "key", "new");
}

static void an_error_behind_a_lost_answer_leaves_the_outcome_unknown(void **state)
{
    struct kv *kv = with_faults(state, "commit unknown times=1\ncommit error IO");
    enum kv_outcome outcome;
    assert_error(replace(kv, "old", "new", &outcome), ERR_UNKNOWN_OUTCOME);
    assert_text(kv, NULL, "key", "new");
}

static void an_error_is_passed_on_and_nothing_has_happened(void **state)
{
    struct kv *kv = with_faults(state, "commit error NOSPC times=1");
    enum kv_outcome outcome;
    assert_error(replace(kv, "old", "new", &outcome), ERR_NOSPC);
    assert_text(kv, NULL, "key", "old");
    assert_success(replace(kv, "old", "new", &outcome));
    assert_text(kv, NULL, "key", "new");
}

/* ---- reservations ---- */

/* Loses the first commit, while somebody else reserves as many numbers. */
struct overtaken_kv {
    struct kv kv;
    struct kv *inner;
    uint64_t first_of_other; /* 0 until then */
};

static int overtaken_get(struct kv *kv, const struct kv_snapshot *snapshot, struct slice key, struct buffer *ret_value)
{
    return kv_get(((struct overtaken_kv *)kv)->inner, snapshot, key, ret_value);
}

static int overtaken_commit(struct kv *kv, const struct kv_batch *batch, bool durable, enum kv_outcome *ret_outcome)
{
    struct overtaken_kv *overtaken = (struct overtaken_kv *)kv;
    struct kv *inner = overtaken->inner;
    if (overtaken->first_of_other > 0) return inner->engine->commit(inner, batch, durable, ret_outcome);
    *ret_outcome = KV_UNKNOWN;
    return kv_reserve_ids(inner, "a", 10, &overtaken->first_of_other);
}

static void a_reservation_that_was_overtaken_takes_other_numbers(void **state)
{
    static const struct kv_engine engine = {.name = "overtaken", .get = overtaken_get, .commit = overtaken_commit};
    struct overtaken_kv overtaken = {{&engine}, ((struct kv_fixture *)*state)->kv, 0};
    uint64_t first;
    assert_success(kv_reserve_ids(&overtaken.kv, "a", 10, &first));
    assert_int_equal(overtaken.first_of_other, 1);
    assert_int_equal(first, 11);
}

static void a_reservation_whose_answer_was_lost_wastes_nothing(void **state)
{
    struct kv *kv = with_faults(state, "commit unknown times=1\ncommit lost times=1");
    uint64_t first;
    assert_success(kv_reserve_ids(kv, "a", 10, &first));
    assert_int_equal(first, 1);
    assert_success(kv_reserve_ids(kv, "a", 10, &first));
    assert_int_equal(first, 11);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        WITH_ENGINES(a_commit_whose_answer_was_lost_is_done),
        WITH_ENGINES(a_commit_that_was_lost_itself_is_made_again),
        WITH_ENGINES(a_false_condition_behind_a_lost_answer_is_false),
        WITH_ENGINES(a_batch_without_conditions_is_made_again),
        WITH_ENGINES(an_answer_that_never_comes_is_an_unknown_outcome),
        WITH_ENGINES(an_outcome_that_cannot_be_looked_up_is_unknown),
        WITH_ENGINES(an_error_behind_a_lost_answer_leaves_the_outcome_unknown),
        WITH_ENGINES(an_error_is_passed_on_and_nothing_has_happened),
        WITH_ENGINES(a_reservation_that_was_overtaken_takes_other_numbers),
        WITH_ENGINES(a_reservation_whose_answer_was_lost_wastes_nothing),
    };
    return RUN_ON_STACK(argc, argv, tests);
}
