/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "last.h"
#include "occ_directory.h"
#include "occ_fixture.h"
#include "token.h"

static struct store *store_of(void **state)
{
    return ((struct occ_fixture *)*state)->store;
}

/* A writer of `name` whose base is not the head any more. */
static void open_stale(struct store *store, const char *name, struct opened *opened)
{
    file_put(store, name, SLICE_STRING("base"));
    opened_init(opened, store, name, 7);
    file_put(store, name, SLICE_STRING("theirs"));
    opened_write(opened, 0, SLICE_STRING("mine"));
}

/* Read back by a strict parser; the caller releases it. */
static json_t *last_of(struct store *store, uint64_t lineage)
{
    char *text;
    json_error_t error;
    assert_success(last_describe(store, lineage, &text));
    assert_null(strchr(text, '\n'));
    json_t *value = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!value) fail_msg("%s: %s", error.text, text);
    free(text);
    return value;
}

static void assert_text(json_t *object, const char *key, const char *expected)
{
    assert_string_equal(json_string_value(json_object_get(object, key)), expected);
}

static void assert_token(struct store *store, json_t *object, const char *key, const struct version_id *id)
{
    char token[TOKEN_TEXT_SIZE];
    token_mint(store, id, token);
    assert_text(object, key, token);
}

static void of_a_file_that_nothing_happened_to_it_is_null(void **state)
{
    struct store *store = store_of(state);
    struct inode inode = file_put(store, "f", SLICE_STRING("base"));
    json_t *last = last_of(store, inode.lineage);
    assert_true(json_is_null(last));
    json_decref(last);
}

static void a_conflict_is_told_with_its_sibling(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    open_stale(store, "f", &opened);
    assert_commit(&opened, COMMIT_CONFLICT);
    struct inode inode = file_find(store, "f");
    json_t *last = last_of(store, inode.lineage), *writer = json_object_get(last, "writer");
    assert_int_equal(json_object_size(last), 8);
    assert_text(last, "kind", "conflict");
    assert_text(last, "operation", "write");
    assert_text(last, "sibling", "f.conflict");
    assert_token(store, last, "base", &opened.request.base.opened);
    assert_token(store, last, "head", &inode.head);
    assert_int_equal(json_integer_value(json_object_get(writer, "pid")), 7);
    assert_int_equal(json_integer_value(json_object_get(last, "size")), 4);
    json_decref(last);
    opened_release(&opened);
}

/* Another writer of the same bytes makes no sibling of its own, but was refused all the same. */
static void a_conflict_over_the_same_bytes_is_told_with_the_sibling_that_has_them(void **state)
{
    struct store *store = store_of(state);
    struct opened first, second;
    file_put(store, "f", SLICE_STRING("base"));
    opened_init(&first, store, "f", 7);
    opened_init(&second, store, "f", 8);
    file_put(store, "f", SLICE_STRING("theirs"));
    opened_write(&first, 0, SLICE_STRING("mine"));
    opened_write(&second, 0, SLICE_STRING("mine"));
    assert_commit(&first, COMMIT_CONFLICT);
    assert_commit(&second, COMMIT_CONFLICT);
    json_t *last = last_of(store, file_find(store, "f").lineage);
    assert_text(last, "sibling", "f.conflict");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(last, "writer"), "pid")), 8);
    json_decref(last);
    opened_release(&first);
    opened_release(&second);
}

static void a_killed_writer_is_told_without_a_sibling(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    struct commit_result result;
    struct inode inode = file_put(store, "f", SLICE_STRING("base"));
    opened_init(&opened, store, "f", 7);
    opened_write(&opened, 0, SLICE_STRING("half of it"));
    assert_success(commit_abandon(&opened.draft, &opened.request, &result));
    json_t *last = last_of(store, inode.lineage);
    assert_text(last, "kind", "killed");
    assert_true(json_is_null(json_object_get(last, "sibling")));
    assert_token(store, last, "base", &inode.head);
    assert_token(store, last, "head", &inode.head);
    assert_int_equal(json_integer_value(json_object_get(last, "size")), 10);
    json_decref(last);
    opened_release(&opened);
}

static void a_sibling_in_lost_and_found_is_told_with_its_path(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    open_stale(store, "f", &opened);
    opened.request.directory = 4711; /* there is none */
    struct commit_result result = assert_commit(&opened, COMMIT_CONFLICT);
    assert_int_equal(result.sibling_directory, LOST_FOUND_INO);
    json_t *last = last_of(store, file_find(store, "f").lineage);
    assert_text(last, "sibling", ".occ/lost+found/f.conflict");
    json_decref(last);
    opened_release(&opened);
}

static void a_version_says_who_made_it_and_how(void **state)
{
    (void)state;
    static const struct {
        uint8_t operation;
        const char *word;
    } rows[] = {{VERSION_CREATE, "create"},
                {VERSION_WRITE, "write"},
                {VERSION_TRUNCATE, "truncate"},
                {VERSION_RENAME, "rename"},
                {VERSION_CONFLICT, "conflict"},
                {VERSION_KILLED, "killed"},
                {99, "write"}};
    struct version version = {.author = {1001, 100, 4711, "vim"}, .time = {1700000000, 12345678}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text, expected[256];
        version.operation = rows[i].operation;
        snprintf(expected, sizeof expected,
                 "{\"uid\":1001,\"gid\":100,\"pid\":4711,\"command\":\"vim\","
                 "\"time\":\"2023-11-14T22:13:20.012345678Z\",\"operation\":\"%s\"}",
                 rows[i].word);
        assert_success(describe_version(&version, &text));
        assert_string_equal(text, expected);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OCC_IN_MEMORY(of_a_file_that_nothing_happened_to_it_is_null),
        WITH_OCC_IN_MEMORY(a_conflict_is_told_with_its_sibling),
        WITH_OCC_IN_MEMORY(a_conflict_over_the_same_bytes_is_told_with_the_sibling_that_has_them),
        WITH_OCC_IN_MEMORY(a_killed_writer_is_told_without_a_sibling),
        WITH_OCC_IN_MEMORY(a_sibling_in_lost_and_found_is_told_with_its_path),
        WITH_OCC_IN_MEMORY(a_version_says_who_made_it_and_how),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
