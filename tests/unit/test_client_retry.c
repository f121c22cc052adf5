/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "occfs.h"
#include "unit.h"

enum { ROUNDS = 10000 };

/* The least and the greatest of many draws. */
static void draw(const struct occfs_retry *retry, unsigned tries, long *ret_least, long *ret_greatest)
{
    long least = occfs_retry_delay(retry, tries, 0), greatest = least;
    for (int i = 0; i < ROUNDS; i++) {
        long delay = occfs_retry_delay(retry, tries, 0);
        if (delay < least) least = delay;
        if (delay > greatest) greatest = delay;
    }
    *ret_least = least;
    *ret_greatest = greatest;
}

static void assert_range(const struct occfs_retry *retry, unsigned tries, long least, long greatest)
{
    long low, high;
    draw(retry, tries, &low, &high);
    assert_in_range(low, least, greatest);
    assert_in_range(high, least, greatest);
}

static void the_default_waits_ten_ms_four_times(void **state)
{
    (void)state;
    for (unsigned tries = 1; tries <= 4; tries++)
        assert_range(&occfs_retry_default, tries, 10, 10); /* 10 % of it is less than one more */
    assert_true(occfs_retry_delay(&occfs_retry_default, 5, 0) < 0);
    assert_true(occfs_retry_delay(&occfs_retry_default, 6, 0) < 0);
}

static void the_backoff_waits_five_times_as_long_each_time(void **state)
{
    (void)state;
    assert_range(&occfs_retry_backoff, 1, 10, 10);
    assert_range(&occfs_retry_backoff, 2, 50, 54);
    assert_range(&occfs_retry_backoff, 3, 250, 274);
    assert_true(occfs_retry_delay(&occfs_retry_backoff, 4, 0) < 0);
}

static void jitter_adds_up_to_its_share(void **state)
{
    const struct occfs_retry retry = {.tries = 2, .delay_ms = 1000, .factor = 1, .jitter = 0.5};
    long low, high;
    (void)state;
    draw(&retry, 1, &low, &high);
    assert_in_range(low, 1000, 1020);
    assert_in_range(high, 1480, 1499);
}

static void full_jitter_is_anything_up_to_the_delay(void **state)
{
    const struct occfs_retry retry = {.tries = 3, .delay_ms = 1000, .factor = 2, .full_jitter = true};
    long low, high;
    (void)state;
    draw(&retry, 2, &low, &high);
    assert_in_range(low, 0, 40);
    assert_in_range(high, 1960, 1999);
}

static void the_longest_delay_holds_with_jitter_too(void **state)
{
    struct occfs_retry retry = {.tries = 100, .delay_ms = 10, .factor = 10, .jitter = 1, .max_ms = 300};
    (void)state;
    assert_range(&retry, 1, 10, 19);
    assert_range(&retry, 3, 300, 300);
    assert_range(&retry, 99, 300, 300);
    retry.full_jitter = true;
    assert_range(&retry, 99, 0, 300);
}

static void without_a_longest_delay_it_does_not_overflow(void **state)
{
    const struct occfs_retry retry = {.tries = 5000, .delay_ms = 1000000, .factor = 1000, .jitter = 1};
    (void)state;
    assert_range(&retry, 4999, 1000000000, 1000000000);
}

static void no_attempt_begins_after_the_deadline(void **state)
{
    const struct occfs_retry retry = {.tries = 100, .delay_ms = 20, .factor = 1, .deadline_ms = 100};
    (void)state;
    assert_int_equal(occfs_retry_delay(&retry, 1, 0), 20);
    assert_int_equal(occfs_retry_delay(&retry, 1, 80), 20);
    assert_true(occfs_retry_delay(&retry, 1, 81) < 0);
    assert_true(occfs_retry_delay(&retry, 1, 100000) < 0);
}

static void one_try_or_none_is_not_repeated(void **state)
{
    const struct occfs_retry once = {.tries = 1, .delay_ms = 10, .factor = 1}, none = {.delay_ms = 10};
    (void)state;
    assert_true(occfs_retry_delay(&once, 1, 0) < 0);
    assert_true(occfs_retry_delay(&none, 1, 0) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_waits_ten_ms_four_times),
        cmocka_unit_test(the_backoff_waits_five_times_as_long_each_time),
        cmocka_unit_test(jitter_adds_up_to_its_share),
        cmocka_unit_test(full_jitter_is_anything_up_to_the_delay),
        cmocka_unit_test(the_longest_delay_holds_with_jitter_too),
        cmocka_unit_test(without_a_longest_delay_it_does_not_overflow),
        cmocka_unit_test(no_attempt_begins_after_the_deadline),
        cmocka_unit_test(one_try_or_none_is_not_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
