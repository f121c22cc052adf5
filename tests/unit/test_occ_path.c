/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "occ_directory.h"
#include "occ_fixture.h"
#include "path.h"

static struct store *store_of(void **state)
{
    return ((struct occ_fixture *)*state)->store;
}

static uint64_t make(struct store *store, uint64_t parent, const char *name)
{
    const struct new_inode new_inode = {.mode = S_IFDIR | 0755};
    const struct writer writer = writer_of_pid(1);
    struct inode inode;
    assert_success(namespace_create(store, parent, SLICE_STRING(name), &new_inode, &writer, &inode, &(uint64_t){0}));
    return inode.ino;
}

static void assert_path(struct path_finder *finder, uint64_t directory, const char *name, const char *expected)
{
    char path[PATH_SIZE];
    assert_success(path_find(finder, directory, name, path));
    assert_string_equal(path, expected);
}

static void a_path_leads_from_the_root_to_the_name(void **state)
{
    struct store *store = store_of(state);
    struct path_finder finder;
    uint64_t a = make(store, ROOT_INO, "a"), b = make(store, a, "b c"), x = make(store, ROOT_INO, "x");
    for (int i = 0; i < 300; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        make(store, a, name);
    }
    path_finder_init(&finder, store);
    assert_path(&finder, ROOT_INO, "f", "f");
    assert_path(&finder, a, "f", "a/f");
    assert_path(&finder, b, "f", "a/b c/f");
    assert_path(&finder, b, "g", "a/b c/g");
    assert_path(&finder, x, "f", "x/f");
    assert_path(&finder, OCC_DIRECTORY_INO, "f", ".occ/f");
    assert_path(&finder, LOST_FOUND_INO, "f", ".occ/lost+found/f");
    assert_path(&finder, ROOT_INO, "f", "f");
}

static void a_directory_that_was_moved_is_found_at_its_new_place(void **state)
{
    struct store *store = store_of(state);
    struct path_finder finder;
    const struct writer writer = writer_of_pid(1);
    struct rename_result result;
    uint64_t a = make(store, ROOT_INO, "a"), b = make(store, a, "b"), c = make(store, ROOT_INO, "c");
    assert_success(rename_in(store, a, SLICE_STRING("b"), c, SLICE_STRING("d"), false, &writer, &result));
    path_finder_init(&finder, store);
    assert_path(&finder, b, "f", "c/d/f");
}

static void what_has_gone_has_no_path(void **state)
{
    struct store *store = store_of(state);
    struct path_finder finder;
    struct inode gone, file = file_create(store, "file");
    char path[PATH_SIZE] = "untouched";
    uint64_t a = make(store, ROOT_INO, "a");
    assert_success(namespace_rmdir(store, ROOT_INO, SLICE_STRING("a"), &gone));
    path_finder_init(&finder, store);
    assert_error(path_find(&finder, a, "f", path), ERR_NOENT);
    assert_error(path_find(&finder, 4711, "f", path), ERR_NOENT);
    assert_error(path_find(&finder, 0, "f", path), ERR_NOENT);
    assert_error(path_find(&finder, file.ino, "f", path), ERR_NOENT);
    assert_string_equal(path, "untouched");
    assert_path(&finder, ROOT_INO, "f", "f");
}

static void a_path_that_is_too_long_is_refused(void **state)
{
    struct store *store = store_of(state);
    struct path_finder finder;
    char name[256], path[PATH_SIZE];
    uint64_t directory = ROOT_INO;
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    for (int depth = 0; depth < 15; depth++)
        directory = make(store, directory, name);
    path_finder_init(&finder, store);
    assert_success(path_find(&finder, directory, name, path)); /* 15 * 256 + 255 = 4095 bytes */
    assert_int_equal(strlen(path), PATH_SIZE - 1);
    directory = make(store, directory, name);
    assert_error(path_find(&finder, directory, "f", path), ERR_RANGE);
}

static void what_is_looked_at_is_bounded(void **state)
{
    struct store *store = store_of(state);
    struct path_finder finder;
    char path[PATH_SIZE];
    uint64_t a = make(store, ROOT_INO, "a");
    path_finder_init(&finder, store);
    finder.entries_left = 1;
    assert_path(&finder, a, "f", "a/f");
    assert_path(&finder, a, "g", "a/g"); /* remembered */
    uint64_t b = make(store, a, "b");
    assert_error(path_find(&finder, b, "f", path), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OCC_IN_MEMORY(a_path_leads_from_the_root_to_the_name),
        WITH_OCC_IN_MEMORY(a_directory_that_was_moved_is_found_at_its_new_place),
        WITH_OCC_IN_MEMORY(what_has_gone_has_no_path),
        WITH_OCC_IN_MEMORY(a_path_that_is_too_long_is_refused),
        WITH_OCC_IN_MEMORY(what_is_looked_at_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
