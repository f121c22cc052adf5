/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "occ_fixture.h"
#include "unresolved.h"

static struct store *store_of(void **state)
{
    return ((struct occ_fixture *)*state)->store;
}

struct seen {
    unsigned count;
    struct unresolved last;
    char name[256];
};

static int see(void *context, const struct unresolved *conflict)
{
    struct seen *seen = context;
    seen->count++;
    seen->last = *conflict;
    strcpy(seen->name, conflict->record->name);
    return 0;
}

static struct seen unresolved(struct store *store)
{
    struct seen seen = {.count = 0};
    assert_success(unresolved_scan(store, see, &seen));
    return seen;
}

static void make_conflict(struct store *store, const char *name)
{
    struct opened opened;
    file_put(store, name, SLICE_STRING("base"));
    opened_init(&opened, store, name, 7);
    file_put(store, name, SLICE_STRING("theirs"));
    opened_write(&opened, 0, SLICE_STRING("mine"));
    assert_commit(&opened, COMMIT_CONFLICT);
    opened_release(&opened);
}

static void rename_file(struct store *store, const char *from, const char *to)
{
    const struct writer writer = writer_of_pid(1);
    struct rename_result result;
    assert_success(rename_in(store, ROOT_INO, SLICE_STRING(from), ROOT_INO, SLICE_STRING(to), false, &writer, &result));
}

static void conflicts_of_all_files_are_unresolved_at_first(void **state)
{
    struct store *store = store_of(state);
    assert_int_equal(unresolved(store).count, 0);
    make_conflict(store, "f");
    make_conflict(store, "g");
    struct seen seen = unresolved(store);
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.name, "g.conflict");
    assert_int_equal(seen.last.sibling_uid, UID);
    assert_true(seen.last.has_target);
    assert_int_equal(seen.last.target_uid, file_find(store, "g").uid);
}

static void removing_the_sibling_resolves(void **state)
{
    struct store *store = store_of(state);
    struct inode gone;
    make_conflict(store, "f");
    assert_success(namespace_unlink(store, ROOT_INO, SLICE_STRING("f.conflict"), NULL, &gone));
    assert_int_equal(unresolved(store).count, 0);
    file_put(store, "f.conflict", SLICE_STRING("somebody's own"));
    assert_int_equal(unresolved(store).count, 0);
}

static void moving_the_sibling_away_or_over_its_target_resolves(void **state)
{
    struct store *store = store_of(state);
    make_conflict(store, "f");
    make_conflict(store, "g");
    rename_file(store, "f.conflict", "kept");
    assert_int_equal(unresolved(store).count, 1);
    rename_file(store, "g.conflict", "g");
    assert_int_equal(unresolved(store).count, 0);
}

static void the_target_may_have_gone(void **state)
{
    struct store *store = store_of(state);
    struct inode gone;
    make_conflict(store, "f");
    assert_success(namespace_unlink(store, ROOT_INO, SLICE_STRING("f"), NULL, &gone));
    struct seen seen = unresolved(store);
    assert_int_equal(seen.count, 1);
    assert_false(seen.last.has_target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OCC_IN_MEMORY(conflicts_of_all_files_are_unresolved_at_first),
        WITH_OCC_IN_MEMORY(removing_the_sibling_resolves),
        WITH_OCC_IN_MEMORY(moving_the_sibling_away_or_over_its_target_resolves),
        WITH_OCC_IN_MEMORY(the_target_may_have_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
