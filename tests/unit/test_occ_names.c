/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "attributes.h"
#include "occ_fixture.h"
#include "xattr.h"

static struct store *store_of(void **state)
{
    return ((struct occ_fixture *)*state)->store;
}

static int create(struct store *store, uint64_t directory, const char *name, uint32_t mode, struct inode *ret_inode)
{
    const struct new_inode new_inode = {.mode = mode, .uid = UID, .gid = GID, .symlink = SLICE_STRING("target")};
    const struct writer writer = writer_of_pid(1);
    return namespace_create(store, directory, SLICE_STRING(name), &new_inode, &writer, ret_inode, &(uint64_t){0});
}

static struct inode made(struct store *store, uint64_t directory, const char *name, uint32_t mode)
{
    struct inode inode;
    assert_success(create(store, directory, name, mode, &inode));
    return inode;
}

static struct inode got(struct store *store, uint64_t ino)
{
    struct inode inode;
    assert_success(inode_get(store, ino, &inode));
    return inode;
}

static void assert_head(struct store *store, uint64_t ino, const struct inode *before)
{
    struct inode inode = got(store, ino);
    assert_true(version_id_equal(&inode.head, &before->head));
}

/* Links that nobody made, where making them would take too long. */
static void set_links(struct store *store, uint64_t ino, uint32_t nlink)
{
    struct transaction tx;
    struct inode inode = got(store, ino);
    inode.nlink = nlink;
    transaction_init(&tx, store);
    inode_put(&tx, &inode);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
}

static bool later(struct timespec a, struct timespec b)
{
    return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec);
}

/* ---- create ---- */

static void a_new_file_of_each_type_is_found_and_counted(void **state)
{
    struct store *store = store_of(state);
    static const struct {
        const char *name;
        uint32_t mode, nlink;
    } rows[] = {{"file", S_IFREG | 0640, 1}, {"directory", S_IFDIR | 0750, 2}, {"link", S_IFLNK | 0777, 1},
                {"fifo", S_IFIFO | 0600, 1}, {"socket", S_IFSOCK | 0600, 1},   {"device", S_IFCHR | 0600, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct inode before = got(store, ROOT_INO), inode = made(store, ROOT_INO, rows[i].name, rows[i].mode);
        struct inode root = got(store, ROOT_INO);
        struct dirent_record dirent;
        assert_success(namespace_lookup(store, ROOT_INO, SLICE_STRING(rows[i].name), &dirent));
        assert_int_equal(dirent.ino, inode.ino);
        assert_int_equal(dirent.type, rows[i].mode & S_IFMT);
        assert_int_equal(inode.mode, rows[i].mode);
        assert_int_equal(inode.nlink, rows[i].nlink);
        assert_int_equal(inode.parent, S_ISDIR(rows[i].mode) ? ROOT_INO : 0);
        assert_int_equal(inode.size, S_ISLNK(rows[i].mode) ? 6 : 0);
        assert_int_equal(root.nlink, before.nlink + S_ISDIR(rows[i].mode));
        assert_true(later(root.mtime, before.mtime) && later(root.ctime, before.ctime));
        assert_true(root.change > before.change);
        assert_int_equal(inode.head.lineage != 0, S_ISREG(rows[i].mode));
    }
    assert_int_equal(file_head(store, "file").id.ordinal, 0);
    assert_int_equal(file_head(store, "file").operation, VERSION_CREATE);
}

static void a_set_gid_directory_hands_its_group_on(void **state)
{
    struct store *store = store_of(state);
    struct inode directory = made(store, ROOT_INO, "d", S_IFDIR | S_ISGID | 0755);
    const struct attribute_changes changes = {.set_gid = true, .gid = 77};
    assert_success(attributes_change(store, directory.ino, &changes, &directory));
    struct inode file = made(store, directory.ino, "f", S_IFREG | 0644);
    struct inode below = made(store, directory.ino, "e", S_IFDIR | 0755);
    assert_int_equal(file.gid, 77);
    assert_int_equal(file.mode, S_IFREG | 0644);
    assert_int_equal(below.gid, 77);
    assert_int_equal(below.mode, S_IFDIR | S_ISGID | 0755);
}

static void what_cannot_be_created_is_refused(void **state)
{
    struct store *store = store_of(state);
    struct inode directory = made(store, ROOT_INO, "d", S_IFDIR | 0755), file = made(store, ROOT_INO, "f", S_IFREG);
    struct inode inode;
    char name[257];
    assert_error(create(store, ROOT_INO, "f", S_IFREG, &inode), ERR_EXIST);
    assert_error(create(store, ROOT_INO, "d", S_IFDIR, &inode), ERR_EXIST);
    assert_error(create(store, file.ino, "x", S_IFREG, &inode), ERR_NOTDIR);
    assert_error(create(store, 4711, "x", S_IFREG, &inode), ERR_NOENT);
    memset(name, 'x', 256);
    name[256] = '\0';
    assert_error(create(store, ROOT_INO, name, S_IFREG, &inode), ERR_NAMETOOLONG);
    name[255] = '\0';
    assert_success(create(store, ROOT_INO, name, S_IFREG, &inode));
    assert_success(namespace_rmdir(store, ROOT_INO, SLICE_STRING("d"), &inode));
    assert_error(create(store, directory.ino, "x", S_IFREG, &inode), ERR_NOENT); /* as long as it is open */
    set_links(store, ROOT_INO, LINKS_MAX);
    assert_error(create(store, ROOT_INO, "last", S_IFDIR, &inode), ERR_MLINK);
    assert_success(create(store, ROOT_INO, "last", S_IFREG, &inode));
}

static void the_target_of_a_symlink_has_a_size(void **state)
{
    struct store *store = store_of(state);
    static char target[SYMLINK_TARGET_MAX + 2];
    const struct writer writer = writer_of_pid(1);
    struct new_inode new_inode = {.mode = S_IFLNK | 0777};
    struct inode inode;
    struct buffer read = {0};
    memset(target, 't', sizeof target);
    assert_error(namespace_create(store, ROOT_INO, SLICE_STRING("l"), &new_inode, &writer, &inode, &(uint64_t){0}),
                 ERR_NOENT);
    new_inode.symlink = SLICE(target, SYMLINK_TARGET_MAX + 1);
    assert_error(namespace_create(store, ROOT_INO, SLICE_STRING("l"), &new_inode, &writer, &inode, &(uint64_t){0}),
                 ERR_NAMETOOLONG);
    new_inode.symlink = SLICE(target, SYMLINK_TARGET_MAX);
    assert_success(namespace_create(store, ROOT_INO, SLICE_STRING("l"), &new_inode, &writer, &inode, &(uint64_t){0}));
    assert_success(symlink_get(store, inode.ino, &read));
    assert_true(slice_equal(buffer_slice(&read), new_inode.symlink));
    buffer_release(&read);
}

/* ---- link and unlink ---- */

static void a_file_has_as_many_links_as_names(void **state)
{
    struct store *store = store_of(state);
    struct inode file = file_put(store, "f", SLICE_STRING("content")), linked, gone;
    struct inode directory = made(store, ROOT_INO, "d", S_IFDIR | 0755);
    assert_success(namespace_link(store, file.ino, directory.ino, SLICE_STRING("g"), &linked));
    assert_int_equal(linked.nlink, 2);
    assert_true(later(linked.ctime, file.ctime));
    assert_int_equal(linked.mtime.tv_nsec, file.mtime.tv_nsec);
    assert_true(later(got(store, directory.ino).mtime, directory.mtime));
    assert_success(namespace_unlink(store, ROOT_INO, SLICE_STRING("f"), NULL, &gone));
    assert_int_equal(gone.nlink, 1);
    assert_error(namespace_reap(store, file.ino), ERR_BUSY);
    assert_success(namespace_unlink(store, directory.ino, SLICE_STRING("g"), NULL, &gone));
    assert_int_equal(gone.nlink, 0);
    assert_head(store, file.ino, &file); /* it may be open */
    assert_error(namespace_link(store, file.ino, ROOT_INO, SLICE_STRING("again"), &linked), ERR_NOENT);
}

static void what_cannot_be_linked_or_unlinked_is_refused(void **state)
{
    struct store *store = store_of(state);
    struct inode file = made(store, ROOT_INO, "f", S_IFREG), directory = made(store, ROOT_INO, "d", S_IFDIR), inode;
    made(store, directory.ino, "inside", S_IFREG);
    assert_error(namespace_link(store, directory.ino, ROOT_INO, SLICE_STRING("x"), &inode), ERR_PERM);
    assert_error(namespace_link(store, file.ino, ROOT_INO, SLICE_STRING("d"), &inode), ERR_EXIST);
    assert_error(namespace_link(store, file.ino, file.ino, SLICE_STRING("x"), &inode), ERR_NOTDIR);
    assert_error(namespace_link(store, 4711, ROOT_INO, SLICE_STRING("x"), &inode), ERR_NOENT);
    set_links(store, file.ino, LINKS_MAX - 1);
    assert_success(namespace_link(store, file.ino, ROOT_INO, SLICE_STRING("last"), &inode));
    assert_error(namespace_link(store, file.ino, ROOT_INO, SLICE_STRING("x"), &inode), ERR_MLINK);

    assert_error(namespace_unlink(store, ROOT_INO, SLICE_STRING("none"), NULL, &inode), ERR_NOENT);
    assert_error(namespace_unlink(store, ROOT_INO, SLICE_STRING("d"), NULL, &inode), ERR_ISDIR);
    assert_error(namespace_rmdir(store, ROOT_INO, SLICE_STRING("f"), &inode), ERR_NOTDIR);
    assert_error(namespace_rmdir(store, ROOT_INO, SLICE_STRING("none"), &inode), ERR_NOENT);
    assert_error(namespace_rmdir(store, ROOT_INO, SLICE_STRING("d"), &inode), ERR_NOTEMPTY);
}

static void a_directory_that_is_removed_is_counted_off(void **state)
{
    struct store *store = store_of(state);
    struct inode directory = made(store, ROOT_INO, "d", S_IFDIR), gone, root = got(store, ROOT_INO);
    made(store, directory.ino, "f", S_IFREG);
    assert_success(namespace_unlink(store, directory.ino, SLICE_STRING("f"), NULL, &gone));
    assert_success(namespace_rmdir(store, ROOT_INO, SLICE_STRING("d"), &gone));
    assert_int_equal(gone.ino, directory.ino);
    assert_int_equal(gone.nlink, 0);
    assert_int_equal(got(store, ROOT_INO).nlink, root.nlink - 1);
    assert_false(file_exists(store, "d"));
}

struct meddler {
    struct store *store;
    uint64_t directory;
};

static void create_inside(void *context)
{
    const struct meddler *meddler = context;
    made(meddler->store, meddler->directory, "late", S_IFREG);
}

static void remove_directory(void *context)
{
    const struct meddler *meddler = context;
    struct inode gone;
    assert_success(namespace_rmdir(meddler->store, ROOT_INO, SLICE_STRING("d"), &gone));
}

static void a_directory_is_not_removed_with_a_name_made_in_between_nor_a_name_made_in_a_removed_one(void **state)
{
    struct occ_fixture *fixture = *state;
    struct inode inode;
    struct meddler meddler = {fixture->store, made(fixture->store, ROOT_INO, "d", S_IFDIR).ino};
    fixture->recording.context = &meddler;
    fixture->recording.meddle = create_inside;
    assert_error(namespace_rmdir(fixture->store, ROOT_INO, SLICE_STRING("d"), &inode), ERR_NOTEMPTY);
    assert_success(namespace_unlink(fixture->store, meddler.directory, SLICE_STRING("late"), NULL, &inode));
    fixture->recording.meddle = remove_directory;
    assert_error(create(fixture->store, meddler.directory, "x", S_IFREG, &inode), ERR_NOENT);
}

/* ---- reaping ---- */

static void assert_nothing_is_left_of(struct store *store, const struct inode *file)
{
    struct inode inode;
    struct buffer names = {0};
    assert_error(inode_get(store, file->ino, &inode), ERR_NOENT);
    assert_success(xattr_list(store, file->ino, &names));
    assert_int_equal(names.size, 0);
    buffer_release(&names);
}

static void an_unlinked_file_is_reaped_with_its_attributes_and_its_versions_stay(void **state)
{
    struct store *store = store_of(state);
    struct inode file = file_put(store, "f", SLICE_STRING("content")), link = made(store, ROOT_INO, "l", S_IFLNK), gone;
    struct version version;
    struct buffer target = {0};
    assert_success(attributes_xattr_set(store, file.ino, SLICE_STRING("user.a"), SLICE_STRING("1"), 0, &file));
    assert_success(namespace_unlink(store, ROOT_INO, SLICE_STRING("f"), NULL, &gone));
    assert_success(namespace_unlink(store, ROOT_INO, SLICE_STRING("l"), NULL, &gone));
    assert_success(namespace_reap(store, file.ino));
    assert_success(namespace_reap(store, file.ino)); /* once more is no error */
    assert_success(namespace_reap(store, link.ino));
    assert_nothing_is_left_of(store, &file);
    assert_nothing_is_left_of(store, &link);
    assert_int_not_equal(symlink_get(store, link.ino, &target), 0);
    assert_success(version_get(store, file.head.lineage, file.head.ordinal, &version));
    assert_version(store, &version, SLICE_STRING("content"));
    buffer_release(&target);
}

static int count_unlinked(void *context, uint64_t ino)
{
    (void)ino;
    ++*(unsigned *)context;
    return 0;
}

static void what_was_open_in_a_crash_is_reaped_at_the_next_mount(void **state)
{
    struct occ_fixture *fixture = *state;
    struct inode files[100], kept = file_put(fixture->store, "kept", SLICE_STRING("x")), gone;
    unsigned count = 0;
    for (size_t i = 0; i < 100; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%zu", i);
        files[i] = made(fixture->store, ROOT_INO, name, i % 2 ? S_IFREG : S_IFDIR);
        if (i % 2) assert_success(namespace_unlink(fixture->store, ROOT_INO, SLICE_STRING(name), NULL, &gone));
        else assert_success(namespace_rmdir(fixture->store, ROOT_INO, SLICE_STRING(name), &gone));
    }
    occ_fixture_crash(fixture);
    assert_success(namespace_reap_all(fixture->store));
    for (size_t i = 0; i < 100; i++)
        assert_nothing_is_left_of(fixture->store, &files[i]);
    assert_success(unlinked_scan(fixture->store, count_unlinked, &count));
    assert_int_equal(count, 0);
    assert_int_equal(got(fixture->store, kept.ino).nlink, 1);
    assert_int_equal(got(fixture->store, ROOT_INO).nlink, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OCC_IN_MEMORY(a_new_file_of_each_type_is_found_and_counted),
        WITH_OCC_IN_MEMORY(a_set_gid_directory_hands_its_group_on),
        WITH_OCC_IN_MEMORY(what_cannot_be_created_is_refused),
        WITH_OCC_IN_MEMORY(the_target_of_a_symlink_has_a_size),
        WITH_OCC_IN_MEMORY(a_file_has_as_many_links_as_names),
        WITH_OCC_IN_MEMORY(what_cannot_be_linked_or_unlinked_is_refused),
        WITH_OCC_IN_MEMORY(a_directory_that_is_removed_is_counted_off),
        WITH_OCC_IN_MEMORY(a_directory_is_not_removed_with_a_name_made_in_between_nor_a_name_made_in_a_removed_one),
        WITH_OCC_IN_MEMORY(an_unlinked_file_is_reaped_with_its_attributes_and_its_versions_stay),
        WITH_OCC(what_was_open_in_a_crash_is_reaped_at_the_next_mount),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
