/* SPDX-License-Identifier: Apache-2.0 */
#include "lock_ranges.h"

#include "random_numbers.h"
#include "unit.h"

enum { PLENTY = 1000 };

static int set(struct lock_ranges *ranges, uint64_t owner, uint64_t start, uint64_t end, enum lock_mode mode)
{
    const struct lock_range wanted = {.start = start, .end = end, .mode = mode, .owner = owner, .handle = owner};
    return lock_ranges_set(ranges, &wanted, PLENTY);
}

static void assert_range(const struct lock_range *range, uint64_t start, uint64_t end, enum lock_mode mode)
{
    assert_non_null(range);
    assert_int_equal(range->start, start);
    assert_int_equal(range->end, end);
    assert_int_equal(range->mode, mode);
}

static void unlocking_the_middle_splits_a_range(void **state)
{
    (void)state;
    struct lock_ranges ranges = {0};
    assert_success(set(&ranges, 1, 0, 99, LOCK_EXCLUSIVE));
    assert_success(set(&ranges, 1, 40, 59, LOCK_NONE));
    assert_int_equal(ranges.count, 2);
    assert_range(ranges.first, 0, 39, LOCK_EXCLUSIVE);
    assert_range(ranges.first->next, 60, 99, LOCK_EXCLUSIVE);
    lock_ranges_release(&ranges);
}

static void another_mode_in_the_middle_makes_three_ranges(void **state)
{
    (void)state;
    struct lock_ranges ranges = {0};
    assert_success(set(&ranges, 1, 0, 99, LOCK_EXCLUSIVE));
    assert_success(set(&ranges, 1, 40, 59, LOCK_SHARED));
    assert_int_equal(ranges.count, 3);
    assert_range(ranges.first, 0, 39, LOCK_EXCLUSIVE);
    assert_range(ranges.first->next, 40, 59, LOCK_SHARED);
    assert_range(ranges.first->next->next, 60, 99, LOCK_EXCLUSIVE);
    assert_success(set(&ranges, 1, 40, 59, LOCK_EXCLUSIVE));
    assert_int_equal(ranges.count, 1);
    assert_range(ranges.first, 0, 99, LOCK_EXCLUSIVE);
    lock_ranges_release(&ranges);
}

static void ranges_that_touch_are_joined(void **state)
{
    (void)state;
    struct lock_ranges ranges = {0};
    assert_success(set(&ranges, 1, 0, 9, LOCK_SHARED));
    assert_success(set(&ranges, 1, 20, LOCK_END, LOCK_SHARED));
    assert_success(set(&ranges, 2, 10, 19, LOCK_SHARED));
    assert_int_equal(ranges.count, 3);
    assert_success(set(&ranges, 1, 10, 19, LOCK_SHARED));
    assert_int_equal(ranges.count, 2);
    assert_range(ranges.first, 0, LOCK_END, LOCK_SHARED);
    lock_ranges_release(&ranges);
}

static void a_lock_covers_what_its_owner_had(void **state)
{
    (void)state;
    struct lock_ranges ranges = {0};
    for (uint64_t start = 10; start < 100; start += 10)
        assert_success(set(&ranges, 1, start, start + 4, start % 20 ? LOCK_SHARED : LOCK_EXCLUSIVE));
    assert_int_equal(ranges.count, 9);
    assert_success(set(&ranges, 1, 12, 92, LOCK_EXCLUSIVE));
    assert_int_equal(ranges.count, 3);
    assert_range(ranges.first, 10, 11, LOCK_SHARED);
    assert_range(ranges.first->next, 12, 92, LOCK_EXCLUSIVE);
    assert_range(ranges.first->next->next, 93, 94, LOCK_SHARED);
    lock_ranges_release(&ranges);
}

static void readers_share_and_writers_exclude(void **state)
{
    (void)state;
    struct lock_ranges ranges = {0};
    assert_success(set(&ranges, 1, 10, 19, LOCK_SHARED));
    struct lock_range wanted = {.start = 19, .end = 30, .mode = LOCK_SHARED, .owner = 2};
    assert_null(lock_ranges_conflict(&ranges, &wanted, NULL));
    wanted.mode = LOCK_EXCLUSIVE;
    assert_range(lock_ranges_conflict(&ranges, &wanted, NULL), 10, 19, LOCK_SHARED);
    wanted.start = 20;
    assert_null(lock_ranges_conflict(&ranges, &wanted, NULL));
    wanted.start = 0;
    wanted.owner = 1;
    assert_null(lock_ranges_conflict(&ranges, &wanted, NULL));
    lock_ranges_release(&ranges);
}

static void without_room_nothing_changes(void **state)
{
    (void)state;
    struct lock_ranges ranges = {0};
    struct lock_range wanted = {.start = 0, .end = 99, .mode = LOCK_EXCLUSIVE, .owner = 1};
    assert_error(lock_ranges_set(&ranges, &wanted, 0), ERR_NOLCK);
    assert_success(lock_ranges_set(&ranges, &wanted, 1));
    wanted = (struct lock_range){.start = 40, .end = 59, .mode = LOCK_SHARED, .owner = 1};
    assert_error(lock_ranges_set(&ranges, &wanted, 1), ERR_NOLCK);
    wanted.mode = LOCK_NONE;
    assert_error(lock_ranges_set(&ranges, &wanted, 0), ERR_NOLCK);
    assert_int_equal(ranges.count, 1);
    assert_range(ranges.first, 0, 99, LOCK_EXCLUSIVE);
    wanted.start = 0;
    assert_success(lock_ranges_set(&ranges, &wanted, 0));
    assert_range(ranges.first, 60, 99, LOCK_EXCLUSIVE);
    lock_ranges_release(&ranges);
}

static void what_was_set_through_two_handles_is_one_lock_to_others(void **state)
{
    (void)state;
    struct lock_ranges ranges = {0};
    for (uint64_t handle = 0; handle < 3; handle++) {
        const struct lock_range part = {
            .start = handle * 10, .end = handle * 10 + 9, .mode = LOCK_SHARED, .owner = 1, .handle = handle, .pid = 7};
        assert_success(lock_ranges_set(&ranges, &part, PLENTY));
    }
    assert_success(set(&ranges, 1, 40, 49, LOCK_SHARED));
    assert_int_equal(ranges.count, 4);
    const struct lock_range whole = lock_ranges_whole(&ranges, ranges.first->next);
    assert_range(&whole, 0, 29, LOCK_SHARED);
    assert_int_equal(whole.pid, 7);
    lock_ranges_drop_handle(&ranges, 1);
    assert_int_equal(ranges.count, 2);
    assert_range(ranges.first, 0, 9, LOCK_SHARED);
    lock_ranges_release(&ranges);
}

/* ---- against a model that knows each byte ---- */

enum { OWNERS = 4, HANDLES = 3, BYTES = 24, STEPS = 200000 };

struct model_byte {
    enum lock_mode mode;
    uint64_t handle;
};

static struct model_byte model[OWNERS][BYTES];

/* The last bytes of the model are the last of all files. */
static uint64_t position_of(unsigned byte)
{
    return byte < BYTES / 2 ? byte : LOCK_END - (BYTES - 1 - byte);
}

static void model_set(unsigned owner, unsigned first, unsigned last, struct model_byte value)
{
    for (unsigned byte = first; byte <= last; byte++)
        model[owner][byte] = value;
}

static void assert_like_model(const struct lock_ranges *ranges)
{
    size_t runs = 0;
    for (unsigned owner = 0; owner < OWNERS; owner++)
        for (unsigned byte = 0; byte < BYTES; byte++) {
            const struct model_byte *here = &model[owner][byte];
            assert_int_equal(lock_ranges_mode(ranges, owner, position_of(byte)), here->mode);
            bool goes_on = byte % (BYTES / 2) != 0 && here[-1].mode == here->mode && here[-1].handle == here->handle;
            runs += here->mode != LOCK_NONE && !goes_on;
        }
    size_t count = 0;
    for (const struct lock_range *range = ranges->first; range; range = range->next) {
        count++;
        assert_true(range->start <= range->end && range->end <= LOCK_END);
        const struct lock_range *next = range->next;
        assert_true(!next || range->owner < next->owner || (range->owner == next->owner && range->end < next->start));
    }
    assert_int_equal(count, ranges->count);
    assert_int_equal(count, runs);
}

static bool model_conflicts(unsigned owner, unsigned first, unsigned last, enum lock_mode mode)
{
    for (unsigned other = 0; other < OWNERS; other++)
        for (unsigned byte = first; byte <= last && other != owner && mode != LOCK_NONE; byte++) {
            enum lock_mode held = model[other][byte].mode;
            if (held == LOCK_EXCLUSIVE || (held == LOCK_SHARED && mode == LOCK_EXCLUSIVE)) return true;
        }
    return false;
}

/* Within one half of the model: what lies between the halves has no byte of its own. */
static void random_range(struct random_numbers *numbers, unsigned *ret_first, unsigned *ret_last)
{
    unsigned half = random_next(numbers) % 2 * (BYTES / 2);
    unsigned a = half + random_next(numbers) % (BYTES / 2), b = half + random_next(numbers) % (BYTES / 2);
    *ret_first = a < b ? a : b;
    *ret_last = a < b ? b : a;
}

static void random_locks_are_those_of_a_model_by_the_byte(void **state)
{
    (void)state;
    struct random_numbers numbers = {.state = 1};
    struct lock_ranges ranges = {0};
    for (size_t step = 0; step < STEPS; step++) {
        unsigned owner = random_next(&numbers) % OWNERS, first, last;
        uint64_t choice = random_next(&numbers) % 64, handle = random_next(&numbers) % HANDLES;
        random_range(&numbers, &first, &last);
        if (choice == 0) {
            lock_ranges_drop_owner(&ranges, owner);
            model_set(owner, 0, BYTES - 1, (struct model_byte){0});
        } else if (choice == 1) {
            lock_ranges_drop_handle(&ranges, handle);
            for (unsigned i = 0; i < OWNERS * BYTES; i++)
                if ((&model[0][0])[i].handle == handle) (&model[0][0])[i] = (struct model_byte){0};
        } else {
            struct lock_range wanted = {.start = position_of(first), .end = position_of(last), .owner = owner};
            wanted.mode = random_next(&numbers) % 3;
            wanted.handle = handle;
            bool conflicts = lock_ranges_conflict(&ranges, &wanted, NULL);
            assert_int_equal(conflicts, model_conflicts(owner, first, last, wanted.mode));
            if (conflicts) continue;
            assert_success(lock_ranges_set(&ranges, &wanted, 2));
            bool locks = wanted.mode != LOCK_NONE;
            model_set(owner, first, last, (struct model_byte){wanted.mode, locks ? handle : 0});
        }
        assert_like_model(&ranges);
    }
    lock_ranges_release(&ranges);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unlocking_the_middle_splits_a_range),
        cmocka_unit_test(another_mode_in_the_middle_makes_three_ranges),
        cmocka_unit_test(ranges_that_touch_are_joined),
        cmocka_unit_test(a_lock_covers_what_its_owner_had),
        cmocka_unit_test(readers_share_and_writers_exclude),
        cmocka_unit_test(without_room_nothing_changes),
        cmocka_unit_test(what_was_set_through_two_handles_is_one_lock_to_others),
        cmocka_unit_test(random_locks_are_those_of_a_model_by_the_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
