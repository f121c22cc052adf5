/* SPDX-License-Identifier: Apache-2.0 */
#include "inode.h"

#include <string.h>
#include <sys/stat.h>

#include "random_numbers.h"
#include "store_fixture.h"
#include "unit.h"

static void assert_same_time(struct timespec a, struct timespec b)
{
    assert_int_equal(a.tv_sec, b.tv_sec);
    assert_int_equal(a.tv_nsec, b.tv_nsec);
}

static void assert_same_inode(const struct inode *a, const struct inode *b)
{
    assert_int_equal(a->ino, b->ino);
    assert_int_equal(a->mode, b->mode);
    assert_int_equal(a->uid, b->uid);
    assert_int_equal(a->gid, b->gid);
    assert_int_equal(a->nlink, b->nlink);
    assert_int_equal(a->rdev, b->rdev);
    assert_same_time(a->atime, b->atime);
    assert_same_time(a->mtime, b->mtime);
    assert_same_time(a->ctime, b->ctime);
    assert_same_time(a->btime, b->btime);
    assert_int_equal(a->change, b->change);
    assert_int_equal(a->size, b->size);
    assert_int_equal(a->allocated, b->allocated);
    assert_int_equal(a->parent, b->parent);
    assert_true(version_id_equal(&a->head, &b->head));
    assert_int_equal(a->lineage, b->lineage);
    assert_true(version_id_equal(&a->forked_at, &b->forked_at));
    assert_true(version_id_equal(&a->continues, &b->continues));
    if (a->continues.lineage != 0) {
        assert_int_equal(a->continues_rights.mode, b->continues_rights.mode);
        assert_int_equal(a->continues_rights.uid, b->continues_rights.uid);
        assert_int_equal(a->continues_rights.gid, b->continues_rights.gid);
        assert_true(hash128_equal(&a->continues_rights.acl, &b->continues_rights.acl));
    }
    assert_true(version_id_equal(&a->carried, &b->carried));
    assert_int_equal(a->conflict_target, b->conflict_target);
}

static int decode(void *context, const struct record_key *key, struct slice value)
{
    (void)context;
    struct reader reader;
    struct inode inode;
    reader_init(&reader, record_key_slice(key));
    reader_u8(&reader);
    memset(&inode, ENCODING_UNTOUCHED, sizeof inode);
    int error = inode_decode(reader_u64(&reader), value, &inode);
    if (error) assert_untouched(&inode, sizeof inode);
    return error;
}

static void assert_round_trips(const struct inode *inode)
{
    struct buffer value = {0};
    struct inode got;
    inode_encode(inode, 1, &value);
    assert_success(buffer_failed(&value));
    assert_success(inode_decode(inode->ino, buffer_slice(&value), &got));
    assert_same_inode(&got, inode);
    buffer_release(&value);
}

static void assert_guarded(const struct inode *inode)
{
    struct buffer value = {0};
    struct record_key key;
    inode_key(inode->ino, &key);
    inode_encode(inode, 1, &value);
    assert_encoding_is_guarded(&key, buffer_slice(&value), decode, NULL);
    buffer_release(&value);
}

static struct inode extreme_file(void)
{
    const struct timespec last = {INT64_MAX, 999999999}, first = {INT64_MIN, 0};
    const struct version_id id = {UINT64_MAX, UINT64_MAX, UINT64_MAX};
    return (struct inode){.ino = UINT64_MAX,
                          .mode = S_IFREG | 07777,
                          .uid = UINT32_MAX,
                          .gid = UINT32_MAX,
                          .nlink = UINT32_MAX,
                          .rdev = UINT64_MAX,
                          .atime = last,
                          .mtime = first,
                          .ctime = last,
                          .btime = first,
                          .change = UINT64_MAX,
                          .size = INT64_MAX,
                          .allocated = UINT64_MAX,
                          .parent = UINT64_MAX,
                          .head = id,
                          .lineage = UINT64_MAX,
                          .forked_at = id,
                          .continues = id,
                          .continues_rights = {UINT32_MAX, UINT32_MAX, UINT32_MAX, {{0xff}}},
                          .carried = id,
                          .conflict_target = UINT64_MAX};
}

static void inodes_of_every_type_round_trip(void **state)
{
    (void)state;
    static const uint32_t types[] = {S_IFREG, S_IFDIR, S_IFLNK, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK};
    struct random_numbers numbers = {3};
    for (unsigned round = 0; round < 2000; round++) {
        struct inode inode = {.ino = random_field(&numbers)};
        inode.mode = types[round % (sizeof types / sizeof types[0])] | (random_next(&numbers) & 07777);
        inode.uid = (uint32_t)random_field(&numbers);
        inode.gid = (uint32_t)random_field(&numbers);
        inode.nlink = (uint32_t)random_field(&numbers);
        inode.rdev = random_field(&numbers);
        inode.mtime = (struct timespec){(time_t)random_field(&numbers), (long)(random_next(&numbers) % 1000000000)};
        inode.change = random_field(&numbers);
        inode.size = random_field(&numbers) & INT64_MAX;
        inode.allocated = random_field(&numbers);
        inode.parent = random_field(&numbers);
        if (S_ISREG(inode.mode)) {
            random_bytes(&numbers, &inode.head, sizeof inode.head);
            inode.lineage = random_field(&numbers);
            random_bytes(&numbers, &inode.forked_at, sizeof inode.forked_at);
            random_bytes(&numbers, &inode.continues, sizeof inode.continues);
            random_bytes(&numbers, &inode.continues_rights, sizeof inode.continues_rights);
            random_bytes(&numbers, &inode.carried, sizeof inode.carried);
            inode.conflict_target = random_field(&numbers);
        }
        assert_round_trips(&inode);
    }
}

static void the_extremes_of_an_inode_round_trip(void **state)
{
    (void)state;
    struct inode extreme = extreme_file(), least = {.mode = 0};
    assert_round_trips(&extreme);
    assert_round_trips(&least);
}

static void damage_to_an_inode_is_found(void **state)
{
    (void)state;
    struct inode file = extreme_file(), directory = {.ino = ROOT_INO, .mode = S_IFDIR | 0755};
    assert_guarded(&file);
    assert_guarded(&directory);
}

static void a_size_above_the_largest_offset_is_damage(void **state)
{
    (void)state;
    struct inode inode = extreme_file(), got;
    struct buffer value = {0};
    inode.size = (uint64_t)INT64_MAX + 1;
    inode_encode(&inode, 1, &value);
    assert_error(inode_decode(inode.ino, buffer_slice(&value), &got), ERR_DAMAGED);
    buffer_release(&value);
}

static void an_inode_that_is_not_there_is_no_entry(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct transaction tx;
    struct inode inode;
    assert_error(inode_get(store, 12345, &inode), ERR_NOENT);
    transaction_init(&tx, store);
    assert_error(inode_load(&tx, 12345, &inode), ERR_NOENT);
    transaction_release(&tx);
}

static void a_stored_inode_is_what_was_put(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct transaction tx;
    struct inode inode = extreme_file(), got;
    inode.change = 0;
    transaction_init(&tx, store);
    inode_put(&tx, &inode);
    assert_success(transaction_commit(&tx, false));
    assert_success(inode_get(store, inode.ino, &got));
    assert_same_inode(&got, &inode);
    transaction_restart(&tx);
    assert_success(inode_load(&tx, inode.ino, &got));
    assert_same_inode(&got, &inode);
    transaction_release(&tx);
}

static void version_ids_are_equal_only_in_all_fields(void **state)
{
    (void)state;
    const struct version_id id = {1, 2, 3}, others[] = {{0, 2, 3}, {1, 0, 3}, {1, 2, 0}};
    assert_true(version_id_equal(&id, &(struct version_id){1, 2, 3}));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(version_id_equal(&id, &others[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inodes_of_every_type_round_trip),
        cmocka_unit_test(the_extremes_of_an_inode_round_trip),
        cmocka_unit_test(damage_to_an_inode_is_found),
        cmocka_unit_test(a_size_above_the_largest_offset_is_damage),
        WITH_STORE(an_inode_that_is_not_there_is_no_entry),
        WITH_STORE(a_stored_inode_is_what_was_put),
        cmocka_unit_test(version_ids_are_equal_only_in_all_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
