/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "occ_fixture.h"

enum { MIB = 1024 * 1024, CHUNK = CHUNK_SIZE };

static struct store *store_of(void **state)
{
    return ((struct occ_fixture *)*state)->store;
}

/* ---- sharing ---- */

/* Commits a file of `size` bytes, then the same with one byte changed; returns how many blobs that added. */
static uint64_t blobs_of_a_change(struct store *store, const char *name, size_t size, size_t at, bool anew)
{
    struct opened opened;
    uint8_t *bytes = bytes_of_seed(1, size);
    file_put(store, name, SLICE(bytes, size));
    uint64_t before = count_blobs(store);
    opened_init(&opened, store, name, 7);
    bytes[at] ^= 1;
    if (anew) {
        assert_success(draft_truncate(&opened.draft, 0));
        for (size_t from = 0; from < size; from += CHUNK)
            opened_write(&opened, from, SLICE(bytes + from, CHUNK));
    } else {
        opened_write(&opened, at, SLICE(bytes + at, 1));
    }
    assert_commit(&opened, COMMIT_DONE);
    opened_release(&opened);
    assert_file(store, name, SLICE(bytes, size));
    free(bytes);
    return count_blobs(store) - before;
}

static void one_changed_byte_adds_its_chunk_and_the_nodes_above_it(void **state)
{
    struct store *store = store_of(state);
    assert_int_equal(blobs_of_a_change(store, "one chunk", 100 * 1024, 5, false), 1);
    assert_int_equal(blobs_of_a_change(store, "80 chunks", 10 * MIB, 7 * MIB, false), 2);
    assert_int_equal(blobs_of_a_change(store, "320 chunks", 40 * MIB, 39 * MIB, false), 3);
}

static void a_file_written_anew_shares_what_came_out_the_same(void **state)
{
    assert_int_equal(blobs_of_a_change(store_of(state), "f", 10 * MIB, 7 * MIB, true), 2);
}

static void the_same_bytes_written_anew_add_nothing(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    uint8_t *bytes = bytes_of_seed(1, 3 * MIB);
    file_put(store, "f", SLICE(bytes, 3 * MIB));
    uint64_t before = count_blobs(store);
    opened_init(&opened, store, "f", 7);
    assert_success(draft_truncate(&opened.draft, 0));
    opened_write(&opened, 0, SLICE(bytes, 3 * MIB));
    assert_commit(&opened, COMMIT_UNCHANGED);
    opened_release(&opened);
    assert_int_equal(count_blobs(store), before);
    free(bytes);
}

/* ---- seals ---- */

static void seal(struct draft *draft)
{
    struct sealed sealed;
    draft_lock(draft);
    assert_success(draft_seal_locked(draft, &sealed));
    draft_unlock(draft);
    sealed_release(&sealed);
}

static void a_seal_takes_back_what_the_one_before_has_put(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    uint8_t *bytes = bytes_of_seed(1, 2 * MIB);
    file_create(store, "f");
    opened_init(&opened, store, "f", 7);
    opened_write(&opened, 0, SLICE(bytes, 2 * MIB));
    seal(&opened.draft);
    uint64_t first = count_blobs(store);
    assert_true(first > 0);
    seal(&opened.draft);
    assert_int_equal(count_blobs(store), first);
    assert_success(draft_truncate(&opened.draft, 10));
    seal(&opened.draft);
    assert_int_equal(count_blobs(store), 0);
    assert_opened(&opened, SLICE(bytes, 10));
    opened_release(&opened);
    free(bytes);
}

static void a_draft_that_is_dropped_leaves_no_trace(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    uint8_t *bytes = bytes_of_seed(1, 4 * MIB);
    file_create(store, "f");
    opened_init(&opened, store, "f", 7);
    opened_write(&opened, 0, SLICE(bytes, 4 * MIB));
    seal(&opened.draft);
    opened_release(&opened);
    assert_int_equal(count_blobs(store), 0);
    assert_no_stray_blobs(store);
    free(bytes);
}

/* ---- sizes ---- */

static void a_file_may_be_as_large_as_an_offset_can_say(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    uint8_t byte;
    size_t got;
    file_create(store, "f");
    opened_init(&opened, store, "f", 7);
    opened_write(&opened, INT64_MAX - 1, SLICE("x", 1));
    assert_error(draft_write(&opened.draft, INT64_MAX, SLICE("x", 1), false), ERR_FBIG);
    assert_error(draft_write(&opened.draft, UINT64_MAX, SLICE("x", 1), false), ERR_FBIG);
    assert_error(draft_truncate(&opened.draft, 1ULL + INT64_MAX), ERR_FBIG);
    assert_commit(&opened, COMMIT_DONE);
    assert_int_equal(file_head(store, "f").content.size, INT64_MAX);
    assert_int_equal(file_head(store, "f").content.allocated, CHUNK - 1);
    assert_success(draft_read(&opened.draft, INT64_MAX - 1, &byte, 1, &got));
    assert_int_equal(got, 1);
    assert_int_equal(byte, 'x');
    assert_success(draft_truncate(&opened.draft, INT64_MAX - 1));
    assert_commit(&opened, COMMIT_DONE);
    assert_int_equal(file_head(store, "f").content.kind, CONTENT_EMPTY);
    opened_release(&opened);
}

static void what_a_draft_takes_is_between_nothing_and_its_size(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    uint8_t *bytes = bytes_of_seed(1, 3 * MIB);
    file_put(store, "f", SLICE(bytes, 3 * MIB));
    opened_init(&opened, store, "f", 7);
    assert_int_equal(opened.draft.allocated, 3 * MIB);
    assert_success(draft_truncate(&opened.draft, 1ULL << 40));
    assert_int_equal(opened.draft.allocated, 3 * MIB);
    assert_success(draft_truncate(&opened.draft, 10));
    assert_int_equal(opened.draft.allocated, 10);
    assert_success(draft_truncate(&opened.draft, 0));
    assert_success(draft_truncate(&opened.draft, MIB));
    assert_int_equal(opened.draft.allocated, 0);
    opened_release(&opened);
    free(bytes);
}

static void only_writes_at_the_end_through_o_append_count_as_appends(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    file_put(store, "f", SLICE_STRING("0123456789"));
    opened_init(&opened, store, "f", 7);
    assert_false(draft_only_appended(&opened.draft));
    opened_append(&opened, SLICE_STRING("ab"));
    opened_append(&opened, SLICE_STRING("cd"));
    assert_true(draft_only_appended(&opened.draft));
    opened_write(&opened, 14, SLICE_STRING("ef")); /* at the end, but where the writer said so */
    assert_false(draft_only_appended(&opened.draft));
    opened_append(&opened, SLICE_STRING("gh"));
    assert_false(draft_only_appended(&opened.draft));
    opened_release(&opened);

    opened_init(&opened, store, "f", 7);
    opened_append(&opened, SLICE_STRING("ab"));
    assert_success(draft_truncate(&opened.draft, 12));
    assert_false(draft_only_appended(&opened.draft));
    opened_release(&opened);
}

static void the_time_of_the_last_change_is_kept_or_as_set(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    const struct timespec set = {1000, 5};
    file_put(store, "f", SLICE_STRING("x"));
    opened_init(&opened, store, "f", 7);
    assert_int_equal(draft_changed_at(&opened.draft).tv_sec, file_find(store, "f").mtime.tv_sec);
    opened_append(&opened, SLICE_STRING("y"));
    draft_set_mtime(&opened.draft, set);
    assert_commit(&opened, COMMIT_DONE);
    assert_int_equal(file_find(store, "f").mtime.tv_sec, 1000);
    assert_int_equal(file_head(store, "f").mtime.tv_nsec, 5);
    opened_append(&opened, SLICE_STRING("z"));
    assert_true(draft_changed_at(&opened.draft).tv_sec > 1000);
    opened_release(&opened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OCC(one_changed_byte_adds_its_chunk_and_the_nodes_above_it),
        WITH_OCC(a_file_written_anew_shares_what_came_out_the_same),
        WITH_OCC(the_same_bytes_written_anew_add_nothing),
        WITH_OCC(a_seal_takes_back_what_the_one_before_has_put),
        WITH_OCC(a_draft_that_is_dropped_leaves_no_trace),
        WITH_OCC(a_file_may_be_as_large_as_an_offset_can_say),
        WITH_OCC(what_a_draft_takes_is_between_nothing_and_its_size),
        WITH_OCC(only_writes_at_the_end_through_o_append_count_as_appends),
        WITH_OCC(the_time_of_the_last_change_is_kept_or_as_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
