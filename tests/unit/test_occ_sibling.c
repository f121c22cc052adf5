/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "conflict.h"
#include "occ_fixture.h"

static struct store *store_of(void **state)
{
    return ((struct occ_fixture *)*state)->store;
}

/* A conflict of that process, with the version before f's head as base. */
static struct commit_result conflict(struct store *store, uint32_t pid, const char *bytes)
{
    struct opened opened;
    char theirs[32];
    if (!file_exists(store, "f")) file_put(store, "f", SLICE_STRING("base"));
    opened_init(&opened, store, "f", pid);
    snprintf(theirs, sizeof theirs, "theirs %llu", (unsigned long long)file_find(store, "f").head.ordinal);
    file_put(store, "f", SLICE_STRING(theirs));
    assert_success(draft_truncate(&opened.draft, 0));
    opened_write(&opened, 0, SLICE_STRING(bytes));
    struct commit_result result = assert_commit(&opened, COMMIT_CONFLICT);
    opened_release(&opened);
    return result;
}

/* One with content and base of its own: it makes a sibling. */
static struct commit_result conflict_number(struct store *store, unsigned number)
{
    char bytes[32];
    snprintf(bytes, sizeof bytes, "mine %u", number);
    return conflict(store, number, bytes);
}

static void unlink_name(struct store *store, const char *name)
{
    struct inode inode;
    assert_success(namespace_unlink(store, ROOT_INO, SLICE_STRING(name), NULL, &inode));
}

static void move(struct store *store, const char *from, const char *to)
{
    struct rename_result result;
    const struct writer writer = writer_of_pid(1);
    assert_success(rename_in(store, ROOT_INO, SLICE_STRING(from), ROOT_INO, SLICE_STRING(to), false, &writer, &result));
}

static int count_key(void *context, struct slice key, struct slice value)
{
    (void)key;
    (void)value;
    ++*(unsigned *)context;
    return 0;
}

static unsigned records_of_kind(struct store *store, enum record_kind kind)
{
    struct record_key first, end;
    unsigned count = 0;
    record_key_begin(&first, kind);
    record_key_after(&end, &first);
    const struct kv_range range = {.first = record_key_slice(&first), .end = record_key_slice(&end)};
    assert_success(kv_scan(store->kv, NULL, &range, count_key, &count));
    return count;
}

/* Two places in the index lead to each sibling, one tells the last number. */
static void assert_siblings(struct store *store, unsigned count)
{
    assert_int_equal(records_of_kind(store, RECORD_CONFLICT), count);
    assert_int_equal(records_of_kind(store, RECORD_CONFLICT_INDEX), 2 * count + 1);
}

/* ---- what a conflict costs ---- */

/* The fewest reads of several conflicts: now and then one reserves numbers. */
static unsigned reads_of_conflicts(struct occ_fixture *fixture, unsigned first, unsigned last)
{
    struct recording *recording = &fixture->recording;
    unsigned fewest = UINT_MAX;
    for (unsigned number = first; number <= last; number++) {
        unsigned reads = recording->reads;
        conflict_number(fixture->store, number);
        if (recording->reads - reads < fewest) fewest = recording->reads - reads;
    }
    return fewest;
}

static void a_conflict_costs_the_same_however_many_there_were(void **state)
{
    struct occ_fixture *fixture = *state;
    reads_of_conflicts(fixture, 1, 10);
    unsigned early = reads_of_conflicts(fixture, 11, 20);
    reads_of_conflicts(fixture, 21, 300);
    unsigned commits = fixture->recording.commits;
    assert_int_equal(reads_of_conflicts(fixture, 301, 310), early);
    assert_in_range(fixture->recording.commits - commits, 20, 22); /* theirs and the conflict */
    assert_true(file_exists(fixture->store, "f.310.conflict"));
    assert_siblings(fixture->store, 310);
}

static void names_that_others_took_are_passed_over_in_few_steps(void **state)
{
    struct occ_fixture *fixture = *state;
    char name[SIBLING_NAME_SIZE];
    for (unsigned long number = 1; number <= 100; number++) {
        conflict_sibling_name("f", number, name);
        file_create(fixture->store, name);
    }
    unsigned reads = fixture->recording.reads;
    struct commit_result result = conflict(fixture->store, 7, "mine");
    assert_string_equal(result.sibling_name, "f.101.conflict");
    assert_true(fixture->recording.reads - reads < 60);
}

/* ---- names ---- */

static void the_first_name_is_used_whenever_it_is_free(void **state)
{
    struct store *store = store_of(state);
    for (unsigned number = 1; number <= 5; number++)
        conflict_number(store, number);
    unlink_name(store, "f.conflict");
    unlink_name(store, "f.3.conflict");
    assert_string_equal(conflict_number(store, 6).sibling_name, "f.conflict");
    char name[SIBLING_NAME_SIZE];
    strcpy(name, conflict_number(store, 7).sibling_name);
    assert_true(strcmp(name, "f.3.conflict") == 0 || strcmp(name, "f.6.conflict") == 0);
    assert_siblings(store, 5);
}

/* ---- what is forgotten ---- */

static void a_sibling_without_a_name_is_forgotten(void **state)
{
    struct store *store = store_of(state);
    struct inode linked;
    conflict_number(store, 1);
    conflict_number(store, 2);
    assert_siblings(store, 2);
    struct inode sibling = file_find(store, "f.conflict");
    assert_success(namespace_link(store, sibling.ino, ROOT_INO, SLICE_STRING("link"), &linked));
    unlink_name(store, "f.conflict");
    assert_siblings(store, 2);
    unlink_name(store, "link");
    assert_siblings(store, 1);
    file_put(store, "x", SLICE_STRING("x"));
    move(store, "x", "f.2.conflict");
    assert_siblings(store, 0);
    assert_int_equal(file_find(store, "f.2.conflict").conflict_target, 0);
}

static void a_sibling_that_replaced_its_file_is_forgotten(void **state)
{
    struct store *store = store_of(state);
    conflict_number(store, 1);
    move(store, "f.conflict", "f");
    assert_siblings(store, 0);
    assert_string_equal(conflict_number(store, 1).sibling_name, "f.conflict");
}

static void what_a_sibling_held_before_does_not_lead_to_it(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    file_put(store, "f", SLICE_STRING("base"));
    opened_init(&opened, store, "f", 7);
    file_put(store, "f", SLICE_STRING("theirs"));
    for (unsigned attempt = 0; attempt < 3; attempt++) {
        opened.request.writer = writer_of_pid(7 + attempt);
        opened_write(&opened, attempt, SLICE_STRING("!"));
        assert_commit(&opened, COMMIT_CONFLICT);
    }
    assert_siblings(store, 1);
    opened_release(&opened);
}

static void a_sibling_that_was_renamed_is_found_again_when_it_comes_back(void **state)
{
    struct store *store = store_of(state);
    conflict(store, 7, "mine");
    move(store, "f.conflict", "kept");
    move(store, "kept", "f.conflict");
    conflict(store, 8, "mine");
    assert_false(file_exists(store, "f.2.conflict"));
}

static void a_sibling_is_found_after_an_older_one_of_the_same_bytes_is_gone(void **state)
{
    struct store *store = store_of(state);
    conflict(store, 7, "mine");
    move(store, "f.conflict", "kept");
    conflict(store, 8, "mine");
    unlink_name(store, "kept");
    conflict(store, 9, "mine");
    assert_file(store, "f.conflict", SLICE_STRING("mine"));
    assert_false(file_exists(store, "f.2.conflict"));
}

static void what_led_to_a_sibling_does_so_after_a_crash(void **state)
{
    struct occ_fixture *fixture = *state;
    struct opened first, second;
    file_put(fixture->store, "f", SLICE_STRING("base"));
    for (unsigned round = 0; round < 2; round++) {
        struct opened *opened = round == 0 ? &first : &second;
        opened_init(opened, fixture->store, "f", 7);
        opened->request.base.opened = (struct version_id){file_find(fixture->store, "f").lineage, 0, 0};
        opened_write(opened, 0, SLICE_STRING(round == 0 ? "1" : "2"));
        assert_commit(opened, COMMIT_CONFLICT);
        opened_release(opened);
        if (round == 0) occ_fixture_crash(fixture);
    }
    assert_file(fixture->store, "f.conflict", SLICE_STRING("2ase"));
    assert_siblings(fixture->store, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OCC_IN_MEMORY(a_conflict_costs_the_same_however_many_there_were),
        WITH_OCC_IN_MEMORY(names_that_others_took_are_passed_over_in_few_steps),
        WITH_OCC_IN_MEMORY(the_first_name_is_used_whenever_it_is_free),
        WITH_OCC_IN_MEMORY(a_sibling_without_a_name_is_forgotten),
        WITH_OCC_IN_MEMORY(a_sibling_that_replaced_its_file_is_forgotten),
        WITH_OCC_IN_MEMORY(what_a_sibling_held_before_does_not_lead_to_it),
        WITH_OCC_IN_MEMORY(a_sibling_that_was_renamed_is_found_again_when_it_comes_back),
        WITH_OCC_IN_MEMORY(a_sibling_is_found_after_an_older_one_of_the_same_bytes_is_gone),
        WITH_OCC(what_led_to_a_sibling_does_so_after_a_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
