/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "attributes.h"
#include "conflict.h"
#include "occ_directory.h"
#include "occ_fixture.h"

enum { MIB = 1024 * 1024 };

static struct store *store_of(void **state)
{
    return ((struct occ_fixture *)*state)->store;
}

/* Two versions of f, and a writer of the first one that has changed it. */
static void make_conflict(struct store *store, uint32_t pid, const char *mine, struct opened *opened)
{
    if (!file_exists(store, "f")) file_put(store, "f", SLICE_STRING("base"));
    opened_init(opened, store, "f", pid);
    struct inode head = file_find(store, "f");
    char theirs[32];
    snprintf(theirs, sizeof theirs, "theirs %llu", (unsigned long long)head.head.ordinal);
    file_put(store, "f", SLICE_STRING(theirs));
    assert_success(draft_truncate(&opened->draft, 0));
    opened_write(opened, 0, SLICE_STRING(mine));
}

static struct conflict_record record_of(struct store *store, const char *sibling)
{
    struct conflict_record record;
    struct inode inode = file_find(store, sibling);
    assert_int_not_equal(inode.conflict_target, 0);
    assert_success(conflict_record_get(store, inode.conflict_target, inode.ino, &record));
    return record;
}

static void the_sibling_and_its_record_say_what_happened(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    make_conflict(store, 7, "mine", &opened);
    struct inode target = file_find(store, "f");
    struct version_id base = opened.request.base.opened;
    struct commit_result result = assert_commit(&opened, COMMIT_CONFLICT);
    struct version head = file_head(store, "f.conflict");
    assert_string_equal(result.sibling_name, "f.conflict");
    assert_int_equal(result.sibling_directory, ROOT_INO);
    assert_int_equal(result.sibling, file_find(store, "f.conflict").ino);
    assert_true(version_id_equal(&result.version.id, &head.id));
    assert_int_equal(head.id.ordinal, 1);
    assert_int_equal(head.operation, VERSION_CONFLICT);
    assert_int_equal(head.parent_count, 1);
    assert_true(version_id_equal(&head.parents[0], &base));

    struct conflict_record record = record_of(store, "f.conflict");
    assert_int_equal(record.target_lineage, target.head.lineage);
    assert_true(version_id_equal(&record.base, &base));
    assert_true(version_id_equal(&record.head, &target.head));
    assert_int_equal(record.writer.pid, 7);
    assert_int_equal(record.size, 4);
    assert_string_equal(record.target, "f");
    assert_string_equal(record.name, "f.conflict");
    opened_release(&opened);
}

static void the_sibling_is_the_writers_without_set_id_bits(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    file_put(store, "f", SLICE_STRING("base"));
    const struct attribute_changes changes = {
        .set_mode = true, .mode = 07751, .set_uid = true, .uid = 1, .set_gid = true, .gid = 2};
    struct inode inode = file_find(store, "f");
    assert_success(attributes_change(store, inode.ino, &changes, &inode));
    make_conflict(store, 7, "mine", &opened);
    assert_commit(&opened, COMMIT_CONFLICT);
    inode = file_find(store, "f.conflict");
    assert_int_equal(inode.mode, S_IFREG | 0751);
    assert_int_equal(inode.uid, UID);
    assert_int_equal(inode.gid, 2);
    assert_int_equal(inode.nlink, 1);
    opened_release(&opened);
}

/* ---- how many siblings ---- */

static void a_blind_retry_loop_makes_one_sibling(void **state)
{
    struct store *store = store_of(state);
    struct opened opened[4];
    file_put(store, "f", SLICE_STRING("base"));
    for (size_t i = 0; i < 4; i++)
        opened_init(&opened[i], store, "f", 7);
    file_put(store, "f", SLICE_STRING("theirs"));
    for (size_t i = 0; i < 4; i++) {
        const char text[] = {(char)('a' + i), '\0'};
        opened_write(&opened[i], 0, SLICE_STRING(text));
        assert_commit(&opened[i], COMMIT_CONFLICT);
        opened_release(&opened[i]);
    }
    assert_file(store, "f.conflict", SLICE_STRING("dase"));
    assert_int_equal(file_head(store, "f.conflict").id.ordinal, 4);
    assert_int_equal(file_head(store, "f.conflict").parent_count, 2);
    assert_false(file_exists(store, "f.2.conflict"));
}

static void another_process_and_another_base_have_siblings_of_their_own(void **state)
{
    struct store *store = store_of(state);
    struct opened first, other_process, other_base;
    make_conflict(store, 7, "first", &first);
    assert_commit(&first, COMMIT_CONFLICT);
    make_conflict(store, 7, "other base", &other_base);
    assert_commit(&other_base, COMMIT_CONFLICT);
    make_conflict(store, 8, "other process", &other_process);
    assert_commit(&other_process, COMMIT_CONFLICT);
    assert_file(store, "f.conflict", SLICE_STRING("first"));
    assert_file(store, "f.2.conflict", SLICE_STRING("other base"));
    assert_file(store, "f.3.conflict", SLICE_STRING("other process"));
    opened_release(&first);
    opened_release(&other_process);
    opened_release(&other_base);
}

static void a_process_that_is_unknown_or_was_another_of_that_number_is_not_taken_for_the_same(void **state)
{
    struct store *store = store_of(state);
    struct opened opened[4];
    file_put(store, "f", SLICE_STRING("base"));
    for (size_t i = 0; i < 4; i++)
        opened_init(&opened[i], store, "f", i < 2 ? 0 : 7);
    opened[3].request.writer.started++;
    file_put(store, "f", SLICE_STRING("theirs"));
    for (size_t i = 0; i < 4; i++) {
        const char text[] = {(char)('a' + i), '\0'};
        opened_write(&opened[i], 0, SLICE_STRING(text));
        assert_commit(&opened[i], COMMIT_CONFLICT);
        opened_release(&opened[i]);
    }
    assert_true(file_exists(store, "f.4.conflict"));
}

static void the_same_bytes_are_not_kept_twice(void **state)
{
    struct store *store = store_of(state);
    uint8_t *bytes = bytes_of_seed(1, MIB);
    for (size_t size = 100; size <= MIB; size += MIB - 100) {
        struct opened first, second, third;
        file_put(store, "f", SLICE_STRING("base"));
        opened_init(&first, store, "f", 7);
        file_put(store, "f", SLICE_STRING("other base"));
        opened_init(&second, store, "f", 8);
        opened_init(&third, store, "f", 7);
        file_put(store, "f", SLICE_STRING("theirs"));
        opened_write(&first, 0, SLICE(bytes, size));
        opened_write(&second, 0, SLICE(bytes, size));
        struct commit_result one = assert_commit(&first, COMMIT_CONFLICT);
        uint64_t blobs = assert_no_stray_blobs(store);
        struct commit_result two = assert_commit(&second, COMMIT_CONFLICT);
        assert_int_equal(two.sibling, one.sibling);
        assert_true(version_id_equal(&two.version.id, &one.version.id));
        assert_int_equal(assert_no_stray_blobs(store), blobs);
        /* The record goes with the version: it names the base that is its parent, and who wrote it first. */
        struct conflict_record record = record_of(store, one.sibling_name);
        assert_true(version_id_equal(&record.base, &one.version.parents[0]));
        assert_int_equal(record.writer.pid, 7);
        opened_release(&first);
        opened_release(&second);
        opened_release(&third);
    }
    free(bytes);
}

static void a_sibling_that_was_edited_no_longer_has_the_same_bytes(void **state)
{
    struct store *store = store_of(state);
    struct opened first, second;
    make_conflict(store, 7, "mine", &first);
    assert_commit(&first, COMMIT_CONFLICT);
    file_put(store, "f.conflict", SLICE_STRING("edit"));
    make_conflict(store, 8, "mine", &second);
    assert_commit(&second, COMMIT_CONFLICT);
    assert_file(store, "f.conflict", SLICE_STRING("edit"));
    assert_file(store, "f.2.conflict", SLICE_STRING("mine"));
    opened_release(&first);
    opened_release(&second);
}

/* ---- a draft that conflicted ---- */

static void a_draft_stays_conflicted_and_its_sibling_follows_whoever_writes(void **state)
{
    struct store *store = store_of(state);
    static const uint32_t pids[] = {7, 9, 0}; /* a child of the writer's, and one that is not seen */
    struct opened opened;
    char expected[] = "mine0";
    make_conflict(store, 7, "mine?", &opened);
    for (size_t i = 0; i < sizeof pids / sizeof pids[0]; i++) {
        expected[4] = (char)('0' + i);
        opened.request.writer = writer_of_pid(pids[i]);
        opened_write(&opened, 0, SLICE_STRING(expected));
        assert_commit(&opened, COMMIT_CONFLICT);
        assert_file(store, "f.conflict", SLICE_STRING(expected));
        assert_opened(&opened, SLICE_STRING(expected));
    }
    assert_false(file_exists(store, "f.2.conflict"));
    opened_append(&opened, SLICE_STRING(" and appended"));
    assert_commit(&opened, COMMIT_CONFLICT);
    assert_file(store, "f.conflict", SLICE_STRING("mine2 and appended"));
    opened_release(&opened);
}

static void a_sibling_that_was_renamed_or_removed_is_resolved(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    struct rename_result result;
    struct inode gone;
    const struct writer writer = writer_of_pid(1);
    make_conflict(store, 7, "mine", &opened);
    assert_commit(&opened, COMMIT_CONFLICT);
    assert_success(rename_in(store, ROOT_INO, SLICE_STRING("f.conflict"), ROOT_INO, SLICE_STRING("kept"), false,
                             &writer, &result));
    opened_append(&opened, SLICE_STRING(" 2"));
    assert_commit(&opened, COMMIT_CONFLICT);
    assert_success(namespace_unlink(store, ROOT_INO, SLICE_STRING("f.conflict"), NULL, &gone));
    opened_append(&opened, SLICE_STRING(" 3"));
    assert_commit(&opened, COMMIT_CONFLICT);
    assert_file(store, "kept", SLICE_STRING("mine"));
    assert_file(store, "f.conflict", SLICE_STRING("mine 2 3"));
    opened_release(&opened);
}

struct meddler {
    struct store *store;
    const char *name;
};

static void unlink_name(void *context)
{
    const struct meddler *meddler = context;
    struct inode inode;
    assert_success(namespace_unlink(meddler->store, ROOT_INO, SLICE_STRING(meddler->name), NULL, &inode));
    assert_success(namespace_reap(meddler->store, inode.ino));
}

static void take_name(void *context)
{
    const struct meddler *meddler = context;
    file_create(meddler->store, meddler->name);
}

static void a_sibling_that_goes_in_between_is_made_again(void **state)
{
    struct occ_fixture *fixture = *state;
    struct meddler meddler = {fixture->store, "f.conflict"};
    struct opened opened;
    make_conflict(fixture->store, 7, "mine", &opened);
    assert_commit(&opened, COMMIT_CONFLICT);
    opened_append(&opened, SLICE_STRING(" too"));
    fixture->recording.meddle = unlink_name;
    fixture->recording.context = &meddler;
    assert_commit(&opened, COMMIT_CONFLICT);
    assert_file(fixture->store, "f.conflict", SLICE_STRING("mine too"));
    opened_release(&opened);
}

static void a_name_that_is_taken_in_between_is_left_to_who_took_it(void **state)
{
    struct occ_fixture *fixture = *state;
    struct meddler meddler = {fixture->store, "f.conflict"};
    struct opened opened;
    make_conflict(fixture->store, 7, "mine", &opened);
    fixture->recording.meddle = take_name;
    fixture->recording.context = &meddler;
    assert_commit(&opened, COMMIT_CONFLICT);
    assert_file(fixture->store, "f.conflict", SLICE(NULL, 0));
    assert_file(fixture->store, "f.2.conflict", SLICE_STRING("mine"));
    opened_release(&opened);
}

/* ---- places ---- */

static void a_conflict_on_a_sibling_takes_the_next_number(void **state)
{
    struct store *store = store_of(state);
    struct opened opened, on_sibling;
    make_conflict(store, 7, "mine", &opened);
    assert_commit(&opened, COMMIT_CONFLICT);
    opened_init(&on_sibling, store, "f.conflict", 8);
    opened_write(&on_sibling, 0, SLICE_STRING("edit"));
    file_put(store, "f.conflict", SLICE_STRING("else"));
    assert_commit(&on_sibling, COMMIT_CONFLICT);
    assert_file(store, "f.2.conflict", SLICE_STRING("edit"));
    opened_release(&opened);
    opened_release(&on_sibling);
}

static void without_its_directory_the_sibling_goes_to_lost_and_found_and_is_found_again(void **state)
{
    struct store *store = store_of(state);
    const struct new_inode new_directory = {.mode = S_IFDIR | 0755};
    const struct writer writer = writer_of_pid(1);
    struct inode directory, gone;
    struct opened opened;
    assert_success(
        namespace_create(store, ROOT_INO, SLICE_STRING("d"), &new_directory, &writer, &directory, &(uint64_t){0}));
    make_conflict(store, 7, "mine", &opened);
    opened.request.directory = directory.ino;
    opened.request.removal = REMOVAL_BY_OTHER;
    assert_success(namespace_rmdir(store, ROOT_INO, SLICE_STRING("d"), &gone));
    for (int reaped = 0; reaped <= 1; reaped++) {
        opened_append(&opened, SLICE_STRING("!"));
        struct commit_result result = assert_commit(&opened, COMMIT_CONFLICT);
        assert_int_equal(result.sibling_directory, LOST_FOUND_INO);
        assert_string_equal(result.sibling_name, "f.conflict");
        assert_success(namespace_reap(store, directory.ino));
    }
    assert_false(file_exists(store, "f.conflict"));
    struct dirent_record dirent;
    struct inode sibling;
    struct version head;
    assert_success(namespace_lookup(store, LOST_FOUND_INO, SLICE_STRING("f.conflict"), &dirent));
    assert_success(inode_get(store, dirent.ino, &sibling));
    assert_success(version_get(store, sibling.lineage, sibling.head.ordinal, &head));
    assert_version(store, &head, SLICE_STRING("mine!!"));
    opened_release(&opened);
}

static void a_large_conflict_is_whole_and_shares_with_its_base(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    uint8_t *bytes = bytes_of_seed(1, 10 * MIB);
    file_put(store, "f", SLICE(bytes, 10 * MIB));
    opened_init(&opened, store, "f", 7);
    file_put(store, "f", SLICE_STRING("theirs"));
    uint64_t blobs = count_blobs(store);
    bytes[5 * MIB] ^= 1;
    opened_write(&opened, 5 * MIB, SLICE(bytes + 5 * MIB, 1));
    assert_commit(&opened, COMMIT_CONFLICT);
    assert_file(store, "f.conflict", SLICE(bytes, 10 * MIB));
    assert_int_equal(count_blobs(store), blobs + 2);
    opened_release(&opened);
    free(bytes);
}

/* ---- the end of a conflict ---- */

static int count_record(void *context, const struct conflict_record *record)
{
    (void)record;
    ++*(unsigned *)context;
    return 0;
}

static unsigned records_of(struct store *store, const char *name)
{
    unsigned count = 0;
    assert_success(conflict_record_scan(store, file_find(store, name).head.lineage, count_record, &count));
    return count;
}

static void the_record_goes_with_its_sibling(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    struct meddler meddler = {store, "f.conflict"};
    make_conflict(store, 7, "mine", &opened);
    assert_commit(&opened, COMMIT_CONFLICT);
    assert_int_equal(records_of(store, "f"), 1);
    unlink_name(&meddler);
    assert_int_equal(records_of(store, "f"), 0);
    opened_release(&opened);
}

static void a_sibling_that_replaces_its_file_is_none_any_more(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    struct rename_result result;
    const struct writer writer = writer_of_pid(1);
    make_conflict(store, 7, "mine", &opened);
    assert_commit(&opened, COMMIT_CONFLICT);
    assert_success(
        rename_in(store, ROOT_INO, SLICE_STRING("f.conflict"), ROOT_INO, SLICE_STRING("f"), false, &writer, &result));
    assert_file(store, "f", SLICE_STRING("mine"));
    assert_int_equal(file_find(store, "f").conflict_target, 0);
    assert_int_equal(records_of(store, "f"), 0);
    opened_release(&opened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OCC(the_sibling_and_its_record_say_what_happened),
        WITH_OCC(the_sibling_is_the_writers_without_set_id_bits),
        WITH_OCC(a_blind_retry_loop_makes_one_sibling),
        WITH_OCC(another_process_and_another_base_have_siblings_of_their_own),
        WITH_OCC(a_process_that_is_unknown_or_was_another_of_that_number_is_not_taken_for_the_same),
        WITH_OCC(the_same_bytes_are_not_kept_twice),
        WITH_OCC(a_sibling_that_was_edited_no_longer_has_the_same_bytes),
        WITH_OCC(a_draft_stays_conflicted_and_its_sibling_follows_whoever_writes),
        WITH_OCC(a_sibling_that_was_renamed_or_removed_is_resolved),
        WITH_OCC(a_sibling_that_goes_in_between_is_made_again),
        WITH_OCC(a_name_that_is_taken_in_between_is_left_to_who_took_it),
        WITH_OCC(a_conflict_on_a_sibling_takes_the_next_number),
        WITH_OCC(without_its_directory_the_sibling_goes_to_lost_and_found_and_is_found_again),
        WITH_OCC(a_large_conflict_is_whole_and_shares_with_its_base),
        WITH_OCC(the_record_goes_with_its_sibling),
        WITH_OCC(a_sibling_that_replaces_its_file_is_none_any_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
