/* SPDX-License-Identifier: Apache-2.0 */
#include "file_acl.h"

#include <string.h>
#include <sys/stat.h>

#include "acl_record.h"
#include "attributes.h"
#include "occ_fixture.h"

/* u::7 u:5:6 g::5 m::7 o::0, as the kernel writes it. */
static const uint8_t shared_bytes[] = {2, 0, 0,   0,   1,   0,   7,  0, 255, 255, 255, 255, 2,   0,  7,
                                       0, 5, 0,   0,   0,   4,   0,  5, 0,   255, 255, 255, 255, 16, 0,
                                       7, 0, 255, 255, 255, 255, 32, 0, 0,   0,   255, 255, 255, 255};
/* u::6 g::4 o::4 */
static const uint8_t small_bytes[] = {2, 0, 0,   0,   1,   0,   6,  0, 255, 255, 255, 255, 4,   0,
                                      4, 0, 255, 255, 255, 255, 32, 0, 4,   0,   255, 255, 255, 255};
static const struct slice shared = {shared_bytes, sizeof shared_bytes}, small = {small_bytes, sizeof small_bytes};

static struct store *store_of(void **state)
{
    return ((struct occ_fixture *)*state)->store;
}

static void set(struct store *store, uint64_t ino, const char *name, const struct slice *value)
{
    struct inode inode;
    assert_success(file_acl_set(store, ino, SLICE_STRING(name), value, true, &inode));
}

/* `expected` NULL: there is none. */
static void assert_list(struct store *store, uint64_t ino, const char *name, const struct slice *expected)
{
    struct buffer value = {0};
    int error = attributes_xattr_get(store, ino, SLICE_STRING(name), &value);
    assert_error(error, expected ? 0 : ERR_NODATA);
    if (expected) assert_true(slice_equal(buffer_slice(&value), *expected));
    buffer_release(&value);
}

/* Permissions of the list's class entries as in a mode, and those of its first user. */
struct permissions {
    uint32_t mode, user;
};

static struct permissions access_of(struct store *store, uint64_t ino)
{
    struct buffer value = {0};
    struct acl acl;
    assert_success(attributes_xattr_get(store, ino, SLICE_STRING(ACL_ACCESS_NAME), &value));
    assert_success(acl_parse(buffer_slice(&value), &acl));
    struct permissions permissions = {.mode = acl_permissions(&acl), .user = acl.entries[1].permissions};
    acl_release(&acl);
    buffer_release(&value);
    return permissions;
}

static struct inode make(struct store *store, uint64_t directory, const char *name, uint32_t mode, uint32_t umask)
{
    const struct new_inode new_inode = {.mode = mode, .umask = umask, .uid = UID, .gid = GID};
    struct writer writer = writer_of_pid(1);
    struct inode inode;
    assert_success(namespace_create(store, directory, SLICE_STRING(name), &new_inode, &writer, &inode, &(uint64_t){0}));
    return inode;
}

static void an_access_list_sets_the_mode_and_is_kept_if_it_says_more(void **state)
{
    struct store *store = store_of(state);
    struct inode inode = file_create(store, "f");
    set(store, inode.ino, ACL_ACCESS_NAME, &shared);
    assert_int_equal(file_find(store, "f").mode, S_IFREG | 0770);
    assert_list(store, inode.ino, ACL_ACCESS_NAME, &shared);
    set(store, inode.ino, ACL_ACCESS_NAME, &small);
    assert_int_equal(file_find(store, "f").mode, S_IFREG | 0644);
    assert_list(store, inode.ino, ACL_ACCESS_NAME, NULL);
}

static void removing_leaves_the_mode(void **state)
{
    struct store *store = store_of(state);
    struct inode inode = file_create(store, "f");
    set(store, inode.ino, ACL_ACCESS_NAME, &shared);
    set(store, inode.ino, ACL_ACCESS_NAME, NULL);
    assert_list(store, inode.ino, ACL_ACCESS_NAME, NULL);
    assert_int_equal(file_find(store, "f").mode, S_IFREG | 0770);
    set(store, inode.ino, ACL_ACCESS_NAME, NULL); /* again */
}

static void chmod_is_followed_by_the_access_list(void **state)
{
    struct store *store = store_of(state);
    struct inode inode = file_create(store, "f");
    set(store, inode.ino, ACL_ACCESS_NAME, &shared);
    const struct attribute_changes changes = {.set_mode = true, .mode = 0641};
    assert_success(attributes_change(store, inode.ino, &changes, &inode));
    struct permissions access = access_of(store, inode.ino);
    assert_int_equal(access.mode, 0641);
    assert_int_equal(access.user, 7); /* the user's entry stays, the mask limits it */
}

static void the_set_group_id_bit_goes_where_it_must(void **state)
{
    struct store *store = store_of(state);
    struct inode inode = file_create(store, "f");
    const struct attribute_changes changes = {.set_mode = true, .mode = 02755};
    assert_success(attributes_change(store, inode.ino, &changes, &inode));
    assert_success(file_acl_set(store, inode.ino, SLICE_STRING(ACL_ACCESS_NAME), NULL, false, &inode));
    assert_int_equal(inode.mode & 07777, 02755);
    assert_success(file_acl_set(store, inode.ino, SLICE_STRING(ACL_ACCESS_NAME), &shared, true, &inode));
    assert_int_equal(inode.mode & 07777, 02770);
    assert_success(file_acl_set(store, inode.ino, SLICE_STRING(ACL_ACCESS_NAME), &shared, false, &inode));
    assert_int_equal(inode.mode & 07777, 0770);
}

static void default_lists_are_for_directories(void **state)
{
    struct store *store = store_of(state);
    struct inode inode = file_create(store, "f");
    assert_error(file_acl_set(store, inode.ino, SLICE_STRING(ACL_DEFAULT_NAME), &shared, true, &inode), ERR_ACCES);
    struct inode directory = make(store, ROOT_INO, "d", S_IFDIR | 0755, 0);
    set(store, directory.ino, ACL_DEFAULT_NAME, &small); /* kept, although it is minimal */
    assert_list(store, directory.ino, ACL_DEFAULT_NAME, &small);
    assert_success(inode_get(store, directory.ino, &directory));
    assert_int_equal(directory.mode, S_IFDIR | 0755);
}

static void new_files_inherit(void **state)
{
    struct store *store = store_of(state);
    struct inode parent = make(store, ROOT_INO, "d", S_IFDIR | 0755, 0);
    set(store, parent.ino, ACL_DEFAULT_NAME, &shared);
    struct inode file = make(store, parent.ino, "f", S_IFREG | 0664, 077);
    assert_int_equal(file.mode, S_IFREG | 0660); /* the umask counts for nothing */
    assert_list(store, file.ino, ACL_DEFAULT_NAME, NULL);
    assert_int_equal(access_of(store, file.ino).mode, 0660);

    struct inode directory = make(store, parent.ino, "e", S_IFDIR | 0755, 077);
    assert_list(store, directory.ino, ACL_DEFAULT_NAME, &shared);
    assert_int_equal(access_of(store, directory.ino).mode, 0750);
}

static void without_a_default_list_the_umask_counts(void **state)
{
    struct store *store = store_of(state);
    struct inode inode = make(store, ROOT_INO, "f", S_IFREG | 04777, 027);
    assert_int_equal(inode.mode, S_IFREG | 04750);
    assert_list(store, inode.ino, ACL_ACCESS_NAME, NULL);
}

static void a_default_list_that_is_minimal_leaves_a_mode_and_no_list(void **state)
{
    struct store *store = store_of(state);
    struct inode parent = make(store, ROOT_INO, "d", S_IFDIR | 0755, 0);
    set(store, parent.ino, ACL_DEFAULT_NAME, &small);
    struct inode inode = make(store, parent.ino, "f", S_IFREG | 0777, 077);
    assert_int_equal(inode.mode, S_IFREG | 0644);
    assert_list(store, inode.ino, ACL_ACCESS_NAME, NULL);
}

static void the_sibling_of_a_conflict_has_the_files_list(void **state)
{
    struct store *store = store_of(state);
    struct inode target = file_put(store, "f", SLICE_STRING("base"));
    struct inode root;
    set(store, target.ino, ACL_ACCESS_NAME, &shared);
    /* The directory's default list is for what users create. */
    assert_success(file_acl_set(store, ROOT_INO, SLICE_STRING(ACL_DEFAULT_NAME), &small, true, &root));
    struct opened writer;
    opened_init(&writer, store, "f", 7);
    file_put(store, "f", SLICE_STRING("theirs"));
    opened_write(&writer, 0, SLICE_STRING("mine"));
    assert_commit(&writer, COMMIT_CONFLICT);
    struct inode sibling = file_find(store, "f.conflict");
    assert_int_equal(sibling.mode, S_IFREG | 0770);
    assert_list(store, sibling.ino, ACL_ACCESS_NAME, &shared);
    opened_release(&writer);
}

static void lists_go_with_their_file(void **state)
{
    struct store *store = store_of(state);
    struct inode inode = file_create(store, "f");
    set(store, inode.ino, ACL_ACCESS_NAME, &shared);
    assert_success(namespace_unlink(store, ROOT_INO, SLICE_STRING("f"), NULL, &inode));
    assert_success(namespace_reap(store, inode.ino));
    assert_list(store, inode.ino, ACL_ACCESS_NAME, NULL);
}

/* `expected` NULL: the version was committed without a list. */
static void assert_version_list(struct store *store, const struct version *version, const struct slice *expected)
{
    struct buffer value = {0};
    assert_int_equal(!hash128_is_zero(&version->acl), expected != NULL);
    if (!expected) return;
    assert_success(acl_record_get(store, &version->acl, &value));
    assert_true(slice_equal(buffer_slice(&value), *expected));
    buffer_release(&value);
}

static void versions_keep_the_list_of_their_time(void **state)
{
    struct store *store = store_of(state);
    const struct writer writer = writer_of_pid(1);
    struct rename_result result;
    struct inode inode = file_put(store, "f", SLICE_STRING("without"));
    struct version without = file_head(store, "f");
    set(store, inode.ino, ACL_ACCESS_NAME, &shared);
    file_put(store, "f", SLICE_STRING("with"));
    struct version with = file_head(store, "f");
    set(store, inode.ino, ACL_ACCESS_NAME, NULL);
    assert_version_list(store, &without, NULL);
    assert_version_list(store, &with, &shared);

    inode = file_put(store, "g", SLICE_STRING("moved over it"));
    set(store, inode.ino, ACL_ACCESS_NAME, &shared);
    assert_success(rename_in(store, ROOT_INO, SLICE_STRING("g"), ROOT_INO, SLICE_STRING("f"), false, &writer, &result));
    struct version replaced = file_head(store, "f");
    assert_int_equal(replaced.operation, VERSION_RENAME);
    assert_version_list(store, &replaced, &shared);
}

static void a_version_0_has_the_list_that_its_file_inherited(void **state)
{
    struct store *store = store_of(state);
    struct inode parent;
    assert_success(file_acl_set(store, ROOT_INO, SLICE_STRING(ACL_DEFAULT_NAME), &shared, true, &parent));
    struct inode inode = make(store, ROOT_INO, "f", S_IFREG | 0664, 077);
    struct version version = file_head(store, "f");
    struct buffer list = {0};
    assert_success(attributes_xattr_get(store, inode.ino, SLICE_STRING(ACL_ACCESS_NAME), &list));
    assert_version_list(store, &version, &(struct slice){list.data, list.size});
    buffer_release(&list);
}

/* A file with a list, removed, and created anew by a writer who then has to give it back. */
static void begin_anew(struct store *store, struct opened *opened)
{
    struct inode inode = file_put(store, "f", SLICE_STRING("old"));
    set(store, inode.ino, ACL_ACCESS_NAME, &shared);
    file_put(store, "f", SLICE_STRING("newer"));
    assert_success(namespace_unlink(store, ROOT_INO, SLICE_STRING("f"), NULL, &inode));
    inode = file_create(store, "f");
    assert_list(store, inode.ino, ACL_ACCESS_NAME, NULL);
    opened_init(opened, store, "f", 7);
    opened_write(opened, 0, SLICE_STRING("mine"));
}

static void what_a_killed_writer_had_created_anew_gets_its_list_back(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    struct commit_result result;
    begin_anew(store, &opened);
    assert_success(commit_abandon(&opened.draft, &opened.request, &result));
    struct inode inode = file_find(store, "f");
    assert_int_equal(inode.mode, S_IFREG | 0770);
    assert_list(store, inode.ino, ACL_ACCESS_NAME, &shared);
    /* What he wrote was written under what he had created. */
    assert_int_equal(result.version.mode, S_IFREG | MODE);
    assert_version_list(store, &result.version, NULL);
    opened_release(&opened);
}

static void what_conflicts_with_what_its_name_had_gives_the_list_back(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    begin_anew(store, &opened);
    opened.request.base.descriptor_token = (struct version_id){1, 1, 1};
    struct commit_result result = assert_commit(&opened, COMMIT_CONFLICT);
    assert_list(store, file_find(store, "f").ino, ACL_ACCESS_NAME, &shared);
    struct inode sibling = file_find(store, "f.conflict");
    assert_list(store, sibling.ino, ACL_ACCESS_NAME, &shared);
    assert_version_list(store, &result.version, &shared);
    opened_release(&opened);
}

static void what_is_given_back_has_the_list_that_it_had_last_and_so_has_the_sibling(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    struct inode inode = file_put(store, "f", SLICE_STRING("old"));
    set(store, inode.ino, ACL_ACCESS_NAME, &shared);
    file_put(store, "f", SLICE_STRING("shared"));
    set(store, inode.ino, ACL_ACCESS_NAME, &small); /* no list since */
    assert_success(namespace_unlink(store, ROOT_INO, SLICE_STRING("f"), NULL, &inode));
    file_create(store, "f");
    opened_init(&opened, store, "f", 7);
    opened_write(&opened, 0, SLICE_STRING("mine"));
    opened.request.base.descriptor_token = (struct version_id){1, 1, 1};
    struct commit_result result = assert_commit(&opened, COMMIT_CONFLICT);
    assert_list(store, file_find(store, "f").ino, ACL_ACCESS_NAME, NULL);
    struct inode sibling = file_find(store, "f.conflict");
    assert_int_equal(sibling.mode, S_IFREG | 0644);
    assert_list(store, sibling.ino, ACL_ACCESS_NAME, NULL);
    assert_version_list(store, &result.version, NULL);
    opened_release(&opened);
}

static void claim_first(void *context, const struct inode *target, struct claim_facts *facts)
{
    (void)target;
    facts->base.armed = *(const struct version_id *)context;
}

static void the_sibling_of_what_was_not_moved_to_a_removed_name_has_the_list_of_what_had_it(void **state)
{
    struct store *store = store_of(state);
    const struct writer writer = writer_of_pid(7);
    struct rename_result result;
    struct inode inode = file_put(store, "f", SLICE_STRING("loaded"));
    struct version_id loaded = inode.head;
    const struct claim claim = {.ask = claim_first, .context = &loaded};
    file_put(store, "f", SLICE_STRING("theirs"));
    set(store, inode.ino, ACL_ACCESS_NAME, &shared);
    assert_success(namespace_unlink(store, ROOT_INO, SLICE_STRING("f"), NULL, &inode));
    file_put(store, "mine", SLICE_STRING("mine"));
    const struct rename_request request = {.from_directory = ROOT_INO,
                                           .to_directory = ROOT_INO,
                                           .from_name = SLICE_STRING("mine"),
                                           .to_name = SLICE_STRING("f"),
                                           .writer = &writer,
                                           .claim = &claim};
    assert_success(namespace_rename(store, &request, &result));
    assert_true(result.refused);
    struct inode sibling = file_find(store, result.conflict.sibling_name);
    assert_int_equal(sibling.mode, S_IFREG | 0770);
    assert_list(store, sibling.ino, ACL_ACCESS_NAME, &shared);
    assert_true(sibling.acl & INODE_ACL_ACCESS);
    struct version version = file_head(store, result.conflict.sibling_name);
    assert_version_list(store, &version, &shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OCC_IN_MEMORY(an_access_list_sets_the_mode_and_is_kept_if_it_says_more),
        WITH_OCC_IN_MEMORY(removing_leaves_the_mode),
        WITH_OCC_IN_MEMORY(chmod_is_followed_by_the_access_list),
        WITH_OCC_IN_MEMORY(the_set_group_id_bit_goes_where_it_must),
        WITH_OCC_IN_MEMORY(default_lists_are_for_directories),
        WITH_OCC_IN_MEMORY(new_files_inherit),
        WITH_OCC_IN_MEMORY(without_a_default_list_the_umask_counts),
        WITH_OCC_IN_MEMORY(a_default_list_that_is_minimal_leaves_a_mode_and_no_list),
        WITH_OCC_IN_MEMORY(the_sibling_of_a_conflict_has_the_files_list),
        WITH_OCC_IN_MEMORY(lists_go_with_their_file),
        WITH_OCC_IN_MEMORY(versions_keep_the_list_of_their_time),
        WITH_OCC_IN_MEMORY(a_version_0_has_the_list_that_its_file_inherited),
        WITH_OCC_IN_MEMORY(what_a_killed_writer_had_created_anew_gets_its_list_back),
        WITH_OCC_IN_MEMORY(what_conflicts_with_what_its_name_had_gives_the_list_back),
        WITH_OCC_IN_MEMORY(what_is_given_back_has_the_list_that_it_had_last_and_so_has_the_sibling),
        WITH_OCC_IN_MEMORY(the_sibling_of_what_was_not_moved_to_a_removed_name_has_the_list_of_what_had_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
