/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dirent_record.h"
#include "occ_directory.h"
#include "store_fixture.h"
#include "unit.h"

static const uint64_t numbers[] = {OCC_DIRECTORY_INO, LOST_FOUND_INO, STATUS_INO, CONFLICTS_INO, WATCH_INO};

static uint64_t find(struct store *store, uint64_t directory, const char *name)
{
    struct dirent_record dirent;
    int error = dirent_get(store, directory, SLICE_STRING(name), &dirent);
    assert_true(error == 0 || error == ERR_NOENT);
    return error ? 0 : dirent.ino;
}

static void assert_complete(struct store *store)
{
    static const uint32_t modes[] = {S_IFDIR | 0755, S_IFDIR | 01777, S_IFREG | 0444, S_IFREG | 0444, S_IFREG | 0444};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct inode inode;
        assert_success(inode_get(store, numbers[i], &inode));
        assert_int_equal(inode.mode, modes[i]);
        assert_int_equal(inode.uid, geteuid());
        assert_int_equal(inode.gid, getegid());
        assert_int_equal(inode.lineage, 0);
    }
    assert_int_equal(find(store, OCC_DIRECTORY_INO, "lost+found"), LOST_FOUND_INO);
    assert_int_equal(find(store, OCC_DIRECTORY_INO, "status"), STATUS_INO);
    assert_int_equal(find(store, OCC_DIRECTORY_INO, "conflicts"), CONFLICTS_INO);
    assert_int_equal(find(store, OCC_DIRECTORY_INO, "watch"), WATCH_INO);
}

static void a_new_store_has_it_and_its_root_does_not_list_it(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    bool empty;
    assert_complete(store);
    assert_int_equal(find(store, ROOT_INO, ".occ"), 0);
    assert_success(dirent_directory_is_empty(store, ROOT_INO, &empty));
    assert_true(empty);
}

static void a_store_that_was_made_without_it_gets_it(void **state)
{
    struct store_fixture *fixture = *state;
    struct transaction tx;
    transaction_init(&tx, fixture->store);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        inode_delete(&tx, numbers[i]);
    dirent_delete(&tx, OCC_DIRECTORY_INO, SLICE_STRING("lost+found"));
    dirent_delete(&tx, OCC_DIRECTORY_INO, SLICE_STRING("status"));
    dirent_delete(&tx, OCC_DIRECTORY_INO, SLICE_STRING("conflicts"));
    dirent_delete(&tx, OCC_DIRECTORY_INO, SLICE_STRING("watch"));
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
    store_fixture_reopen(fixture);
    assert_complete(fixture->store);
}

static void no_new_inode_has_one_of_its_numbers(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    uint64_t ino;
    assert_success(store_new_ino(store, &ino));
    assert_true(ino < OCC_DIRECTORY_INO / 2);
}

static void its_names_are_kept_and_no_others(void **state)
{
    (void)state;
    assert_true(occ_directory_keeps(ROOT_INO, ".occ"));
    assert_false(occ_directory_keeps(ROOT_INO, ".oc"));
    assert_false(occ_directory_keeps(ROOT_INO, ".occ2"));
    assert_false(occ_directory_keeps(7, ".occ"));
    assert_true(occ_directory_keeps(OCC_DIRECTORY_INO, "status"));
    assert_true(occ_directory_keeps(OCC_DIRECTORY_INO, "anything"));
    assert_false(occ_directory_keeps(LOST_FOUND_INO, "f.conflict"));
    assert_true(occ_directory_is_report(STATUS_INO));
    assert_true(occ_directory_is_report(CONFLICTS_INO));
    assert_false(occ_directory_is_report(LOST_FOUND_INO));
    assert_false(occ_directory_is_report(ROOT_INO));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(a_new_store_has_it_and_its_root_does_not_list_it),
        WITH_STORE(a_store_that_was_made_without_it_gets_it),
        WITH_STORE(no_new_inode_has_one_of_its_numbers),
        cmocka_unit_test(its_names_are_kept_and_no_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
