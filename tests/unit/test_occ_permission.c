/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/stat.h>

#include "file_acl.h"
#include "occ_fixture.h"
#include "permission.h"

/* Each row: what the three kinds of users may do with a file of 1001:100, and another one in a sticky directory. */
static const struct row {
    uint32_t mode, uid, gid, group; /* the user's: `group` is a supplementary one */
    bool overrides;
    unsigned wanted;
    int error;
} rows[] = {
    {0700, UID, 5, 0, false, 7, 0},
    {0477, UID, GID, GID, false, 2, ERR_ACCES}, /* the owner's bits alone count for the owner */
    {0070, 5, GID, 0, false, 7, 0},
    {0070, 5, 6, GID, false, 3, 0},
    {0707, 5, 6, GID, false, 1, ERR_ACCES}, /* and the group's for the group */
    {0775, 5, 6, 7, false, 5, 0},
    {0775, 5, 6, 7, false, 2, ERR_ACCES},
    {0000, 5, 6, 7, true, 7, 0},
};

static struct credentials credentials_of(const struct row *row)
{
    return (struct credentials){
        .uid = row->uid, .gid = row->gid, .groups = {row->group}, .group_count = 1, .overrides = row->overrides};
}

static void the_mode_grants_to_the_owner_the_group_and_others(void **state)
{
    struct store *store = ((struct occ_fixture *)*state)->store;
    struct transaction tx;
    transaction_init(&tx, store);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct inode inode = {.mode = S_IFDIR | rows[i].mode, .uid = UID, .gid = GID};
        const struct credentials who = credentials_of(&rows[i]);
        assert_int_equal(permission_check(&tx, &who, &inode, rows[i].wanted), rows[i].error);
    }
    transaction_release(&tx);
}

/* user::--- user:2000:rwx user:2001:r-- group::r-- group:200:-w- group:201:rw- mask::rw- other::--x */
static const struct acl_entry entries[] = {
    {ACL_USER_OBJ, 0, 0}, {ACL_USER, 7, 2000}, {ACL_USER, 4, 2001}, {ACL_GROUP_OBJ, 4, 0},
    {ACL_GROUP, 2, 200},  {ACL_GROUP, 6, 201}, {ACL_MASK, 6, 0},    {ACL_OTHER, 1, 0},
};
static const struct list_row {
    uint32_t uid, gid, group;
    unsigned wanted;
    int error;
} list_rows[] = {
    {UID, 201, 201, 4, ERR_ACCES},  {2000, 5, 5, 6, 0},  {2000, 5, 5, 1, ERR_ACCES}, /* the mask */
    {2001, 201, 201, 2, ERR_ACCES}, {5, GID, 5, 4, 0},   {5, GID, 200, 2, 0},
    {5, GID, 200, 6, ERR_ACCES},    {5, GID, 201, 6, 0}, {5, 200, 6, 4, ERR_ACCES},
    {5, 200, 6, 1, ERR_ACCES},      {5, 6, 6, 1, 0},     {5, 6, 6, 4, ERR_ACCES},
};

static void a_list_grants_to_users_and_groups_by_name(void **state)
{
    struct store *store = ((struct occ_fixture *)*state)->store;
    struct acl acl = {.entries = (struct acl_entry *)entries, .count = sizeof entries / sizeof entries[0]};
    struct buffer value = {0};
    struct transaction tx;
    struct inode inode = file_create(store, "f");
    acl_encode(&acl, &value);
    assert_success(
        file_acl_set(store, inode.ino, SLICE_STRING(ACL_ACCESS_NAME), &SLICE(value.data, value.size), true, &inode));
    transaction_init(&tx, store);
    for (size_t i = 0; i < sizeof list_rows / sizeof list_rows[0]; i++) {
        const struct list_row *row = &list_rows[i];
        const struct credentials who = {.uid = row->uid, .gid = row->gid, .groups = {row->group}, .group_count = 1};
        assert_int_equal(permission_check(&tx, &who, &inode, row->wanted), row->error);
    }
    transaction_release(&tx);
    buffer_release(&value);
}

static void from_a_sticky_directory_only_owners_remove(void **state)
{
    struct store *store = ((struct occ_fixture *)*state)->store;
    const struct inode open = {.mode = S_IFDIR | 0777, .uid = 1}, sticky = {.mode = S_IFDIR | 01777, .uid = 1};
    const struct inode closed = {.mode = S_IFDIR | 0555, .uid = 1}, file = {.mode = S_IFREG, .uid = 2};
    const struct credentials owner = {.uid = 2}, of_directory = {.uid = 1}, other = {.uid = 3},
                             fowner = {.uid = 3, .owns_all = true};
    struct transaction tx;
    transaction_init(&tx, store);
    assert_success(permission_to_unlink(&tx, &other, &open, &file));
    assert_error(permission_to_unlink(&tx, &other, &sticky, &file), ERR_PERM);
    assert_success(permission_to_unlink(&tx, &owner, &sticky, &file));
    assert_success(permission_to_unlink(&tx, &of_directory, &sticky, &file));
    assert_success(permission_to_unlink(&tx, &fowner, &sticky, &file));
    assert_error(permission_to_unlink(&tx, &owner, &closed, &file), ERR_ACCES);
    transaction_release(&tx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OCC_IN_MEMORY(the_mode_grants_to_the_owner_the_group_and_others),
        WITH_OCC_IN_MEMORY(a_list_grants_to_users_and_groups_by_name),
        WITH_OCC_IN_MEMORY(from_a_sticky_directory_only_owners_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
