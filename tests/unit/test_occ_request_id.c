/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "occ_fixture.h"
#include "request_id.h"
#include "request_record.h"

enum { LARGE = 1300000 };

static struct store *store_of(void **state)
{
    return ((struct occ_fixture *)*state)->store;
}

/* A writer that asks under this id for the content to be replaced. */
static void asks(struct opened *opened, struct store *store, const char *id, struct slice content)
{
    opened_init(opened, store, "f", 7);
    opened->request.id = id;
    assert_success(draft_truncate(&opened->draft, 0));
    opened_write(opened, 0, content);
}

static struct version_id done(struct store *store, const char *id, struct slice content, enum commit_outcome outcome)
{
    struct opened opened;
    asks(&opened, store, id, content);
    struct version_id made = assert_commit(&opened, outcome).version.id;
    assert_opened(&opened, content);
    opened_release(&opened);
    return made;
}

static void a_request_is_done_once(void **state)
{
    struct store *store = store_of(state);
    static const size_t sizes[] = {0, 30, LARGE};
    for (size_t i = 0; i < 3; i++) {
        char id[20];
        uint8_t *bytes = bytes_of_seed(i, sizes[i] + 1);
        const struct slice content = SLICE(bytes, sizes[i]);
        snprintf(id, sizeof id, "request %zu", i);
        file_put(store, "f", SLICE_STRING("before"));
        struct version_id made = done(store, id, content, COMMIT_DONE),
                          again = done(store, id, content, COMMIT_REPEATED);
        assert_true(version_id_equal(&made, &again));
        struct inode newer = file_put(store, "f", SLICE_STRING("newer"));
        again = done(store, id, content, COMMIT_REPEATED);
        assert_true(version_id_equal(&made, &again));
        struct inode now = file_find(store, "f");
        assert_true(version_id_equal(&now.head, &newer.head));
        assert_false(file_exists(store, "f.conflict"));
        free(bytes);
    }
}

static void an_id_with_other_content_is_refused_and_nothing_is_lost(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    struct commit_result result;
    file_put(store, "f", SLICE_STRING("before"));
    struct version_id made = done(store, "r", SLICE_STRING("one"), COMMIT_DONE);
    asks(&opened, store, "r", SLICE_STRING("two"));
    assert_error(opened_commit(&opened, &result), ERR_REQUEST_REUSED);
    assert_opened(&opened, SLICE_STRING("two"));
    struct inode now = file_find(store, "f");
    assert_true(version_id_equal(&now.head, &made));
    opened.request.id = "s";
    assert_commit(&opened, COMMIT_DONE);
    assert_file(store, "f", SLICE_STRING("two"));
    opened_release(&opened);
}

static void ids_belong_to_a_file(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    file_put(store, "f", SLICE_STRING("before"));
    file_put(store, "g", SLICE_STRING("before"));
    done(store, "r", SLICE_STRING("one"), COMMIT_DONE);
    opened_init(&opened, store, "g", 7);
    opened.request.id = "r";
    opened_write(&opened, 0, SLICE_STRING("two"));
    assert_commit(&opened, COMMIT_DONE);
    opened_release(&opened);
}

static void what_was_there_already_is_an_outcome_too(void **state)
{
    struct store *store = store_of(state);
    struct inode before = file_put(store, "f", SLICE_STRING("same"));
    done(store, "r", SLICE_STRING("same"), COMMIT_UNCHANGED);
    file_put(store, "f", SLICE_STRING("newer"));
    struct version_id again = done(store, "r", SLICE_STRING("same"), COMMIT_REPEATED);
    assert_true(version_id_equal(&before.head, &again));
}

static void what_conflicted_was_not_done(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    file_put(store, "f", SLICE_STRING("before"));
    asks(&opened, store, "r", SLICE_STRING("one"));
    file_put(store, "f", SLICE_STRING("theirs"));
    assert_commit(&opened, COMMIT_CONFLICT);
    assert_commit(&opened, COMMIT_UNCHANGED);
    opened_release(&opened);
    done(store, "r", SLICE_STRING("one"), COMMIT_DONE);
}

static void appends(struct store *store, struct opened *opened, const char *name, struct slice bytes)
{
    opened_init(opened, store, name, 7);
    opened->request.id = "r";
    opened_append(opened, bytes);
}

static void an_append_is_done_once(void **state)
{
    struct store *store = store_of(state);
    static const struct {
        const char *name;
        size_t size;
    } appended[] = {{"f", 5}, {"g", LARGE}};
    for (size_t i = 0; i < 2; i++) {
        struct opened opened;
        struct commit_result result;
        const char *name = appended[i].name;
        size_t size = appended[i].size;
        uint8_t *bytes = bytes_of_seed(i, size);
        file_put(store, name, SLICE_STRING("before;"));
        appends(store, &opened, name, SLICE(bytes, size));
        file_put(store, name, SLICE_STRING("theirs before;"));
        struct version made = assert_commit(&opened, COMMIT_DONE).version;
        opened_release(&opened);
        appends(store, &opened, name, SLICE(bytes, size));
        struct version again = assert_commit(&opened, COMMIT_REPEATED).version;
        assert_true(version_id_equal(&made.id, &again.id));
        assert_int_equal(opened.draft.size, made.content.size);
        opened_release(&opened);
        bytes[size - 1]++;
        appends(store, &opened, name, SLICE(bytes, size));
        assert_error(opened_commit(&opened, &result), ERR_REQUEST_REUSED);
        opened_release(&opened);
        free(bytes);
    }
}

static void a_file_created_anew_gets_back_what_its_name_had(void **state)
{
    struct store *store = store_of(state);
    struct inode gone;
    file_put(store, "f", SLICE_STRING("before"));
    done(store, "r", SLICE_STRING("one"), COMMIT_DONE);
    struct inode newer = file_put(store, "f", SLICE_STRING("newer"));
    assert_success(namespace_unlink(store, ROOT_INO, SLICE_STRING("f"), NULL, &gone));
    file_create(store, "f");
    done(store, "r", SLICE_STRING("one"), COMMIT_REPEATED);
    assert_file(store, "f", SLICE_STRING("newer"));
    struct inode now = file_find(store, "f");
    assert_true(version_id_equal(&now.head, &newer.head));
}

static void an_id_can_be_used_anew_after_a_day(void **state)
{
    struct store *store = store_of(state);
    struct request_record record;
    struct transaction tx;
    file_put(store, "f", SLICE_STRING("before"));
    struct version_id made = done(store, "r", SLICE_STRING("one"), COMMIT_DONE);
    assert_success(request_id_expire(store));
    assert_success(request_record_get(store, made.lineage, "r", &record));
    record.time.tv_sec -= REQUEST_LIFETIME_S + 5;
    transaction_init(&tx, store);
    request_record_put(&tx, &record);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
    done(store, "r", SLICE_STRING("two"), COMMIT_DONE);
    assert_success(request_id_expire(store)); /* the old note goes, the new one stays */
    done(store, "r", SLICE_STRING("two"), COMMIT_REPEATED);
}

/* ---- two at once ---- */

static struct opened rival;

static void the_rival_commits(void *context)
{
    (void)context;
    assert_commit(&rival, COMMIT_DONE);
}

static void of_two_attempts_at_once_one_makes_the_version(void **state)
{
    struct occ_fixture *fixture = *state;
    struct opened opened;
    file_put(fixture->store, "f", SLICE_STRING("before"));
    asks(&opened, fixture->store, "r", SLICE_STRING("one"));
    asks(&rival, fixture->store, "r", SLICE_STRING("one"));
    fixture->recording.meddle = the_rival_commits;
    struct version_id made = assert_commit(&opened, COMMIT_REPEATED).version.id;
    struct version head = file_head(fixture->store, "f");
    assert_true(version_id_equal(&head.id, &made));
    assert_int_equal(head.id.ordinal, 2);
    opened_release(&opened);
    opened_release(&rival);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OCC(a_request_is_done_once),
        WITH_OCC(an_id_with_other_content_is_refused_and_nothing_is_lost),
        WITH_OCC_IN_MEMORY(ids_belong_to_a_file),
        WITH_OCC_IN_MEMORY(what_was_there_already_is_an_outcome_too),
        WITH_OCC_IN_MEMORY(what_conflicted_was_not_done),
        WITH_OCC(an_append_is_done_once),
        WITH_OCC_IN_MEMORY(a_file_created_anew_gets_back_what_its_name_had),
        WITH_OCC_IN_MEMORY(an_id_can_be_used_anew_after_a_day),
        WITH_OCC_IN_MEMORY(of_two_attempts_at_once_one_makes_the_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
