/* SPDX-License-Identifier: Apache-2.0 */
#include "history.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "occ_fixture.h"

static struct store *store_of(void **state)
{
    return ((struct occ_fixture *)*state)->store;
}

static void removed(struct store *store, const char *name)
{
    struct inode inode;
    assert_success(namespace_unlink(store, ROOT_INO, SLICE_STRING(name), NULL, &inode));
}

static void moved(struct store *store, const char *from, const char *to)
{
    const struct writer writer = writer_of_pid(1);
    struct rename_result result;
    assert_success(rename_in(store, ROOT_INO, SLICE_STRING(from), ROOT_INO, SLICE_STRING(to), false, &writer, &result));
}

static struct history history_of(struct store *store, const char *name)
{
    struct history history;
    assert_success(history_of_name(store, ROOT_INO, SLICE_STRING(name), &history));
    return history;
}

/* Versions as text: the ordinal, and of a killed writer's its number as well. */
struct seen {
    char text[4096];
    unsigned left; /* versions to take before the visitor ends the scan */
};

static int see(void *context, const struct version *version, unsigned killed)
{
    struct seen *seen = context;
    char *at = seen->text + strlen(seen->text);
    if (killed) sprintf(at, "%u.%u ", (unsigned)version->id.ordinal, killed);
    else sprintf(at, "%u ", (unsigned)version->id.ordinal);
    return --seen->left == 0;
}

static void assert_seen_from(struct store *store, const char *name, uint64_t ordinal, unsigned killed, unsigned limit,
                             const char *expected)
{
    struct history history = history_of(store, name);
    struct seen seen = {.left = limit};
    assert_success(history_scan(store, &history.head, ordinal, killed, see, &seen));
    assert_string_equal(seen.text, expected);
}

static void assert_seen(struct store *store, const char *name, const char *expected)
{
    assert_seen_from(store, name, 0, 0, 1000, expected);
}

/* Asserts what the name's history has under an ordinal, by which token it is found, and that others do not find it. */
static struct version assert_has(struct store *store, const char *name, uint64_t ordinal, const char *bytes)
{
    struct history history = history_of(store, name);
    struct version version, same;
    unsigned killed;
    assert_success(history_find(store, &history.head, ordinal, 0, &version));
    assert_version(store, &version, SLICE_STRING(bytes));
    assert_success(history_find_id(store, &history.head, &version.id, &same, &killed));
    assert_true(version_id_equal(&version.id, &same.id));
    assert_int_equal(killed, 0);
    return version;
}

static void assert_has_not(struct store *store, const char *name, const struct version_id *id)
{
    struct history history = history_of(store, name);
    struct version version;
    unsigned killed;
    assert_error(history_find_id(store, &history.head, id, &version, &killed), ERR_NOENT);
}

static struct version abandon(struct store *store, const char *name, const char *bytes)
{
    struct opened opened;
    struct commit_result result;
    opened_init(&opened, store, name, 7);
    opened_write(&opened, 0, SLICE_STRING(bytes));
    assert_success(commit_abandon(&opened.draft, &opened.request, &result));
    opened_release(&opened);
    return result.version;
}

static void a_files_versions_are_found_by_ordinal_and_by_id(void **state)
{
    struct store *store = store_of(state);
    file_put(store, "f", SLICE_STRING("one"));
    file_put(store, "f", SLICE_STRING("two"));
    file_put(store, "g", SLICE_STRING("other"));
    assert_seen(store, "f", "0 1 2 ");
    assert_has(store, "f", 0, "");
    struct version one = assert_has(store, "f", 1, "one");
    assert_has(store, "f", 2, "two");
    assert_has_not(store, "g", &one.id);
    struct history history = history_of(store, "f");
    struct version version;
    assert_error(history_find(store, &history.head, 3, 0, &version), ERR_NOENT);
    assert_error(history_find(store, &history.head, 1, 1, &version), ERR_NOENT);
    one.id.nonce++;
    assert_has_not(store, "f", &one.id);
}

static void a_scan_begins_where_it_is_told_and_ends_when_the_visitor_wants(void **state)
{
    struct store *store = store_of(state);
    for (unsigned i = 1; i < 5; i++) {
        char text[8];
        sprintf(text, "%u", i);
        file_put(store, "f", SLICE_STRING(text));
        if (i == 2) abandon(store, "f", "a"), abandon(store, "f", "b");
    }
    assert_seen(store, "f", "0 1 2 2.1 2.2 3 4 ");
    assert_seen_from(store, "f", 2, 1, 1000, "2.1 2.2 3 4 ");
    assert_seen_from(store, "f", 2, 2, 1000, "2.2 3 4 ");
    assert_seen_from(store, "f", 2, 3, 1000, "3 4 ");
    assert_seen_from(store, "f", 1, 0, 3, "1 2 2.1 ");
    assert_seen_from(store, "f", 4, 0, 1, "4 ");
    assert_seen_from(store, "f", 5, 0, 1000, "");
}

static void what_killed_writers_left_is_numbered_in_the_order_of_time(void **state)
{
    struct store *store = store_of(state);
    struct version left[5], got;
    file_put(store, "f", SLICE_STRING("one"));
    for (unsigned i = 0; i < 5; i++) {
        char text[8];
        sprintf(text, "left %u", i);
        left[i] = abandon(store, "f", text);
    }
    file_put(store, "f", SLICE_STRING("two"));
    struct history history = history_of(store, "f");
    for (unsigned i = 0; i < 5; i++) {
        unsigned killed;
        assert_success(history_find(store, &history.head, 1, i + 1, &got));
        assert_true(version_id_equal(&got.id, &left[i].id));
        assert_success(history_find_id(store, &history.head, &left[i].id, &got, &killed));
        assert_int_equal(killed, i + 1);
        assert_true(got.abandoned);
    }
    assert_error(history_find(store, &history.head, 1, 6, &got), ERR_NOENT);
    assert_error(history_find(store, &history.head, 2, 1, &got), ERR_NOENT);
}

static void a_fork_goes_on_in_the_lineage_that_it_comes_from(void **state)
{
    struct store *store = store_of(state);
    file_put(store, "f", SLICE_STRING("one"));
    file_put(store, "f", SLICE_STRING("two"));
    moved(store, "f", "f~");
    file_put(store, "f", SLICE_STRING("three"));
    struct version three = assert_has(store, "f", 3, "three");
    assert_seen(store, "f~", "0 1 2 ");
    assert_has_not(store, "f~", &three.id);
    file_put(store, "f~", SLICE_STRING("3 of the backup"));
    file_put(store, "f~", SLICE_STRING("4 of the backup"));
    struct version fork = assert_has(store, "f~", 3, "3 of the backup");
    assert_int_not_equal(fork.id.lineage, three.id.lineage);
    assert_seen(store, "f~", "0 1 2 3 4 ");
    assert_seen_from(store, "f~", 2, 0, 2, "2 3 ");
    assert_seen(store, "f", "0 1 2 3 ");
    assert_has(store, "f~", 1, "one");
    assert_has_not(store, "f", &fork.id);
    /* And the fork of a fork. */
    moved(store, "f~", "f~~");
    file_put(store, "f~", SLICE_STRING("5"));
    file_put(store, "f~~", SLICE_STRING("5 of the second backup"));
    assert_seen(store, "f~~", "0 1 2 3 4 5 ");
    assert_has(store, "f~~", 3, "3 of the backup");
    assert_has(store, "f~~", 1, "one");
}

static void a_file_that_stands_anew_shows_what_its_name_had(void **state)
{
    struct store *store = store_of(state);
    file_put(store, "f", SLICE_STRING("one"));
    struct inode before = file_put(store, "f", SLICE_STRING("two"));
    removed(store, "f");
    file_create(store, "f");
    struct history history = history_of(store, "f");
    assert_true(version_id_equal(&history.head, &before.head));
    assert_seen(store, "f", "0 1 2 ");
    file_put(store, "f", SLICE_STRING("three"));
    assert_seen(store, "f", "0 1 2 3 ");
    assert_has(store, "f", 2, "two");
}

static void a_removed_file_has_its_history_by_name(void **state)
{
    struct store *store = store_of(state);
    struct history history;
    struct inode inode = file_put(store, "f", SLICE_STRING("one"));
    assert_int_equal(history_of(store, "f").ino, inode.ino);
    removed(store, "f");
    history = history_of(store, "f");
    assert_int_equal(history.ino, 0);
    assert_int_equal(history.now.mode, MODE);
    assert_int_equal(history.now.uid, UID);
    assert_seen(store, "f", "0 1 ");
    file_create(store, "never written");
    removed(store, "never written");
    assert_error(history_of_name(store, ROOT_INO, SLICE_STRING("never written"), &history), ERR_NOENT);
    assert_error(history_of_name(store, ROOT_INO, SLICE_STRING("never there"), &history), ERR_NOENT);
}

static void what_is_no_regular_file_has_no_history(void **state)
{
    struct store *store = store_of(state);
    const struct new_inode directory = {.mode = S_IFDIR | 0755},
                           link = {.mode = S_IFLNK | 0777, .symlink = SLICE_STRING("f")};
    const struct writer writer = writer_of_pid(1);
    struct inode inode;
    struct history history;
    uint64_t forked;
    file_put(store, "l", SLICE_STRING("a file once"));
    removed(store, "l");
    assert_success(namespace_create(store, ROOT_INO, SLICE_STRING("d"), &directory, &writer, &inode, &forked));
    assert_success(namespace_create(store, ROOT_INO, SLICE_STRING("l"), &link, &writer, &inode, &forked));
    assert_error(history_of_name(store, ROOT_INO, SLICE_STRING("d"), &history), ERR_NOENT);
    assert_error(history_of_name(store, ROOT_INO, SLICE_STRING("l"), &history), ERR_NOENT);
}

static void a_sibling_has_a_history_of_its_own(void **state)
{
    struct store *store = store_of(state);
    struct opened writer;
    for (unsigned i = 0; i < 3; i++) {
        char text[8];
        sprintf(text, "%u", i);
        file_put(store, "f", SLICE_STRING(text));
    }
    opened_init(&writer, store, "f", 7);
    file_put(store, "f", SLICE_STRING("theirs"));
    opened_write(&writer, 0, SLICE_STRING("mine"));
    assert_commit(&writer, COMMIT_CONFLICT);
    opened_release(&writer);
    assert_seen(store, "f.conflict", "0 1 ");
    assert_has(store, "f.conflict", 1, "mine");
}

/* Puts a version of a made-up lineage that goes back to another. */
static void put_version(struct store *store, const struct version_id *id, const struct version_id *parent)
{
    struct transaction tx;
    struct version version = {.id = *id, .operation = VERSION_WRITE, .parent_count = 1, .parents = {*parent}};
    transaction_init(&tx, store);
    version_put(&tx, &version);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
}

static void damage_makes_no_loop(void **state)
{
    struct store *store = store_of(state);
    const struct version_id a = {1000, 5, 1}, b = {1001, 5, 1}, c = {1001, 4, 1}, gone = {1002, 3, 1};
    struct version version;
    struct seen seen = {.left = 1000};
    put_version(store, &a, &c); /* goes on in the other's */
    put_version(store, &c, &gone);
    put_version(store, &b, &c);
    assert_success(history_scan(store, &a, 0, 0, see, &seen));
    assert_string_equal(seen.text, "4 5 ");
    assert_error(history_find(store, &a, 0, 0, &version), ERR_NOENT);
    /* Two that go back to each other. */
    const struct version_id d = {1010, 7, 1}, e = {1011, 7, 1};
    put_version(store, &d, &e);
    put_version(store, &e, &d);
    seen = (struct seen){.left = 1000};
    assert_success(history_scan(store, &d, 0, 0, see, &seen));
    assert_string_equal(seen.text, "7 ");
    assert_error(history_find(store, &d, 3, 0, &version), ERR_NOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OCC_IN_MEMORY(a_files_versions_are_found_by_ordinal_and_by_id),
        WITH_OCC_IN_MEMORY(a_scan_begins_where_it_is_told_and_ends_when_the_visitor_wants),
        WITH_OCC_IN_MEMORY(what_killed_writers_left_is_numbered_in_the_order_of_time),
        WITH_OCC_IN_MEMORY(a_fork_goes_on_in_the_lineage_that_it_comes_from),
        WITH_OCC_IN_MEMORY(a_file_that_stands_anew_shows_what_its_name_had),
        WITH_OCC_IN_MEMORY(a_removed_file_has_its_history_by_name),
        WITH_OCC_IN_MEMORY(what_is_no_regular_file_has_no_history),
        WITH_OCC_IN_MEMORY(a_sibling_has_a_history_of_its_own),
        WITH_OCC_IN_MEMORY(damage_makes_no_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
