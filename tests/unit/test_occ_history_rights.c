/* SPDX-License-Identifier: Apache-2.0 */
#include "history_rights.h"

#include <string.h>
#include <sys/stat.h>

#include "acl.h"
#include "file_acl.h"
#include "occ_fixture.h"

static const struct history alive = {.ino = 7, .now = {.mode = S_IFREG | 0644, .uid = 1, .gid = 2}};

static uint32_t directory_mode(uint32_t mode)
{
    const struct history history = {.now = {.mode = S_IFREG | mode}};
    return history_directory_mode(&history);
}

static void who_may_read_the_file_may_enter_its_history(void **state)
{
    (void)state;
    assert_int_equal(directory_mode(0644), S_IFDIR | 0555);
    assert_int_equal(directory_mode(0640), S_IFDIR | 0550);
    assert_int_equal(directory_mode(0600), S_IFDIR | 0500);
    assert_int_equal(directory_mode(0733), S_IFDIR | 0500);
    assert_int_equal(directory_mode(06044), S_IFDIR | 0055);
    assert_int_equal(directory_mode(0), S_IFDIR);
}

static uint32_t version_mode(uint32_t mode, uint32_t uid, uint32_t gid)
{
    const struct version version = {.mode = S_IFREG | mode, .uid = uid, .gid = gid};
    return history_version_mode(&alive, &version);
}

static void a_version_is_read_as_then_and_written_as_now(void **state)
{
    (void)state;
    assert_int_equal(version_mode(0644, 1, 2), S_IFREG | 0644);
    assert_int_equal(version_mode(0600, 1, 2), S_IFREG | 0600);
    assert_int_equal(version_mode(0666, 1, 2), S_IFREG | 0644);
    assert_int_equal(version_mode(0555, 1, 2), S_IFREG | 0755);
    assert_int_equal(version_mode(0400, 1, 2), S_IFREG | 0600);
    assert_int_equal(version_mode(07755, 1, 2), S_IFREG | 0755); /* no set-id bits */
    assert_int_equal(version_mode(0666, 3, 2), S_IFREG | 0444);
    assert_int_equal(version_mode(0666, 1, 3), S_IFREG | 0444);
}

static void what_cannot_be_written_shows_no_write_bits(void **state)
{
    (void)state;
    struct version version = {.mode = S_IFREG | 0644, .uid = 1, .gid = 2};
    struct history removed = alive;
    removed.ino = 0;
    assert_int_equal(history_version_mode(&removed, &version), S_IFREG | 0444);
    version.acl.bytes[0] = 1;
    assert_int_equal(history_version_mode(&alive, &version), S_IFREG | 0444);
    version.acl.bytes[0] = 0;
    version.abandoned = true;
    assert_int_equal(history_version_mode(&alive, &version), S_IFREG | 0444);
}

/* u::7 u:5:6 g::2 m::6 o::4, as the kernel writes it. */
static const uint8_t list_bytes[] = {2, 0, 0,   0,   1,   0,   7,  0, 255, 255, 255, 255, 2,   0,  6,
                                     0, 5, 0,   0,   0,   4,   0,  2, 0,   255, 255, 255, 255, 16, 0,
                                     6, 0, 255, 255, 255, 255, 32, 0, 4,   0,   255, 255, 255, 255};

/* The permissions of a list's five entries, as digits. */
static unsigned digits_of(const struct buffer *list)
{
    struct acl acl;
    unsigned digits = 0;
    assert_success(acl_parse(buffer_slice(list), &acl));
    for (unsigned i = 0; i < acl.count; i++)
        digits = digits * 10 + acl.entries[i].permissions;
    acl_release(&acl);
    return digits;
}

static void access_lists_follow_the_same_rules(void **state)
{
    struct store *store = ((struct occ_fixture *)*state)->store;
    const struct slice list = {list_bytes, sizeof list_bytes};
    struct buffer got = {0};
    struct inode inode = file_put(store, "f", SLICE_STRING("without"));
    struct version without = file_head(store, "f");
    assert_success(file_acl_set(store, inode.ino, SLICE_STRING(ACL_ACCESS_NAME), &list, true, &inode));
    file_put(store, "f", SLICE_STRING("with"));
    struct version with = file_head(store, "f");
    struct history history;
    assert_success(history_of_name(store, ROOT_INO, SLICE_STRING("f"), &history));

    assert_int_equal(history_directory_mode(&history), S_IFDIR | 0555);
    assert_success(history_directory_acl(store, &history, &got));
    assert_int_equal(digits_of(&got), 55055);
    assert_error(history_version_acl(store, &history, &without, &got), ERR_NODATA);
    assert_int_equal(history_version_mode(&history, &without), S_IFREG | 0444);
    assert_success(history_version_acl(store, &history, &with, &got));
    assert_int_equal(digits_of(&got), 76264);
    assert_int_equal(history_version_mode(&history, &with), S_IFREG | 0764);

    /* Another list now: what the version's gives is for reading. */
    assert_success(file_acl_set(store, inode.ino, SLICE_STRING(ACL_ACCESS_NAME), NULL, true, &inode));
    assert_success(history_of_name(store, ROOT_INO, SLICE_STRING("f"), &history));
    assert_error(history_directory_acl(store, &history, &got), ERR_NODATA);
    assert_success(history_version_acl(store, &history, &with, &got));
    assert_int_equal(digits_of(&got), 54044);
    assert_int_equal(history_version_mode(&history, &with), S_IFREG | 0544);

    /* What the file had when it was removed stays. */
    assert_success(file_acl_set(store, inode.ino, SLICE_STRING(ACL_ACCESS_NAME), &list, true, &inode));
    assert_success(namespace_unlink(store, ROOT_INO, SLICE_STRING("f"), NULL, &inode));
    assert_success(history_of_name(store, ROOT_INO, SLICE_STRING("f"), &history));
    assert_success(history_directory_acl(store, &history, &got));
    assert_int_equal(digits_of(&got), 55055);
    buffer_release(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_may_read_the_file_may_enter_its_history),
        cmocka_unit_test(a_version_is_read_as_then_and_written_as_now),
        cmocka_unit_test(what_cannot_be_written_shows_no_write_bits),
        WITH_OCC_IN_MEMORY(access_lists_follow_the_same_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
