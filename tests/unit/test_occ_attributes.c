/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "attributes.h"
#include "occ_fixture.h"
#include "xattr.h"

static struct store *store_of(void **state)
{
    return ((struct occ_fixture *)*state)->store;
}

static struct inode changed(struct store *store, uint64_t ino, const struct attribute_changes *changes)
{
    struct inode inode, stored;
    assert_success(attributes_change(store, ino, changes, &inode));
    assert_success(inode_get(store, ino, &stored));
    assert_int_equal(stored.change, inode.change);
    return stored;
}

/* ---- attributes ---- */

static void what_is_set_changes_and_nothing_else(void **state)
{
    struct store *store = store_of(state);
    struct inode before = file_put(store, "f", SLICE_STRING("x"));
    const struct attribute_changes mode = {.set_mode = true, .mode = S_IFDIR | 04755};
    const struct attribute_changes owner = {.set_uid = true, .uid = 5, .set_gid = true, .gid = 6};
    const struct attribute_changes times = {
        .set_atime = true, .atime = {-1, 7}, .set_mtime = true, .mtime = {INT64_MAX, 999999999}};
    struct inode after = changed(store, before.ino, &mode);
    assert_int_equal(after.mode, S_IFREG | 04755); /* the type stays */
    assert_int_equal(after.uid, before.uid);
    assert_int_equal(after.mtime.tv_nsec, before.mtime.tv_nsec);
    assert_int_not_equal(after.ctime.tv_nsec, before.ctime.tv_nsec);
    after = changed(store, before.ino, &owner);
    assert_int_equal(after.uid, 5);
    assert_int_equal(after.gid, 6);
    assert_int_equal(after.mode, S_IFREG | 04755);
    after = changed(store, before.ino, &times);
    assert_int_equal(after.atime.tv_sec, -1);
    assert_int_equal(after.mtime.tv_sec, INT64_MAX);
    assert_true(version_id_equal(&after.head, &before.head)); /* no version of it */
    struct inode none;
    assert_error(attributes_change(store, 4711, &mode, &none), ERR_NOENT);
}

static void set_id_bits_go_as_they_go_elsewhere(void **state)
{
    struct store *store = store_of(state);
    static const struct {
        uint32_t before, after;
    } rows[] = {{06755, 0755}, {04644, 0644}, {02644, 02644}, {02654, 0654}, {01777, 01777}};
    const struct attribute_changes kill = {.kill_suid_sgid = true, .in_group = true};
    const struct attribute_changes kill_of_others = {.kill_suid_sgid = true};
    struct inode file = file_create(store, "f");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct attribute_changes set = {.set_mode = true, .mode = rows[i].before};
        changed(store, file.ino, &set);
        assert_int_equal(changed(store, file.ino, &kill).mode, S_IFREG | rows[i].after);
    }
    /* Who is not in the group loses the bit even where nobody may execute. */
    const struct attribute_changes mandatory_lock = {.set_mode = true, .mode = 02644};
    changed(store, file.ino, &mandatory_lock);
    assert_int_equal(changed(store, file.ino, &kill_of_others).mode, S_IFREG | 0644);
    const struct attribute_changes set = {.set_mode = true, .mode = 06777};
    changed(store, ROOT_INO, &set);
    assert_int_equal(changed(store, ROOT_INO, &kill).mode, S_IFDIR | 06777);
}

static void commit_f(void *context)
{
    file_put(context, "f", SLICE_STRING("meddled"));
}

static void a_commit_in_between_is_not_undone(void **state)
{
    struct occ_fixture *fixture = *state;
    const struct attribute_changes mode = {.set_mode = true, .mode = 0600};
    struct inode file = file_put(fixture->store, "f", SLICE_STRING("x"));
    fixture->recording.meddle = commit_f;
    fixture->recording.context = fixture->store;
    assert_int_equal(changed(fixture->store, file.ino, &mode).mode, S_IFREG | 0600);
    assert_file(fixture->store, "f", SLICE_STRING("meddled"));
}

/* ---- extended attributes ---- */

static int set(struct store *store, uint64_t ino, const char *name, struct slice value, int flags)
{
    struct inode inode;
    return attributes_xattr_set(store, ino, SLICE_STRING(name), value, flags, &inode);
}

static void assert_xattr(struct store *store, uint64_t ino, const char *name, struct slice expected)
{
    struct buffer value = {0};
    assert_success(attributes_xattr_get(store, ino, SLICE_STRING(name), &value));
    assert_true(slice_equal(buffer_slice(&value), expected));
    buffer_release(&value);
}

static void values_of_every_size_are_kept_and_replaced(void **state)
{
    struct store *store = store_of(state);
    static const size_t sizes[] = {0, 1, XATTR_FRAGMENT, XATTR_FRAGMENT + 1, XATTR_VALUE_MAX, 7, XATTR_VALUE_MAX, 0};
    struct inode file = file_create(store, "f"), inode;
    uint8_t *bytes = bytes_of_seed(1, 2 * XATTR_VALUE_MAX);
    struct buffer value = {0}, names = {0};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_success(set(store, file.ino, "user.a", SLICE(bytes + i, sizes[i]), 0));
        assert_xattr(store, file.ino, "user.a", SLICE(bytes + i, sizes[i]));
    }
    assert_success(set(store, file.ino, "user.b", SLICE(bytes, XATTR_VALUE_MAX), 0));
    assert_error(set(store, file.ino, "user.c", SLICE(bytes, XATTR_VALUE_MAX + 1), 0), ERR_TOOBIG);
    assert_success(attributes_xattr_list(store, file.ino, &names));
    assert_true(slice_equal(buffer_slice(&names), SLICE("user.a\0user.b", 14)));
    assert_success(attributes_xattr_remove(store, file.ino, SLICE_STRING("user.b"), &inode));
    assert_error(attributes_xattr_get(store, file.ino, SLICE_STRING("user.b"), &value), ERR_NODATA);
    assert_error(attributes_xattr_remove(store, file.ino, SLICE_STRING("user.b"), &inode), ERR_NODATA);
    assert_success(attributes_xattr_list(store, file.ino, &names));
    assert_true(slice_equal(buffer_slice(&names), SLICE("user.a", 7)));
    buffer_release(&names);
    buffer_release(&value);
    free(bytes);
}

static void flags_say_whether_it_must_be_there(void **state)
{
    struct store *store = store_of(state);
    struct inode file = file_create(store, "f");
    assert_error(set(store, file.ino, "user.a", SLICE_STRING("1"), XATTR_REPLACE), ERR_NODATA);
    assert_success(set(store, file.ino, "user.a", SLICE_STRING("1"), XATTR_CREATE));
    assert_error(set(store, file.ino, "user.a", SLICE_STRING("2"), XATTR_CREATE), ERR_EXIST);
    assert_success(set(store, file.ino, "user.a", SLICE_STRING("3"), XATTR_REPLACE));
    assert_xattr(store, file.ino, "user.a", SLICE_STRING("3"));
    assert_error(set(store, 4711, "user.a", SLICE_STRING("1"), 0), ERR_NOENT);
}

static void names_outside_of_what_users_have_are_refused(void **state)
{
    struct store *store = store_of(state);
    struct inode file = file_create(store, "f"), inode;
    struct buffer value = {0};
    char name[257];
    memset(name, 'x', sizeof name);
    memcpy(name, "user.", 5);
    name[256] = '\0';
    assert_error(set(store, file.ino, name, SLICE_STRING("1"), 0), ERR_RANGE);
    name[255] = '\0';
    assert_success(set(store, file.ino, name, SLICE_STRING("1"), 0));
    assert_xattr(store, file.ino, name, SLICE_STRING("1"));
    assert_error(set(store, file.ino, "", SLICE_STRING("1"), 0), ERR_RANGE);
    assert_error(set(store, file.ino, "system.a", SLICE_STRING("1"), 0), ERR_NOTSUP);
    assert_error(set(store, file.ino, "user.occ.x", SLICE_STRING("1"), 0), ERR_PERM);
    assert_error(attributes_xattr_remove(store, file.ino, SLICE_STRING("user.occ.x"), &inode), ERR_PERM);
    assert_error(attributes_xattr_get(store, file.ino, SLICE_STRING("user.occ.x"), &value), ERR_NODATA);
    assert_success(set(store, file.ino, "user.occupied", SLICE_STRING("1"), 0));
}

static void a_change_of_an_attribute_changes_ctime_alone(void **state)
{
    struct store *store = store_of(state);
    struct inode before = file_put(store, "f", SLICE_STRING("x")), after;
    assert_success(attributes_xattr_set(store, before.ino, SLICE_STRING("user.a"), SLICE_STRING("1"), 0, &after));
    assert_int_not_equal(after.ctime.tv_nsec, before.ctime.tv_nsec);
    assert_int_equal(after.mtime.tv_nsec, before.mtime.tv_nsec);
    assert_true(version_id_equal(&after.head, &before.head));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OCC_IN_MEMORY(what_is_set_changes_and_nothing_else),
        WITH_OCC_IN_MEMORY(set_id_bits_go_as_they_go_elsewhere),
        WITH_OCC_IN_MEMORY(a_commit_in_between_is_not_undone),
        WITH_OCC_IN_MEMORY(values_of_every_size_are_kept_and_replaced),
        WITH_OCC_IN_MEMORY(flags_say_whether_it_must_be_there),
        WITH_OCC_IN_MEMORY(names_outside_of_what_users_have_are_refused),
        WITH_OCC_IN_MEMORY(a_change_of_an_attribute_changes_ctime_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
