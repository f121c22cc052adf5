/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "attributes.h"
#include "occ_fixture.h"

enum { MIB = 1024 * 1024 };

static struct store *store_of(void **state)
{
    return ((struct occ_fixture *)*state)->store;
}

static void a_commit_makes_the_next_version_of_the_file(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    struct inode before = file_put(store, "f", SLICE_STRING("one"));
    opened_init(&opened, store, "f", 7);
    opened_write(&opened, 0, SLICE_STRING("two"));
    struct version version = assert_commit(&opened, COMMIT_DONE).version, head = file_head(store, "f");
    struct inode after = file_find(store, "f");
    assert_true(version_id_equal(&version.id, &head.id));
    assert_int_equal(head.id.lineage, before.head.lineage);
    assert_int_equal(head.id.ordinal, before.head.ordinal + 1);
    assert_int_equal(head.parent_count, 1);
    assert_true(version_id_equal(&head.parents[0], &before.head));
    assert_int_equal(head.operation, VERSION_WRITE);
    assert_int_equal(head.author.pid, 7);
    assert_int_equal(head.mode, S_IFREG | MODE);
    assert_int_equal(head.uid, UID);
    assert_int_equal(after.mtime.tv_nsec, head.mtime.tv_nsec);
    assert_true(after.change > before.change);
    assert_file(store, "f", SLICE_STRING("two"));
    opened_release(&opened);
}

static void a_draft_that_nothing_changed_commits_nothing(void **state)
{
    struct occ_fixture *fixture = *state;
    struct opened opened;
    file_put(fixture->store, "f", SLICE_STRING("one"));
    opened_init(&opened, fixture->store, "f", 7);
    unsigned commits = fixture->recording.commits, syncs = fixture->recording.syncs;
    assert_int_equal(assert_commit(&opened, COMMIT_UNCHANGED).version.id.lineage, 0);
    assert_int_equal(fixture->recording.commits, commits);
    opened.request.durable = true;
    assert_commit(&opened, COMMIT_UNCHANGED);
    assert_int_equal(fixture->recording.syncs, syncs + 1);
    opened_release(&opened);
}

static void a_durable_commit_is_asked_of_the_engine(void **state)
{
    struct occ_fixture *fixture = *state;
    struct opened opened;
    file_put(fixture->store, "f", SLICE_STRING("one"));
    opened_init(&opened, fixture->store, "f", 7);
    unsigned durable = fixture->recording.durable_commits;
    opened_write(&opened, 0, SLICE_STRING("two"));
    opened.request.durable = true;
    assert_commit(&opened, COMMIT_DONE);
    assert_int_equal(fixture->recording.durable_commits, durable + 1);
    opened_release(&opened);
}

static void the_heads_content_makes_no_version_whatever_the_base(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    file_put(store, "f", SLICE_STRING("one"));
    opened_init(&opened, store, "f", 7);
    struct inode head = file_put(store, "f", SLICE_STRING("two"));
    opened_write(&opened, 0, SLICE_STRING("two"));
    struct version version = assert_commit(&opened, COMMIT_UNCHANGED).version;
    assert_true(version_id_equal(&version.id, &head.head));
    struct inode after = file_find(store, "f");
    assert_true(version_id_equal(&after.head, &head.head));
    opened_write(&opened, 0, SLICE_STRING("x")); /* over the head from now on */
    assert_commit(&opened, COMMIT_DONE);
    assert_file(store, "f", SLICE_STRING("xwo"));
    opened_release(&opened);
}

static void who_has_an_older_base_conflicts_and_the_head_stays(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    file_put(store, "f", SLICE_STRING("one"));
    opened_init(&opened, store, "f", 7);
    struct inode head = file_put(store, "f", SLICE_STRING("two"));
    opened_write(&opened, 0, SLICE_STRING("mine"));
    assert_commit(&opened, COMMIT_CONFLICT);
    struct inode after = file_find(store, "f");
    assert_true(version_id_equal(&after.head, &head.head));
    assert_file(store, "f", SLICE_STRING("two"));
    assert_file(store, "f.conflict", SLICE_STRING("mine"));
    opened_release(&opened);
}

static void a_token_on_the_descriptor_is_the_base(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    struct inode first = file_put(store, "f", SLICE_STRING("one"));
    struct inode second = file_put(store, "f", SLICE_STRING("two"));
    opened_init(&opened, store, "f", 7);
    opened.request.base.descriptor_token = first.head;
    opened_append(&opened, SLICE_STRING("!"));
    assert_commit(&opened, COMMIT_CONFLICT); /* also for what only appended */
    opened_release(&opened);
    opened_init(&opened, store, "f", 7);
    opened.request.base = (struct base_facts){.descriptor_token = second.head, .opened = first.head};
    opened_append(&opened, SLICE_STRING("!"));
    assert_commit(&opened, COMMIT_DONE);
    assert_file(store, "f", SLICE_STRING("two!"));
    opened_release(&opened);
}

/* ---- appends ---- */

static void an_append_goes_behind_whatever_the_head_is(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    file_put(store, "f", SLICE_STRING("one\n"));
    opened_init(&opened, store, "f", 7);
    opened_append(&opened, SLICE_STRING("mi"));
    opened_append(&opened, SLICE_STRING("ne\n"));
    file_put(store, "f", SLICE_STRING("theirs, and longer\n"));
    assert_commit(&opened, COMMIT_DONE);
    assert_file(store, "f", SLICE_STRING("theirs, and longer\nmine\n"));
    assert_opened(&opened, SLICE_STRING("theirs, and longer\nmine\n"));
    opened_append(&opened, SLICE_STRING("more\n"));
    file_put(store, "f", SLICE_STRING("short\n"));
    assert_commit(&opened, COMMIT_DONE);
    assert_file(store, "f", SLICE_STRING("short\nmore\n"));
    opened_release(&opened);
}

/* Origins, heads and appended bytes of all kinds of content. */
static void appends_follow_contents_of_every_size(void **state)
{
    struct store *store = store_of(state);
    static const size_t sizes[] = {0, 100, CONTENT_INLINE_MAX, CHUNK_SIZE - 50, 3 * CHUNK_SIZE, 2 * MIB + 77};
    enum { SIZES = sizeof sizes / sizeof sizes[0], LARGEST = 2 * MIB + 77 };
    uint8_t *bytes = bytes_of_seed(1, 3 * LARGEST), *expected = malloc(2 * LARGEST + 2);
    assert_non_null(expected);
    file_create(store, "f");
    for (size_t i = 0; i < SIZES * SIZES; i++) {
        size_t head = sizes[i / SIZES], appended = sizes[i % SIZES] + 1;
        struct opened opened;
        opened_init(&opened, store, "f", 7);
        opened_append(&opened, SLICE(bytes, appended));
        file_put(store, "f", SLICE(bytes + i + 1, head + 1));
        assert_commit(&opened, COMMIT_DONE);
        memcpy(expected, bytes + i + 1, head + 1);
        memcpy(expected + head + 1, bytes, appended);
        assert_file(store, "f", SLICE(expected, head + 1 + appended));
        opened_release(&opened);
        assert_no_stray_blobs(store);
    }
    free(bytes);
    free(expected);
}

struct meddler {
    struct store *store;
    unsigned done;
};

static void chmod_f(void *context)
{
    struct meddler *meddler = context;
    const struct attribute_changes changes = {.set_mode = true, .mode = 0600 + meddler->done++};
    struct inode inode = file_find(meddler->store, "f");
    assert_success(attributes_change(meddler->store, inode.ino, &changes, &inode));
}

static void put_f(void *context)
{
    struct meddler *meddler = context;
    meddler->done++;
    file_put(meddler->store, "f", SLICE_STRING("meddled"));
}

static void a_change_of_the_mode_in_between_is_no_conflict(void **state)
{
    struct occ_fixture *fixture = *state;
    struct meddler meddler = {fixture->store, 0};
    struct opened opened;
    uint8_t *bytes = bytes_of_seed(1, MIB);
    file_put(fixture->store, "f", SLICE(bytes, 1000));
    for (int append = 0; append <= 1; append++) {
        opened_init(&opened, fixture->store, "f", 7);
        assert_success(draft_write(&opened.draft, opened.draft.size, SLICE(bytes, MIB - 1000), append));
        fixture->recording.meddle = chmod_f;
        fixture->recording.context = &meddler;
        assert_commit(&opened, COMMIT_DONE);
        opened_release(&opened);
    }
    assert_int_equal(meddler.done, 2);
    assert_int_equal(file_find(fixture->store, "f").mode, S_IFREG | 0601);
    assert_int_equal(file_find(fixture->store, "f").size, 2 * MIB - 1000);
    free(bytes);
}

static void a_commit_in_between_is_a_conflict_and_an_append_follows_it(void **state)
{
    struct occ_fixture *fixture = *state;
    struct meddler meddler = {fixture->store, 0};
    struct opened opened;
    for (int append = 0; append <= 1; append++) {
        file_put(fixture->store, "f", SLICE_STRING("before"));
        opened_init(&opened, fixture->store, "f", 7);
        assert_success(draft_write(&opened.draft, 6, SLICE_STRING("mine"), append));
        fixture->recording.meddle = put_f;
        fixture->recording.context = &meddler;
        assert_commit(&opened, append ? COMMIT_DONE : COMMIT_CONFLICT);
        if (append) assert_file(fixture->store, "f", SLICE_STRING("meddledmine"));
        else assert_file(fixture->store, "f.conflict", SLICE_STRING("beforemine"));
        opened_release(&opened);
    }
}

/* ---- files that were removed ---- */

static void unlink_f(void *context)
{
    struct meddler *meddler = context;
    struct inode inode;
    meddler->done++;
    assert_success(namespace_unlink(meddler->store, ROOT_INO, SLICE_STRING("f"), NULL, &inode));
}

static void rename_over_f(void *context)
{
    struct meddler *meddler = context;
    const struct writer writer = writer_of_pid(8);
    struct rename_result result;
    meddler->done++;
    file_put(meddler->store, "g", SLICE_STRING("replacement"));
    assert_success(
        rename_in(meddler->store, ROOT_INO, SLICE_STRING("g"), ROOT_INO, SLICE_STRING("f"), false, &writer, &result));
    assert_int_equal(result.gone.nlink, 0);
}

static void a_draft_of_a_file_that_its_own_process_removed_is_discarded(void **state)
{
    struct store *store = store_of(state);
    struct meddler meddler = {store, 0};
    struct opened opened;
    file_put(store, "f", SLICE_STRING("before"));
    opened_init(&opened, store, "f", 7);
    opened_write(&opened, 0, SLICE_STRING("mine"));
    unlink_f(&meddler);
    opened.request.removal = REMOVAL_BY_SELF;
    struct commit_result result;
    assert_success(opened_commit(&opened, &result));
    assert_int_equal(result.outcome, COMMIT_UNCHANGED);
    assert_opened(&opened, SLICE_STRING("minere")); /* its descriptors go on as they were */
    assert_false(file_exists(store, "f.conflict"));
    opened_release(&opened);
}

static void a_draft_of_a_file_that_another_removed_conflicts(void **state)
{
    struct store *store = store_of(state);
    struct meddler meddler = {store, 0};
    struct opened opened;
    file_put(store, "f", SLICE_STRING("before"));
    opened_init(&opened, store, "f", 7);
    opened_write(&opened, 0, SLICE_STRING("mine"));
    unlink_f(&meddler);
    opened.request.removal = REMOVAL_BY_OTHER;
    assert_commit(&opened, COMMIT_CONFLICT);
    assert_file(store, "f.conflict", SLICE_STRING("minere"));
    opened_release(&opened);
}

static void what_conflicted_is_not_discarded_when_its_process_removes_the_file(void **state)
{
    struct store *store = store_of(state);
    struct meddler meddler = {store, 0};
    struct opened opened;
    file_put(store, "f", SLICE_STRING("before"));
    opened_init(&opened, store, "f", 7);
    file_put(store, "f", SLICE_STRING("theirs"));
    opened_write(&opened, 0, SLICE_STRING("mine"));
    assert_commit(&opened, COMMIT_CONFLICT);
    unlink_f(&meddler);
    opened.request.removal = REMOVAL_BY_SELF;
    opened_write(&opened, 0, SLICE_STRING("more"));
    assert_commit(&opened, COMMIT_CONFLICT);
    assert_file(store, "f.conflict", SLICE_STRING("morere"));
    opened_release(&opened);
}

/* The lineage is then the other file's: its next ordinal is taken for ever. */
static void a_file_that_is_replaced_during_the_commit_conflicts(void **state)
{
    struct occ_fixture *fixture = *state;
    void (*const meddles[])(void *) = {unlink_f, rename_over_f};
    for (size_t i = 0; i < 2; i++) {
        struct meddler meddler = {fixture->store, 0};
        struct opened opened;
        file_put(fixture->store, "f", i ? SLICE_STRING("before") : SLICE_STRING("Before"));
        opened_init(&opened, fixture->store, "f", 7);
        opened_write(&opened, 0, i ? SLICE_STRING("mine") : SLICE_STRING("your"));
        fixture->recording.meddle = meddles[i];
        fixture->recording.context = &meddler;
        assert_commit(&opened, COMMIT_CONFLICT);
        assert_int_equal(meddler.done, 1);
        opened_release(&opened);
    }
    assert_file(fixture->store, "f", SLICE_STRING("replacement"));
    assert_file(fixture->store, "f.conflict", SLICE_STRING("yourre"));
    assert_file(fixture->store, "f.2.conflict", SLICE_STRING("minere"));
}

/* ---- abandoned ---- */

static void what_a_killed_writer_wrote_is_kept_behind_the_version_that_it_opened(void **state)
{
    struct store *store = store_of(state);
    static const size_t sizes[] = {0, 100, 2 * MIB};
    uint8_t *bytes = bytes_of_seed(1, 2 * MIB);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct opened opened;
        struct commit_result result;
        struct inode base = file_put(store, "f", SLICE(bytes + i, 300000));
        opened_init(&opened, store, "f", 7);
        assert_success(draft_truncate(&opened.draft, 0));
        opened_write(&opened, 0, SLICE(bytes, sizes[i]));
        struct inode head = file_put(store, "f", SLICE_STRING("newer"));
        assert_success(commit_abandon(&opened.draft, &opened.request, &result));
        const struct version kept = result.version;
        assert_true(kept.abandoned);
        assert_int_equal(kept.operation, VERSION_KILLED);
        assert_int_equal(kept.id.lineage, base.head.lineage);
        assert_int_equal(kept.id.ordinal, base.head.ordinal);
        assert_true(version_id_equal(&kept.parents[0], &base.head));
        assert_version(store, &kept, SLICE(bytes, sizes[i]));
        struct inode after = file_find(store, "f");
        assert_true(version_id_equal(&after.head, &head.head));
        opened_release(&opened);
    }
    free(bytes);
}

static void a_message_goes_into_the_version_that_the_draft_becomes(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    struct commit_result result;
    file_put(store, "f", SLICE_STRING("one"));
    opened_init(&opened, store, "f", 7);
    opened.request.message = "says two";
    opened_write(&opened, 0, SLICE_STRING("two"));
    result = assert_commit(&opened, COMMIT_DONE);
    assert_message(store, &result.version, "says two");
    opened.request.message = NULL;
    opened_write(&opened, 0, SLICE_STRING("three"));
    result = assert_commit(&opened, COMMIT_DONE);
    assert_message(store, &result.version, NULL);

    file_put(store, "f", SLICE_STRING("theirs"));
    opened.request.message = "says four";
    opened_write(&opened, 0, SLICE_STRING("four"));
    assert_commit(&opened, COMMIT_CONFLICT);
    struct version sibling = file_head(store, "f.conflict");
    assert_message(store, &sibling, "says four");
    opened_release(&opened);

    opened_init(&opened, store, "f", 7);
    opened.request.message = "half";
    opened_write(&opened, 0, SLICE_STRING("ha"));
    assert_success(commit_abandon(&opened.draft, &opened.request, &result));
    assert_message(store, &result.version, "half");
    opened_release(&opened);
}

/* Of both sizes: its chunks in the store go as well, which the fixture checks. */
static void what_is_discarded_leaves_no_trace(void **state)
{
    struct store *store = store_of(state);
    static const size_t sizes[] = {10, 2 * MIB};
    for (size_t i = 0; i < 2; i++) {
        struct opened opened;
        struct version restored;
        uint8_t *bytes = bytes_of_seed(i, sizes[i] + 1);
        struct inode before = file_put(store, "f", SLICE(bytes, sizes[i]));
        opened_init(&opened, store, "f", 7);
        opened_write(&opened, 0, SLICE(bytes + 1, sizes[i]));
        assert_success(commit_discard(&opened.draft, before.ino, &before.head, &restored));
        assert_int_equal(restored.id.lineage, 0);
        assert_opened(&opened, SLICE(bytes, sizes[i]));
        assert_int_equal(draft_changed_at(&opened.draft).tv_nsec, before.mtime.tv_nsec);
        assert_int_equal(assert_commit(&opened, COMMIT_UNCHANGED).version.id.lineage, 0);
        opened_write(&opened, 0, SLICE_STRING("x"));
        assert_int_equal(assert_commit(&opened, COMMIT_DONE).version.id.ordinal, before.head.ordinal + 1);
        opened_release(&opened);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OCC(a_commit_makes_the_next_version_of_the_file),
        WITH_OCC(a_draft_that_nothing_changed_commits_nothing),
        WITH_OCC(a_durable_commit_is_asked_of_the_engine),
        WITH_OCC(the_heads_content_makes_no_version_whatever_the_base),
        WITH_OCC(who_has_an_older_base_conflicts_and_the_head_stays),
        WITH_OCC(a_token_on_the_descriptor_is_the_base),
        WITH_OCC(an_append_goes_behind_whatever_the_head_is),
        WITH_OCC(appends_follow_contents_of_every_size),
        WITH_OCC(a_change_of_the_mode_in_between_is_no_conflict),
        WITH_OCC(a_commit_in_between_is_a_conflict_and_an_append_follows_it),
        WITH_OCC(a_draft_of_a_file_that_its_own_process_removed_is_discarded),
        WITH_OCC(a_draft_of_a_file_that_another_removed_conflicts),
        WITH_OCC(what_conflicted_is_not_discarded_when_its_process_removes_the_file),
        WITH_OCC(a_file_that_is_replaced_during_the_commit_conflicts),
        WITH_OCC(what_a_killed_writer_wrote_is_kept_behind_the_version_that_it_opened),
        WITH_OCC(a_message_goes_into_the_version_that_the_draft_becomes),
        WITH_OCC(what_is_discarded_leaves_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
