/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "occ_fixture.h"

static struct store *store_of(void **state)
{
    return ((struct occ_fixture *)*state)->store;
}

static uint64_t made(struct store *store, uint64_t directory, const char *name, uint32_t type)
{
    const struct new_inode new_inode = {.mode = type | 0755};
    const struct writer writer = writer_of_pid(1);
    struct inode inode;
    assert_success(namespace_create(store, directory, SLICE_STRING(name), &new_inode, &writer, &inode, &(uint64_t){0}));
    return inode.ino;
}

static struct inode got(struct store *store, uint64_t ino)
{
    struct inode inode;
    assert_success(inode_get(store, ino, &inode));
    return inode;
}

/* That its head is still what it was in `before`, or the other file's. */
static void assert_head(struct store *store, uint64_t ino, const struct inode *before)
{
    struct inode inode = got(store, ino);
    assert_true(version_id_equal(&inode.head, &before->head));
}

static int move(struct store *store, uint64_t from, const char *name, uint64_t to, const char *new_name,
                struct rename_result *ret_result)
{
    const struct writer writer = writer_of_pid(1);
    return rename_in(store, from, SLICE_STRING(name), to, SLICE_STRING(new_name), false, &writer, ret_result);
}

static void removed_in(struct store *store, const char *name)
{
    struct inode inode;
    assert_success(namespace_unlink(store, ROOT_INO, SLICE_STRING(name), NULL, &inode));
}

static int exchange(struct store *store, uint64_t a, const char *name_a, uint64_t b, const char *name_b)
{
    return namespace_exchange(store, a, SLICE_STRING(name_a), b, SLICE_STRING(name_b));
}

static uint64_t found(struct store *store, uint64_t directory, const char *name)
{
    struct dirent_record dirent;
    int error = namespace_lookup(store, directory, SLICE_STRING(name), &dirent);
    if (error == ERR_NOENT) return 0;
    assert_success(error);
    assert_int_equal(got(store, dirent.ino).mode & S_IFMT, dirent.type);
    return dirent.ino;
}

/* ---- a name that is free ---- */

static void a_file_takes_a_free_name_and_keeps_its_version(void **state)
{
    struct store *store = store_of(state);
    struct rename_result result;
    struct inode file = file_put(store, "f", SLICE_STRING("content"));
    uint64_t directory = made(store, ROOT_INO, "d", S_IFDIR);
    assert_success(move(store, ROOT_INO, "f", directory, "g", &result));
    assert_false(result.replaced || result.same);
    assert_int_equal(found(store, ROOT_INO, "f"), 0);
    assert_int_equal(found(store, directory, "g"), file.ino);
    assert_head(store, file.ino, &file);
    assert_int_equal(got(store, file.ino).mtime.tv_nsec, file.mtime.tv_nsec);
    assert_int_not_equal(got(store, file.ino).ctime.tv_nsec, file.ctime.tv_nsec);
    assert_error(move(store, ROOT_INO, "f", ROOT_INO, "x", &result), ERR_NOENT);
}

static void a_directory_that_moves_is_counted_where_it_is(void **state)
{
    struct store *store = store_of(state);
    struct rename_result result;
    uint64_t a = made(store, ROOT_INO, "a", S_IFDIR), b = made(store, ROOT_INO, "b", S_IFDIR);
    uint64_t inside = made(store, a, "inside", S_IFDIR);
    assert_success(move(store, a, "inside", b, "moved", &result));
    assert_int_equal(got(store, a).nlink, 2);
    assert_int_equal(got(store, b).nlink, 3);
    assert_int_equal(got(store, inside).parent, b);
    assert_success(move(store, b, "moved", b, "again", &result));
    assert_int_equal(got(store, b).nlink, 3);
}

static void a_directory_does_not_go_into_itself(void **state)
{
    struct store *store = store_of(state);
    struct rename_result result;
    uint64_t a = made(store, ROOT_INO, "a", S_IFDIR), b = made(store, a, "b", S_IFDIR),
             c = made(store, b, "c", S_IFDIR);
    assert_error(move(store, ROOT_INO, "a", a, "x", &result), ERR_INVAL);
    assert_error(move(store, ROOT_INO, "a", c, "x", &result), ERR_INVAL);
    assert_error(move(store, a, "b", c, "x", &result), ERR_INVAL);
    assert_success(move(store, b, "c", ROOT_INO, "c", &result));
    assert_success(move(store, ROOT_INO, "a", c, "a", &result));
    assert_error(move(store, ROOT_INO, "c", b, "x", &result), ERR_INVAL);
}

struct meddler {
    struct store *store;
    uint64_t directory;
};

static void move_b_into_a(void *context)
{
    const struct meddler *meddler = context;
    struct rename_result result;
    assert_success(move(meddler->store, ROOT_INO, "b", meddler->directory, "b", &result));
}

static void two_moves_at_once_make_no_loop(void **state)
{
    struct occ_fixture *fixture = *state;
    struct rename_result result;
    uint64_t a = made(fixture->store, ROOT_INO, "a", S_IFDIR), b = made(fixture->store, ROOT_INO, "b", S_IFDIR);
    struct meddler meddler = {fixture->store, a};
    fixture->recording.context = &meddler;
    fixture->recording.meddle = move_b_into_a;
    assert_error(move(fixture->store, ROOT_INO, "a", b, "a", &result), ERR_INVAL);
    assert_int_equal(got(fixture->store, b).parent, a);
    assert_int_equal(got(fixture->store, a).parent, ROOT_INO);
}

static void a_directory_with_all_links_takes_no_more_directories(void **state)
{
    struct store *store = store_of(state);
    struct rename_result result;
    struct transaction tx;
    uint64_t full = made(store, ROOT_INO, "full", S_IFDIR);
    made(store, ROOT_INO, "d", S_IFDIR);
    made(store, ROOT_INO, "f", S_IFREG);
    made(store, full, "file", S_IFREG);
    made(store, full, "directory", S_IFDIR);
    struct inode inode = got(store, full);
    inode.nlink = LINKS_MAX;
    transaction_init(&tx, store);
    inode_put(&tx, &inode);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
    assert_error(move(store, ROOT_INO, "d", full, "d", &result), ERR_MLINK);
    assert_error(exchange(store, ROOT_INO, "d", full, "file"), ERR_MLINK);
    assert_error(exchange(store, full, "file", ROOT_INO, "d"), ERR_MLINK);
    assert_success(exchange(store, ROOT_INO, "d", full, "directory"));
    assert_success(move(store, ROOT_INO, "d", full, "directory", &result)); /* in the place of another */
    assert_success(move(store, ROOT_INO, "f", full, "f", &result));
    assert_int_equal(got(store, full).nlink, LINKS_MAX);
}

/* ---- over something ---- */

static void a_file_over_a_file_continues_the_history_of_the_name(void **state)
{
    struct store *store = store_of(state);
    struct rename_result result;
    struct inode old = file_put(store, "f", SLICE_STRING("old")), new = file_put(store, "f.tmp", SLICE_STRING("new"));
    assert_success(move(store, ROOT_INO, "f.tmp", ROOT_INO, "f", &result));
    assert_true(result.replaced);
    assert_int_equal(result.gone.ino, old.ino);
    assert_int_equal(result.gone.nlink, 0);
    assert_true(version_id_equal(&result.moved_before, &new.head));
    struct version head = file_head(store, "f");
    assert_int_equal(found(store, ROOT_INO, "f"), new.ino);
    assert_int_equal(head.id.lineage, old.head.lineage);
    assert_int_equal(head.id.ordinal, old.head.ordinal + 1);
    assert_int_equal(head.operation, VERSION_RENAME);
    assert_int_equal(head.parent_count, 2);
    assert_true(version_id_equal(&head.parents[0], &old.head));
    assert_true(version_id_equal(&head.parents[1], &new.head));
    assert_file(store, "f", SLICE_STRING("new"));
    assert_false(file_exists(store, "f.tmp"));
}

static void put_with_message(struct store *store, const char *name, struct slice bytes, const char *message)
{
    struct opened opened;
    file_create(store, name);
    opened_init(&opened, store, name, 1);
    opened.request.message = message;
    opened_write(&opened, 0, bytes);
    assert_commit(&opened, COMMIT_DONE);
    opened_release(&opened);
}

static void the_message_of_what_is_moved_over_a_file_goes_along(void **state)
{
    struct store *store = store_of(state);
    struct rename_result result;
    file_put(store, "f", SLICE_STRING("old"));
    put_with_message(store, "tmp", SLICE_STRING("new"), "what is new");
    assert_success(move(store, ROOT_INO, "tmp", ROOT_INO, "f", &result));
    struct version head = file_head(store, "f");
    assert_int_equal(head.operation, VERSION_RENAME);
    assert_message(store, &head, "what is new");
    file_put(store, "tmp", SLICE_STRING("newer"));
    assert_success(move(store, ROOT_INO, "tmp", ROOT_INO, "f", &result));
    head = file_head(store, "f");
    assert_message(store, &head, NULL);
}

static void the_same_content_over_a_file_makes_no_version(void **state)
{
    struct store *store = store_of(state);
    struct rename_result result;
    struct inode old = file_put(store, "f", SLICE_STRING("same")), new = file_put(store, "g", SLICE_STRING("same"));
    assert_success(move(store, ROOT_INO, "g", ROOT_INO, "f", &result));
    assert_head(store, file_find(store, "f").ino, &old);
    assert_int_equal(file_find(store, "f").ino, new.ino);
    assert_file(store, "f", SLICE_STRING("same"));
}

static void a_replaced_file_with_other_names_forks(void **state)
{
    struct store *store = store_of(state);
    struct rename_result result;
    struct inode old = file_put(store, "f", SLICE_STRING("old")), new = file_put(store, "g", SLICE_STRING("new"));
    assert_success(namespace_link(store, old.ino, ROOT_INO, SLICE_STRING("other"), &old));
    assert_success(move(store, ROOT_INO, "g", ROOT_INO, "f", &result));
    struct version head = file_head(store, "f");
    assert_int_equal(result.gone.nlink, 1);
    assert_int_equal(head.id.lineage, old.lineage);
    assert_true(version_id_equal(&head.parents[0], &old.head));
    assert_true(version_id_equal(&head.parents[1], &new.head));
    assert_file(store, "other", SLICE_STRING("old"));
    assert_head(store, old.ino, &old);
    struct inode other = got(store, old.ino);
    assert_int_not_equal(other.lineage, old.lineage);
    assert_true(version_id_equal(&other.forked_at, &old.head));
    assert_file(store, "f", SLICE_STRING("new"));
}

/* ---- what the caller claims to have read ---- */

static void claims(void *context, const struct inode *target, struct claim_facts *facts)
{
    (void)target;
    facts->base.armed = *(const struct version_id *)context;
}

static int claim_and_move(struct store *store, const char *from, const char *to, const struct version_id *base,
                          struct rename_result *ret_result)
{
    const struct writer writer = writer_of_pid(7);
    const struct claim claim = {.ask = claims, .context = (void *)base};
    const struct rename_request request = {.from_directory = ROOT_INO,
                                           .to_directory = ROOT_INO,
                                           .from_name = SLICE_STRING(from),
                                           .to_name = SLICE_STRING(to),
                                           .writer = &writer,
                                           .claim = &claim};
    return namespace_rename(store, &request, ret_result);
}

static void assert_refused(struct store *store, const char *from, const struct version_id *base, struct slice bytes)
{
    struct rename_result result;
    assert_success(claim_and_move(store, from, "f", base, &result));
    assert_true(result.refused);
    assert_int_equal(result.conflict.outcome, COMMIT_CONFLICT);
    assert_file(store, from, bytes);
    assert_file(store, result.conflict.sibling_name, bytes);
    struct version sibling = file_head(store, result.conflict.sibling_name);
    assert_int_equal(sibling.operation, VERSION_CONFLICT);
    assert_true(version_id_equal(&sibling.parents[0], base));
}

static void who_has_read_an_older_version_moves_nothing(void **state)
{
    struct store *store = store_of(state);
    struct inode old = file_put(store, "f", SLICE_STRING("loaded"));
    uint8_t *large = bytes_of_seed(3, 300000);
    file_put(store, "f", SLICE_STRING("theirs"));
    file_put(store, "small", SLICE_STRING("mine"));
    file_put(store, "large", SLICE(large, 300000));
    assert_refused(store, "small", &old.head, SLICE_STRING("mine"));
    assert_refused(store, "small", &old.head, SLICE_STRING("mine")); /* kept once */
    assert_false(file_exists(store, "f.2.conflict"));
    assert_file(store, "f", SLICE_STRING("theirs"));
    removed_in(store, "f.conflict");
    assert_refused(store, "large", &old.head, SLICE(large, 300000));
    free(large);
}

static void the_message_of_what_was_not_moved_is_in_the_sibling(void **state)
{
    struct store *store = store_of(state);
    struct rename_result result;
    struct inode old = file_put(store, "f", SLICE_STRING("loaded"));
    file_put(store, "f", SLICE_STRING("theirs"));
    put_with_message(store, "mine", SLICE_STRING("mine"), "says mine");
    assert_success(claim_and_move(store, "mine", "f", &old.head, &result));
    assert_true(result.refused);
    struct version sibling = file_head(store, "f.conflict");
    assert_message(store, &sibling, "says mine");
}

static void who_has_read_an_older_version_of_what_was_removed_moves_nothing(void **state)
{
    struct store *store = store_of(state);
    struct inode old = file_put(store, "f", SLICE_STRING("loaded"));
    struct rename_result result;
    struct inode newest = file_put(store, "f", SLICE_STRING("theirs"));
    removed_in(store, "f");
    file_put(store, "mine", SLICE_STRING("mine"));
    assert_refused(store, "mine", &old.head, SLICE_STRING("mine"));
    assert_false(file_exists(store, "f"));
    assert_success(claim_and_move(store, "mine", "f", &newest.head, &result));
    assert_false(result.refused);
    assert_file(store, "f", SLICE_STRING("mine"));
    struct version head = file_head(store, "f");
    assert_true(version_id_equal(&head.parents[0], &newest.head));
}

static void the_same_content_moves_whatever_was_read(void **state)
{
    struct store *store = store_of(state);
    struct rename_result result;
    struct inode old = file_put(store, "f", SLICE_STRING("loaded"));
    struct inode newest = file_put(store, "f", SLICE_STRING("same"));
    file_put(store, "g", SLICE_STRING("same"));
    assert_success(claim_and_move(store, "g", "f", &old.head, &result));
    assert_false(result.refused);
    assert_head(store, file_find(store, "f").ino, &newest);
}

static void a_carried_token_is_the_base_if_it_is_the_names(void **state)
{
    struct store *store = store_of(state);
    const struct version_id nothing = {0};
    struct rename_result result;
    struct inode old = file_put(store, "f", SLICE_STRING("loaded")), other = file_put(store, "g", SLICE_STRING("g"));
    file_put(store, "f", SLICE_STRING("theirs"));
    for (unsigned i = 0; i < 2; i++) {
        struct inode carrier = file_put(store, "t", i ? SLICE_STRING("mine") : SLICE_STRING("other"));
        struct transaction tx;
        carrier.carried = i ? other.head : old.head;
        transaction_init(&tx, store);
        inode_put(&tx, &carrier);
        assert_success(transaction_commit(&tx, false));
        transaction_release(&tx);
        assert_success(claim_and_move(store, "t", "f", &nothing, &result));
        assert_int_equal(result.refused, i == 0);
    }
    assert_int_equal(file_find(store, "f").carried.lineage, 0);
}

static void what_may_not_be_replaced_stays(void **state)
{
    struct store *store = store_of(state);
    const struct writer writer = writer_of_pid(1);
    struct rename_result result;
    uint64_t file = made(store, ROOT_INO, "f", S_IFREG), directory = made(store, ROOT_INO, "d", S_IFDIR);
    uint64_t empty = made(store, ROOT_INO, "empty", S_IFDIR);
    uint64_t inside = made(store, directory, "inside", S_IFDIR);
    assert_error(move(store, ROOT_INO, "f", ROOT_INO, "d", &result), ERR_ISDIR);
    assert_error(move(store, ROOT_INO, "d", ROOT_INO, "f", &result), ERR_NOTDIR);
    assert_error(move(store, ROOT_INO, "empty", ROOT_INO, "d", &result), ERR_NOTEMPTY);
    assert_error(move(store, directory, "inside", ROOT_INO, "d", &result), ERR_NOTEMPTY);
    assert_error(rename_in(store, ROOT_INO, SLICE_STRING("d"), ROOT_INO, SLICE_STRING("empty"), true, &writer, &result),
                 ERR_EXIST);
    assert_error(rename_in(store, ROOT_INO, SLICE_STRING("f"), ROOT_INO, SLICE_STRING("f"), true, &writer, &result),
                 ERR_EXIST);
    assert_int_equal(found(store, ROOT_INO, "f"), file);
    assert_success(move(store, directory, "inside", ROOT_INO, "empty", &result));
    assert_int_equal(result.gone.ino, empty);
    assert_int_equal(result.gone.nlink, 0);
    assert_int_equal(found(store, ROOT_INO, "empty"), inside);
    assert_int_equal(got(store, ROOT_INO).nlink, 4);
    assert_int_equal(got(store, directory).nlink, 2);
}

static void two_names_of_one_file_stay_both(void **state)
{
    struct store *store = store_of(state);
    struct rename_result result;
    struct inode file = file_put(store, "f", SLICE_STRING("x"));
    assert_success(namespace_link(store, file.ino, ROOT_INO, SLICE_STRING("g"), &file));
    assert_success(move(store, ROOT_INO, "f", ROOT_INO, "g", &result));
    assert_true(result.same);
    assert_int_equal(found(store, ROOT_INO, "f"), file.ino);
    assert_int_equal(found(store, ROOT_INO, "g"), file.ino);
    assert_int_equal(got(store, file.ino).nlink, 2);
}

/* ---- exchange ---- */

static void an_exchange_swaps_what_two_names_lead_to(void **state)
{
    struct store *store = store_of(state);
    struct inode file = file_put(store, "f", SLICE_STRING("file"));
    uint64_t a = made(store, ROOT_INO, "a", S_IFDIR), b = made(store, a, "b", S_IFDIR);
    assert_success(exchange(store, ROOT_INO, "f", a, "b"));
    assert_int_equal(found(store, ROOT_INO, "f"), b);
    assert_int_equal(found(store, a, "b"), file.ino);
    assert_int_equal(got(store, a).nlink, 2);
    assert_int_equal(got(store, ROOT_INO).nlink, 4);
    assert_int_equal(got(store, b).parent, ROOT_INO);
    assert_head(store, file.ino, &file);
    assert_success(exchange(store, ROOT_INO, "a", ROOT_INO, "f"));
    assert_int_equal(found(store, ROOT_INO, "a"), b);
    assert_int_equal(got(store, ROOT_INO).nlink, 4);
    assert_success(exchange(store, ROOT_INO, "a", ROOT_INO, "a"));
}

static void an_exchange_that_would_make_a_loop_or_lacks_a_name_is_refused(void **state)
{
    struct store *store = store_of(state);
    uint64_t a = made(store, ROOT_INO, "a", S_IFDIR), b = made(store, a, "b", S_IFDIR);
    made(store, b, "file", S_IFREG);
    assert_error(exchange(store, ROOT_INO, "a", a, "b"), ERR_INVAL);
    assert_error(exchange(store, a, "b", ROOT_INO, "a"), ERR_INVAL);
    assert_error(exchange(store, b, "file", ROOT_INO, "a"), ERR_INVAL);
    assert_error(exchange(store, ROOT_INO, "a", b, "file"), ERR_INVAL);
    assert_error(exchange(store, ROOT_INO, "a", ROOT_INO, "none"), ERR_NOENT);
    assert_error(exchange(store, ROOT_INO, "none", ROOT_INO, "a"), ERR_NOENT);
    assert_int_equal(got(store, b).parent, a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OCC_IN_MEMORY(a_file_takes_a_free_name_and_keeps_its_version),
        WITH_OCC_IN_MEMORY(a_directory_that_moves_is_counted_where_it_is),
        WITH_OCC_IN_MEMORY(a_directory_does_not_go_into_itself),
        WITH_OCC_IN_MEMORY(two_moves_at_once_make_no_loop),
        WITH_OCC_IN_MEMORY(a_directory_with_all_links_takes_no_more_directories),
        WITH_OCC_IN_MEMORY(a_file_over_a_file_continues_the_history_of_the_name),
        WITH_OCC_IN_MEMORY(the_message_of_what_is_moved_over_a_file_goes_along),
        WITH_OCC_IN_MEMORY(the_message_of_what_was_not_moved_is_in_the_sibling),
        WITH_OCC_IN_MEMORY(the_same_content_over_a_file_makes_no_version),
        WITH_OCC_IN_MEMORY(a_replaced_file_with_other_names_forks),
        WITH_OCC_IN_MEMORY(who_has_read_an_older_version_moves_nothing),
        WITH_OCC_IN_MEMORY(who_has_read_an_older_version_of_what_was_removed_moves_nothing),
        WITH_OCC_IN_MEMORY(the_same_content_moves_whatever_was_read),
        WITH_OCC_IN_MEMORY(a_carried_token_is_the_base_if_it_is_the_names),
        WITH_OCC_IN_MEMORY(what_may_not_be_replaced_stays),
        WITH_OCC_IN_MEMORY(two_names_of_one_file_stay_both),
        WITH_OCC_IN_MEMORY(an_exchange_swaps_what_two_names_lead_to),
        WITH_OCC_IN_MEMORY(an_exchange_that_would_make_a_loop_or_lacks_a_name_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
