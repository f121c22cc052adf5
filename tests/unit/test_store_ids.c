/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdlib.h>

#include "inode.h"
#include "store_fixture.h"
#include "unit.h"

enum { THREADS = 4, DRAWS = 40000 };

typedef int draw_id(struct store *store, uint64_t *ret_id);

struct drawing {
    struct store *store;
    draw_id *draw;
    uint64_t *ids; /* DRAWS of them */
    int error;
};

static void *draw_many(void *argument)
{
    struct drawing *drawing = argument;
    for (size_t i = 0; i < DRAWS && !drawing->error; i++)
        drawing->error = drawing->draw(drawing->store, &drawing->ids[i]);
    return NULL;
}

static int compare_ids(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;
    return first < second ? -1 : first > second;
}

/* Draws in several threads, more than one range holds, and returns the lowest. */
static uint64_t assert_distinct(struct store *store, draw_id *draw)
{
    uint64_t *ids = malloc(THREADS * DRAWS * sizeof *ids);
    struct drawing drawings[THREADS];
    pthread_t threads[THREADS];
    assert_non_null(ids);
    for (size_t i = 0; i < THREADS; i++) {
        drawings[i] = (struct drawing){store, draw, ids + i * DRAWS, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, draw_many, &drawings[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_success(drawings[i].error);
    }
    qsort(ids, THREADS * DRAWS, sizeof *ids, compare_ids);
    for (size_t i = 1; i < THREADS * DRAWS; i++)
        assert_true(ids[i - 1] < ids[i]);
    uint64_t lowest = ids[0];
    free(ids);
    return lowest;
}

static void inode_numbers_are_distinct_and_never_the_roots(void **state)
{
    struct store_fixture *fixture = *state;
    assert_true(assert_distinct(fixture->store, store_new_ino) > ROOT_INO);
}

static void lineages_are_distinct_and_never_none(void **state)
{
    struct store_fixture *fixture = *state;
    assert_true(assert_distinct(fixture->store, store_new_lineage) > 0);
}

static int draw_random(struct store *store, uint64_t *ret_id)
{
    (void)store;
    *ret_id = store_random();
    return 0;
}

static void random_numbers_are_distinct_and_nonzero(void **state)
{
    struct store_fixture *fixture = *state;
    assert_true(assert_distinct(fixture->store, draw_random) > 0);
}

static void numbers_are_not_given_again_after_a_restart(void **state)
{
    struct store_fixture *fixture = *state;
    uint64_t ino, lineage, blob, later;
    assert_success(store_new_ino(fixture->store, &ino));
    assert_success(store_new_lineage(fixture->store, &lineage));
    assert_success(store_new_blob_ids(fixture->store, 100, &blob));
    store_fixture_reopen(fixture);
    assert_success(store_new_ino(fixture->store, &later));
    assert_true(later > ino);
    assert_success(store_new_lineage(fixture->store, &later));
    assert_true(later > lineage);
    assert_success(store_new_blob_ids(fixture->store, 1, &later));
    assert_true(later >= blob + 100);
}

static void blob_ids_come_in_ranges_that_do_not_overlap(void **state)
{
    struct store_fixture *fixture = *state;
    static const uint64_t counts[] = {1, 700000, 700000, 1, 5000000, 3, 1048576, 1};
    uint64_t end = 1, first;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        assert_success(store_new_blob_ids(fixture->store, counts[i], &first));
        assert_true(first >= end);
        end = first + counts[i];
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(inode_numbers_are_distinct_and_never_the_roots),
        WITH_STORE(lineages_are_distinct_and_never_none),
        WITH_STORE(random_numbers_are_distinct_and_nonzero),
        WITH_STORE(numbers_are_not_given_again_after_a_restart),
        WITH_STORE(blob_ids_come_in_ranges_that_do_not_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
