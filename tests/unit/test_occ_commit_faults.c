/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Commits of every kind, with the engine failing at each of their steps in turn: an attempt that fails shows nothing and
 * leaves the draft as it was, and the next one does what the first should have done.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "occ_fixture.h"
#include "random_numbers.h"
#include "resolution.h"

/* Of more chunks than a draft keeps in memory. */
enum { LARGE = 1300000, STEPS_MAX = 200 };

/* One kind of commit, on a file of its own. */
struct kind {
    const char *name;
    enum commit_outcome outcome;
    size_t base_size;
    size_t written_from, written_to; /* what the writer writes; with `append` the end of the base */
    bool append;
    bool killed;         /* it is abandoned */
    size_t theirs;       /* size of what others commit meanwhile; 0: nothing */
    bool same_as_theirs; /* the writer writes that as well */
    bool resolves;       /* an earlier conflict of the file */
    bool requested;      /* under an id */
};

static const struct kind kinds[] = {
    {"small", COMMIT_DONE, 100, 50, 150, false, false, 0, false},
    {"large", COMMIT_DONE, LARGE, 0, LARGE - 5, false, false, 0, false},
    {"small append", COMMIT_DONE, 100, 100, 200, true, false, 300, false},
    {"large append", COMMIT_DONE, LARGE, LARGE, 2 * LARGE, true, false, LARGE + 5, false},
    {"small conflict", COMMIT_CONFLICT, 100, 50, 150, false, false, 300, false},
    {"large conflict", COMMIT_CONFLICT, LARGE, 0, LARGE - 5, false, false, LARGE + 5, false},
    {"small unchanged", COMMIT_UNCHANGED, 100, 0, 300, false, false, 300, true},
    {"large unchanged", COMMIT_UNCHANGED, LARGE, 0, LARGE + 5, false, false, LARGE + 5, true},
    {"small abandoned", COMMIT_DONE, 100, 50, 150, false, true, 0, false},
    {"large abandoned", COMMIT_DONE, LARGE, 0, LARGE - 5, false, true, 0, false},
    {"small resolving", COMMIT_DONE, 100, 50, 150, false, false, 0, false, true},
    {"large resolving", COMMIT_DONE, LARGE, 0, LARGE - 5, false, false, 0, false, true},
    {"small requested", COMMIT_DONE, 100, 50, 150, false, false, 0, false, false, true},
    {"large requested", COMMIT_DONE, LARGE, 0, LARGE - 5, false, false, 0, false, false, true},
    {"requested append", COMMIT_DONE, 100, 100, 200, true, false, 300, false, false, true},
    {"requested, resolving", COMMIT_DONE, 100, 50, 150, false, false, 0, false, true, true},
    {"requested, unchanged", COMMIT_UNCHANGED, 100, 0, 300, false, false, 300, true, false, true},
    {"resolving append", COMMIT_DONE, 100, 100, 200, true, false, 300, false, true},
};
enum { KINDS = sizeof kinds / sizeof kinds[0], BYTES_MAX = 3 * LARGE };

static uint8_t bytes[BYTES_MAX + 2], expected[BYTES_MAX];

struct trial {
    struct occ_fixture *fixture;
    const struct kind *kind;
    char name[64], sibling[80];
    struct opened opened;
    const uint8_t *base, *theirs, *written;
    uint8_t *expected;
    size_t draft_size, expected_size; /* of what the draft holds, and of what is to be committed */
    struct version abandoned;
    struct resolution resolution;
};

static struct slice theirs_of(const struct trial *trial)
{
    return trial->kind->theirs ? SLICE(trial->theirs, trial->kind->theirs) : SLICE(trial->base, trial->kind->base_size);
}

static void trial_expect(struct trial *trial)
{
    const struct kind *kind = trial->kind;
    size_t written = kind->written_to - kind->written_from;
    const struct slice theirs = theirs_of(trial);
    trial->draft_size = kind->written_to > kind->base_size ? kind->written_to : kind->base_size;
    if (kind->append) {
        memcpy(trial->expected, theirs.data, theirs.size);
        memcpy(trial->expected + theirs.size, trial->written, written);
        trial->expected_size = theirs.size + written;
    } else {
        memcpy(trial->expected, trial->base, kind->base_size);
        memcpy(trial->expected + kind->written_from, trial->written, written);
        trial->expected_size = trial->draft_size;
    }
}

/* Leaves the file with a conflict, which the writer is to resolve. */
static void trial_conflict(struct trial *trial)
{
    const struct credentials who = {.uid = UID, .gid = GID, .overrides = true};
    struct store *store = trial->fixture->store;
    struct opened other;
    opened_init(&other, store, trial->name, 8);
    opened_write(&other, 0, SLICE_STRING("conflicting"));
    file_put(store, trial->name, SLICE(trial->base, trial->kind->base_size));
    assert_commit(&other, COMMIT_CONFLICT);
    opened_release(&other);
    struct version sibling = file_head(store, trial->sibling);
    assert_success(resolution_find(store, file_find(store, trial->name).ino, &sibling.id, &who, &trial->resolution));
}

static void trial_begin(struct trial *trial, struct occ_fixture *fixture, const struct kind *kind, unsigned number)
{
    struct store *store = fixture->store;
    trial->fixture = fixture;
    trial->kind = kind;
    snprintf(trial->name, sizeof trial->name, "%s %u", kind->name, number);
    snprintf(trial->sibling, sizeof trial->sibling, "%s.conflict", trial->name);
    trial->base = bytes;
    trial->theirs = bytes + 1;
    trial->written = kind->same_as_theirs ? bytes + 1 : bytes + 2;
    trial->expected = expected;
    if (kind->resolves) {
        file_create(store, trial->name);
        trial_conflict(trial);
    } else {
        file_put(store, trial->name, SLICE(trial->base, kind->base_size));
    }
    opened_init(&trial->opened, store, trial->name, 7);
    if (kind->requested) trial->opened.request.id = trial->name;
    if (kind->resolves) trial->opened.request.resolves = &trial->resolution;
    assert_success(draft_write(&trial->opened.draft, kind->written_from,
                               SLICE(trial->written, kind->written_to - kind->written_from), kind->append));
    if (kind->theirs) file_put(store, trial->name, theirs_of(trial));
    trial_expect(trial);
}

static int trial_commit(struct trial *trial)
{
    struct commit_result result;
    int error = trial->kind->killed ? commit_abandon(&trial->opened.draft, &trial->opened.request, &result)
                                    : opened_commit(&trial->opened, &result);
    if (error) return error;
    assert_int_equal(result.outcome, trial->kind->killed ? COMMIT_ABANDONED : trial->kind->outcome);
    trial->abandoned = result.version;
    return error;
}

static void assert_nothing_happened(struct trial *trial)
{
    struct store *store = trial->fixture->store;
    assert_file(store, trial->name, theirs_of(trial));
    assert_int_equal(file_exists(store, trial->sibling), trial->kind->resolves);
    assert_true(trial->opened.draft.changed);
    if (!trial->kind->append) assert_opened(&trial->opened, SLICE(trial->expected, trial->draft_size));
}

/* Another attempt under the id finds what the first one has made. */
static void assert_repeated(struct trial *trial)
{
    const struct kind *kind = trial->kind;
    struct store *store = trial->fixture->store;
    struct inode made = file_find(store, trial->name);
    struct opened again;
    file_put(store, trial->name, SLICE_STRING("newer"));
    opened_init(&again, store, trial->name, 7);
    again.request.id = trial->name;
    if (kind->append) {
        opened_append(&again, SLICE(trial->written, kind->written_to - kind->written_from));
    } else {
        assert_success(draft_truncate(&again.draft, 0));
        opened_write(&again, 0, SLICE(trial->expected, trial->expected_size));
    }
    struct version version = assert_commit(&again, COMMIT_REPEATED).version;
    assert_true(version_id_equal(&version.id, &made.head));
    opened_release(&again);
}

static void assert_committed(struct trial *trial)
{
    struct store *store = trial->fixture->store;
    const struct slice content = SLICE(trial->expected, trial->expected_size);
    if (trial->kind->killed) {
        assert_version(store, &trial->abandoned, content);
        assert_file(store, trial->name, theirs_of(trial));
    } else if (trial->kind->outcome == COMMIT_CONFLICT) {
        assert_file(store, trial->sibling, content);
        assert_file(store, trial->name, theirs_of(trial));
    } else {
        assert_file(store, trial->name, content);
    }
    if (trial->kind->resolves) {
        struct version head = file_head(store, trial->name);
        assert_int_equal(head.operation, VERSION_RESOLVE);
        assert_true(version_id_equal(&head.parents[1], &trial->resolution.version));
        assert_false(file_exists(store, trial->sibling));
    }
    assert_opened(&trial->opened, content);
    if (trial->kind->requested) assert_repeated(trial);
}

/* One fault of an engine: for so many calls, after others have passed. */
struct rule {
    const char *what;
    unsigned times;
};

static void trial_end(struct trial *trial)
{
    uint64_t count;
    opened_release(&trial->opened);
    assert_success(intent_abandon_all(trial->fixture->store, &count)); /* as the next mount does */
}

/* Lets the rule apply from one call after the other until it finds none. `judge` gets what the commit under it returned. */
static void try_each_step(struct occ_fixture *fixture, const struct kind *kind, const struct rule *rule,
                          void (*judge)(struct trial *trial, int error))
{
    static unsigned number;
    for (unsigned after = 0; after < STEPS_MAX; after++) {
        struct trial trial;
        char plan[100];
        trial_begin(&trial, fixture, kind, number++);
        snprintf(plan, sizeof plan, "%s after=%u times=%u", rule->what, after, rule->times);
        assert_success(fault_plan_set(fixture->faults, plan));
        unsigned long applied = fault_plan_applied(fixture->faults);
        int error = trial_commit(&trial);
        bool done = fault_plan_applied(fixture->faults) == applied;
        assert_success(fault_plan_set(fixture->faults, ""));
        if (done) assert_success(error);
        judge(&trial, error);
        trial_end(&trial);
        if (done) return;
    }
    fail_msg("%s: %s: the steps have no end", kind->name, rule->what);
}

static void try_all(void **state, const char *what, unsigned times, void (*judge)(struct trial *trial, int error))
{
    struct occ_fixture *fixture = *state;
    const struct rule rule = {what, times};
    struct random_numbers numbers = {1};
    random_bytes(&numbers, bytes, sizeof bytes);
    for (size_t i = 0; i < KINDS; i++)
        try_each_step(fixture, &kinds[i], &rule, judge);
    assert_no_stray_blobs(fixture->store);
}

/* ---- errors ---- */

static void nothing_then_all(struct trial *trial, int error)
{
    if (error) {
        assert_error(error, ERR_IO);
        assert_nothing_happened(trial);
        assert_success(trial_commit(trial));
    }
    assert_committed(trial);
}

static void a_failed_read_of_records_shows_nothing_and_the_next_attempt_works(void **state)
{
    try_all(state, "get error IO", 1, nothing_then_all);
    try_all(state, "scan error IO", 1, nothing_then_all);
}

static void a_failed_commit_shows_nothing_and_the_next_attempt_works(void **state)
{
    try_all(state, "commit error IO", 1, nothing_then_all);
}

static void a_failed_read_or_write_of_chunks_shows_nothing_and_the_next_attempt_works(void **state)
{
    try_all(state, "blob_get error IO", 1, nothing_then_all);
    try_all(state, "blob_put error IO", 1, nothing_then_all);
    try_all(state, "blob_delete error IO", 1, nothing_then_all);
}

static void nothing_and_dropped(struct trial *trial, int error)
{
    if (error) assert_nothing_happened(trial);
    else assert_committed(trial);
}

static void a_draft_that_is_dropped_after_a_failure_leaves_no_trace(void **state)
{
    try_all(state, "commit error NOSPC", 1, nothing_and_dropped);
    try_all(state, "blob_put error NOSPC", 1, nothing_and_dropped);
}

/* ---- answers that are lost ---- */

static void at_once(struct trial *trial, int error)
{
    assert_success(error);
    assert_committed(trial);
}

static void a_lost_answer_is_settled(void **state)
{
    try_all(state, "commit unknown", 1, at_once);
    try_all(state, "commit lost", 1, at_once);
    try_all(state, "commit unknown", 3, at_once);
}

static void settled_by_the_next(struct trial *trial, int error)
{
    struct commit_result result;
    if (error) {
        assert_error(error, ERR_UNKNOWN_OUTCOME);
        if (trial->kind->killed) assert_success(trial_commit(trial));
        else assert_success(opened_commit(&trial->opened, &result)); /* DONE, or UNCHANGED where it had happened */
    }
    assert_committed(trial);
}

static void what_had_happened_after_all_is_not_done_twice(void **state)
{
    try_all(state, "commit unknown", 10, settled_by_the_next);
    try_all(state, "commit lost", 10, settled_by_the_next);
}

/* try_all checks that no blob of it is gone. */
static void unknown_and_dropped(struct trial *trial, int error)
{
    if (error) assert_error(error, ERR_UNKNOWN_OUTCOME);
    else assert_committed(trial);
}

static void what_may_have_happened_keeps_its_chunks_when_the_draft_is_dropped(void **state)
{
    try_all(state, "commit unknown", 10, unknown_and_dropped);
    try_all(state, "commit lost", 10, unknown_and_dropped);
}

static void appends_after_an_unknown_outcome_go_behind_what_had_happened(void **state)
{
    struct occ_fixture *fixture = *state;
    struct opened opened;
    struct commit_result result;
    file_put(fixture->store, "log", SLICE_STRING("base\n"));
    opened_init(&opened, fixture->store, "log", 7);
    opened_append(&opened, SLICE_STRING("one\n"));
    assert_success(fault_plan_set(fixture->faults, "commit unknown"));
    assert_error(opened_commit(&opened, &result), ERR_UNKNOWN_OUTCOME);
    assert_success(fault_plan_set(fixture->faults, ""));
    assert_file(fixture->store, "log", SLICE_STRING("base\none\n"));
    opened_append(&opened, SLICE_STRING("two\n"));
    assert_commit(&opened, COMMIT_DONE);
    assert_file(fixture->store, "log", SLICE_STRING("base\none\ntwo\n"));
    opened_release(&opened);
}

/* ---- crashes ---- */

/* The draft is forgotten, as by kill -9 after that step. */
static void what_a_crash_leaves_is_deleted_at_the_next_mount_and_nothing_else(void **state)
{
    struct occ_fixture *fixture = *state;
    struct opened opened;
    struct commit_result result;
    uint8_t *content = bytes_of_seed(1, LARGE);
    uint64_t count;
    file_put(fixture->store, "f", SLICE(content, LARGE));
    opened_init(&opened, fixture->store, "f", 7);
    opened_write(&opened, 10, SLICE(content, LARGE - 10));
    assert_success(fault_plan_set(fixture->faults, "commit error IO\nblob_delete error IO"));
    assert_error(opened_commit(&opened, &result), ERR_IO);
    opened_release(&opened); /* deletes nothing: the engine fails */
    assert_success(fault_plan_set(fixture->faults, ""));
    occ_fixture_crash(fixture);
    assert_success(intent_abandon_all(fixture->store, &count));
    assert_true(count > 0);
    assert_no_stray_blobs(fixture->store);
    assert_file(fixture->store, "f", SLICE(content, LARGE));
    free(content);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OCC_IN_MEMORY(a_failed_read_of_records_shows_nothing_and_the_next_attempt_works),
        WITH_OCC_IN_MEMORY(a_failed_commit_shows_nothing_and_the_next_attempt_works),
        WITH_OCC_IN_MEMORY(a_failed_read_or_write_of_chunks_shows_nothing_and_the_next_attempt_works),
        WITH_OCC_IN_MEMORY(a_draft_that_is_dropped_after_a_failure_leaves_no_trace),
        WITH_OCC_IN_MEMORY(a_lost_answer_is_settled),
        WITH_OCC_IN_MEMORY(what_had_happened_after_all_is_not_done_twice),
        WITH_OCC_IN_MEMORY(what_may_have_happened_keeps_its_chunks_when_the_draft_is_dropped),
        WITH_OCC_IN_MEMORY(appends_after_an_unknown_outcome_go_behind_what_had_happened),
        WITH_OCC(what_a_crash_leaves_is_deleted_at_the_next_mount_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
