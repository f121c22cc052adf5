/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/stat.h>

#include "occ_fixture.h"
#include "succession.h"

static struct store *store_of(void **state)
{
    return ((struct occ_fixture *)*state)->store;
}

static void removed(struct store *store, const char *name)
{
    struct inode inode;
    assert_success(namespace_unlink(store, ROOT_INO, SLICE_STRING(name), NULL, &inode));
}

static void moved(struct store *store, const char *from, const char *to)
{
    const struct writer writer = writer_of_pid(1);
    struct rename_result result;
    assert_success(rename_in(store, ROOT_INO, SLICE_STRING(from), ROOT_INO, SLICE_STRING(to), false, &writer, &result));
}

static bool noted(struct store *store, const char *name)
{
    struct name_record record;
    int error = succession_find(store, ROOT_INO, SLICE_STRING(name), &record);
    if (error != ERR_NOT_FOUND) assert_success(error);
    return !error;
}

/* Asserts what the next version says of those before it. */
static void assert_follows(struct store *store, const char *name, const struct version_id *before)
{
    struct version head = file_head(store, name);
    assert_int_equal(head.id.ordinal, before->ordinal + 1);
    assert_true(version_id_equal(&head.parents[0], before));
    assert_int_equal(file_find(store, name).continues.lineage, 0);
}

static void a_removed_name_that_is_created_anew_goes_on(void **state)
{
    struct store *store = store_of(state);
    file_put(store, "f", SLICE_STRING("one"));
    struct inode before = file_put(store, "f", SLICE_STRING("two"));
    removed(store, "f");
    assert_true(noted(store, "f"));
    struct inode anew = file_create(store, "f");
    assert_false(noted(store, "f"));
    assert_int_equal(anew.lineage, before.lineage);
    assert_true(version_id_equal(&anew.continues, &before.head));
    assert_int_equal(anew.head.ordinal, before.head.ordinal);
    assert_false(version_id_equal(&anew.head, &before.head));
    assert_true(succession_is_unwritten(&anew));
    assert_file(store, "f", SLICE_STRING(""));
    file_put(store, "f", SLICE_STRING("three"));
    assert_follows(store, "f", &before.head);
    assert_int_equal(file_head(store, "f").id.lineage, before.lineage);
}

static void a_name_that_never_had_a_version_begins_anew(void **state)
{
    struct store *store = store_of(state);
    struct inode before = file_create(store, "f");
    removed(store, "f");
    assert_false(noted(store, "f"));
    struct inode anew = file_create(store, "f");
    assert_int_not_equal(anew.lineage, before.lineage);
    assert_int_equal(anew.head.ordinal, 0);
}

static void a_backup_forks_when_the_name_is_created_anew(void **state)
{
    struct store *store = store_of(state);
    struct inode before = file_put(store, "f", SLICE_STRING("old"));
    moved(store, "f", "f~");
    file_put(store, "f", SLICE_STRING("new"));
    assert_follows(store, "f", &before.head);
    struct inode backup = file_find(store, "f~");
    assert_int_equal(backup.ino, before.ino);
    assert_true(version_id_equal(&backup.head, &before.head));
    assert_true(version_id_equal(&backup.forked_at, &before.head));
    assert_int_not_equal(backup.lineage, before.lineage);
    file_put(store, "f~", SLICE_STRING("changed"));
    assert_follows(store, "f~", &before.head);
    assert_file(store, "f", SLICE_STRING("new"));
}

static void a_file_that_was_moved_and_changed_keeps_its_lineage(void **state)
{
    struct store *store = store_of(state);
    struct inode before = file_put(store, "f", SLICE_STRING("old"));
    moved(store, "f", "g");
    struct inode there = file_put(store, "g", SLICE_STRING("newer"));
    file_put(store, "f", SLICE_STRING("other"));
    assert_follows(store, "f", &before.head);
    assert_int_equal(file_find(store, "g").lineage, before.lineage);
    struct inode other = file_find(store, "f");
    assert_int_not_equal(other.lineage, before.lineage);
    assert_true(version_id_equal(&other.forked_at, &before.head));
    file_put(store, "g", SLICE_STRING("newest"));
    assert_follows(store, "g", &there.head);
}

static void a_file_that_is_moved_back_is_what_it_was(void **state)
{
    struct store *store = store_of(state);
    struct inode before = file_put(store, "f", SLICE_STRING("old"));
    moved(store, "f", "g");
    moved(store, "g", "f");
    struct inode after = file_find(store, "f");
    assert_true(version_id_equal(&after.head, &before.head));
    assert_int_equal(after.lineage, before.lineage);
    assert_false(noted(store, "f"));
    assert_true(noted(store, "g"));
}

static void a_file_that_is_moved_to_a_removed_name_goes_on_there(void **state)
{
    struct store *store = store_of(state);
    struct inode before = file_put(store, "f", SLICE_STRING("old"));
    struct inode other = file_put(store, "f.new", SLICE_STRING("new"));
    moved(store, "f", "f.bak");
    moved(store, "f.new", "f");
    assert_follows(store, "f", &before.head);
    struct version head = file_head(store, "f");
    assert_int_equal(head.operation, VERSION_RENAME);
    assert_true(version_id_equal(&head.parents[1], &other.head));
    assert_int_equal(file_find(store, "f").lineage, before.lineage);
    assert_int_not_equal(file_find(store, "f.bak").lineage, before.lineage);
}

/* Both names had the lineage last: who commits first goes on in it. */
static void two_names_of_one_history_do_not_stand_in_each_others_way(void **state)
{
    struct store *store = store_of(state);
    struct inode before = file_put(store, "f", SLICE_STRING("old"));
    moved(store, "f", "g");
    removed(store, "g");
    file_create(store, "f");
    file_create(store, "g");
    file_put(store, "f", SLICE_STRING("first"));
    file_put(store, "g", SLICE_STRING("second"));
    assert_follows(store, "f", &before.head);
    assert_follows(store, "g", &before.head);
    assert_int_not_equal(file_find(store, "f").lineage, file_find(store, "g").lineage);
    assert_file(store, "f", SLICE_STRING("first"));
    assert_file(store, "g", SLICE_STRING("second"));
}

static void a_conflict_on_a_file_created_anew_gives_back_what_its_name_had(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    struct inode old = file_put(store, "f", SLICE_STRING("loaded"));
    struct inode before = file_put(store, "f", SLICE_STRING("theirs"));
    moved(store, "f", "f~");
    file_create(store, "f");
    opened_init(&opened, store, "f", 7);
    opened.request.base.descriptor_token = old.head;
    opened_write(&opened, 0, SLICE_STRING("mine"));
    struct commit_result result = assert_commit(&opened, COMMIT_CONFLICT);
    opened_release(&opened);
    assert_true(version_id_equal(&result.restored.id, &before.head));
    assert_file(store, "f", SLICE_STRING("theirs"));
    assert_file(store, "f.conflict", SLICE_STRING("mine"));
    struct inode after = file_find(store, "f");
    assert_true(version_id_equal(&after.head, &before.head));
    assert_int_equal(after.size, before.size);
    assert_int_equal(after.continues.lineage, 0);
    file_put(store, "f", SLICE_STRING("merged"));
    assert_follows(store, "f", &before.head);
}

static void the_owner_comes_back_with_the_content(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    struct commit_result result;
    const struct new_inode new_inode = {.mode = S_IFREG | 0666, .uid = 4242, .gid = 4242};
    const struct writer writer = writer_of_pid(7);
    struct inode before = file_put(store, "f", SLICE_STRING("private")), anew;
    removed(store, "f");
    assert_success(namespace_create(store, ROOT_INO, SLICE_STRING("f"), &new_inode, &writer, &anew, &(uint64_t){0}));
    assert_int_equal(anew.uid, 4242);
    opened_init(&opened, store, "f", 7);
    opened_write(&opened, 0, SLICE_STRING("half"));
    assert_success(commit_abandon(&opened.draft, &opened.request, &result));
    opened_release(&opened);
    struct inode after = file_find(store, "f");
    assert_int_equal(after.uid, before.uid);
    assert_int_equal(after.gid, before.gid);
    assert_int_equal(after.mode, before.mode);
    assert_file(store, "f", SLICE_STRING("private"));
    assert_int_equal(result.version.id.lineage, before.lineage);
    assert_int_equal(result.version.id.ordinal, before.head.ordinal);
    assert_version(store, &result.version, SLICE_STRING("half"));
}

static void the_same_content_created_anew_is_a_version_whatever_the_base(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    struct inode before = file_put(store, "f", SLICE_STRING("same"));
    removed(store, "f");
    file_create(store, "f");
    opened_init(&opened, store, "f", 7);
    opened_write(&opened, 0, SLICE_STRING("same"));
    assert_commit(&opened, COMMIT_DONE);
    opened_release(&opened);
    assert_follows(store, "f", &before.head);
    assert_file(store, "f", SLICE_STRING("same"));
}

static void a_draft_that_was_begun_commits_an_empty_file(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    struct inode before = file_put(store, "f", SLICE_STRING("old"));
    removed(store, "f");
    file_create(store, "f");
    opened_init(&opened, store, "f", 7);
    draft_begin(&opened.draft);
    assert_false(draft_only_appended(&opened.draft));
    assert_commit(&opened, COMMIT_DONE);
    opened_append(&opened, SLICE_STRING("more"));
    assert_true(draft_only_appended(&opened.draft));
    opened_release(&opened);
    assert_follows(store, "f", &before.head);
    assert_file(store, "f", SLICE_STRING(""));
}

/* A conflict's sibling descends from the base alone. */
static void a_siblings_name_does_not_go_on(void **state)
{
    struct store *store = store_of(state);
    for (unsigned round = 0; round < 2; round++) {
        struct opened opened;
        struct inode base = file_put(store, "f", round ? SLICE_STRING("a") : SLICE_STRING("b"));
        opened_init(&opened, store, "f", 7 + round);
        file_put(store, "f", round ? SLICE_STRING("c") : SLICE_STRING("d"));
        opened_write(&opened, 0, round ? SLICE_STRING("e") : SLICE_STRING("f"));
        assert_commit(&opened, COMMIT_CONFLICT);
        opened_release(&opened);
        struct version sibling = file_head(store, "f.conflict");
        assert_int_equal(sibling.id.ordinal, 1);
        assert_int_equal(sibling.parent_count, 1);
        assert_true(version_id_equal(&sibling.parents[0], &base.head));
        removed(store, "f.conflict");
    }
}

/* As an open that creates it does. */
static struct inode opened_anew(struct store *store, const char *name)
{
    const struct new_inode new_inode = {.mode = S_IFREG | 0600, .uid = 7, .gid = 7, .opened = true};
    const struct writer writer = writer_of_pid(1);
    struct inode inode;
    uint64_t forked;
    assert_success(namespace_create(store, ROOT_INO, SLICE_STRING(name), &new_inode, &writer, &inode, &forked));
    return inode;
}

static uint64_t restored(struct store *store)
{
    uint64_t count;
    assert_success(namespace_restore_all(store, &count));
    return count;
}

static void after_a_crash_what_was_being_created_anew_has_what_its_name_had(void **state)
{
    struct store *store = store_of(state);
    struct inode before = file_put(store, "f", SLICE_STRING("one"));
    file_put(store, "made", SLICE_STRING("two"));
    file_put(store, "gone", SLICE_STRING("three"));
    removed(store, "f");
    removed(store, "made");
    removed(store, "gone");
    opened_anew(store, "f");
    opened_anew(store, "new");
    opened_anew(store, "gone");
    removed(store, "gone");
    file_create(store, "made");
    assert_success(namespace_reap_all(store));
    assert_int_equal(restored(store), 1);
    assert_file(store, "f", SLICE_STRING("one"));
    struct inode after = file_find(store, "f");
    assert_true(version_id_equal(&after.head, &before.head));
    assert_int_equal(after.uid, before.uid);
    assert_int_equal(after.mode, before.mode);
    assert_file(store, "made", SLICE_STRING(""));
    assert_file(store, "new", SLICE_STRING(""));
    assert_int_equal(restored(store), 0);
}

static void what_was_committed_since_is_not_given_back(void **state)
{
    struct store *store = store_of(state);
    struct version version;
    file_put(store, "f", SLICE_STRING("one"));
    removed(store, "f");
    struct inode anew = opened_anew(store, "f");
    file_put(store, "f", SLICE_STRING("two"));
    assert_success(namespace_restore(store, anew.ino, &version));
    assert_int_equal(version.id.lineage, 0);
    assert_int_equal(restored(store), 0);
    assert_file(store, "f", SLICE_STRING("two"));

    file_put(store, "g", SLICE_STRING("three"));
    removed(store, "f");
    opened_anew(store, "f");
    moved(store, "f", "g"); /* that is a version, too */
    assert_int_equal(restored(store), 0);
    assert_file(store, "g", SLICE_STRING(""));
}

static void a_history_runs_through_all_lineages_that_it_forked_from(void **state)
{
    struct store *store = store_of(state);
    struct version_id known[4];
    known[0] = file_put(store, "f", SLICE_STRING("loaded")).head;
    for (unsigned i = 1; i < 4; i++) {
        char backup[] = {'f', (char)('0' + i), 0};
        moved(store, "f", backup);
        file_put(store, backup, SLICE_STRING("changed"));
        known[i] = file_put(store, "f", SLICE((const uint8_t *)"abcd", i)).head;
        assert_int_not_equal(known[i].lineage, known[i - 1].lineage);
    }
    struct inode inode = file_find(store, "f");
    struct descent descent = succession_descent(&inode);
    for (unsigned i = 3;; i--) {
        bool owns;
        assert_int_equal(descent.lineage, known[i].lineage);
        assert_int_equal(descent.newest, known[i].ordinal);
        assert_success(succession_owns(store, &inode, &known[i], &owns));
        assert_true(owns);
        if (i == 0) break;
        assert_success(succession_descend(store, &inode, &descent));
    }
    assert_error(succession_descend(store, &inode, &descent), ERR_NOT_FOUND);
    bool owns;
    const struct version_id other = file_put(store, "g", SLICE_STRING("other")).head;
    assert_success(succession_owns(store, &inode, &other, &owns));
    assert_false(owns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OCC(a_removed_name_that_is_created_anew_goes_on),
        WITH_OCC(a_name_that_never_had_a_version_begins_anew),
        WITH_OCC(a_backup_forks_when_the_name_is_created_anew),
        WITH_OCC(a_file_that_was_moved_and_changed_keeps_its_lineage),
        WITH_OCC(a_file_that_is_moved_back_is_what_it_was),
        WITH_OCC(a_file_that_is_moved_to_a_removed_name_goes_on_there),
        WITH_OCC(two_names_of_one_history_do_not_stand_in_each_others_way),
        WITH_OCC(a_conflict_on_a_file_created_anew_gives_back_what_its_name_had),
        WITH_OCC(the_owner_comes_back_with_the_content),
        WITH_OCC(the_same_content_created_anew_is_a_version_whatever_the_base),
        WITH_OCC(a_draft_that_was_begun_commits_an_empty_file),
        WITH_OCC(a_siblings_name_does_not_go_on),
        WITH_OCC(after_a_crash_what_was_being_created_anew_has_what_its_name_had),
        WITH_OCC(what_was_committed_since_is_not_given_back),
        WITH_OCC(a_history_runs_through_all_lineages_that_it_forked_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
