/* SPDX-License-Identifier: Apache-2.0 */

/* A draft where memory, disk or a chunk is missing. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "occ_fixture.h"

enum { MIB = 1024 * 1024, CHUNK = CHUNK_SIZE };

static struct store *store_of(void **state)
{
    return ((struct occ_fixture *)*state)->store;
}

/* ---- memory and scratch space ---- */

enum { HOARDERS = HEAP_BYTES_MAX / (HEAP_CHUNKS_MAX * CHUNK), HOARD = HEAP_CHUNKS_MAX * CHUNK };

/* Drafts that keep in memory all that drafts may. */
static struct draft *hoarders_new(struct store *store)
{
    struct draft *drafts = calloc(HOARDERS, sizeof *drafts);
    uint8_t *bytes = bytes_of_seed(1, HOARD);
    assert_non_null(drafts);
    for (size_t i = 0; i < HOARDERS; i++) {
        draft_init(&drafts[i], store, NULL);
        assert_success(draft_write(&drafts[i], 0, SLICE(bytes, HOARD), false));
    }
    free(bytes);
    return drafts;
}

static void hoarders_free(struct draft *drafts)
{
    for (size_t i = 0; i < HOARDERS; i++)
        draft_release(&drafts[i]);
    free(drafts);
}

static void what_all_drafts_keep_in_memory_is_bounded(void **state)
{
    struct store *store = store_of(state);
    struct opened opened;
    uint8_t *bytes = bytes_of_seed(1, HOARD);
    file_create(store, "f");
    opened_init(&opened, store, "f", 7);
    for (size_t at = 0; at < HOARD; at += CHUNK)
        opened_write(&opened, at, SLICE(bytes + at, 1));
    assert_int_equal(opened.draft.chunks.heap_chunks, HEAP_CHUNKS_MAX);
    struct draft *hoarders = hoarders_new(store);
    opened_write(&opened, 0, SLICE(bytes, HOARD)); /* would grow where it is */
    assert_int_equal(opened.draft.chunks.heap_chunks, 0);
    assert_opened(&opened, SLICE(bytes, HOARD));
    hoarders_free(hoarders);
    opened_release(&opened);
    free(bytes);
}

static void scratch_space_comes_back_when_chunks_are_dropped(void **state)
{
    struct store *store = store_of(state);
    enum { SIZE = 16 * CHUNK };
    struct draft draft;
    struct stat first, last;
    uint8_t *bytes = bytes_of_seed(1, SIZE);
    draft_init(&draft, store, NULL);
    for (unsigned round = 0; round < 20; round++) {
        assert_success(draft_truncate(&draft, 0));
        for (size_t at = 0; at < SIZE; at += CHUNK / 2)
            assert_success(draft_write(&draft, at, SLICE(bytes + at, CHUNK / 2), false));
        assert_int_equal(fstat(draft.chunks.scratch, round == 0 ? &first : &last), 0);
    }
    assert_true(first.st_blocks > 0 && last.st_blocks <= 2 * first.st_blocks);
    draft_release(&draft);
    free(bytes);
}

/* ---- failures ---- */

/* Fills what a draft may keep in memory, so that the next partial writes go to its scratch file. */
static void use_up_heap(struct opened *opened, const uint8_t *bytes)
{
    opened_write(opened, 0, SLICE(bytes, HEAP_CHUNKS_MAX * CHUNK));
}

/* A write of which no more than `limit` bytes of the scratch file can be written. */
static int write_on_a_full_disk(struct draft *draft, uint64_t offset, struct slice bytes, rlim_t limit)
{
    struct rlimit before, lowered;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    lowered = before;
    lowered.rlim_cur = limit;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &lowered), 0);
    int error = draft_write(draft, offset, bytes, false);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    return error;
}

static void what_could_not_be_written_does_not_come_back_when_the_draft_grows(void **state)
{
    struct store *store = store_of(state);
    enum { END = HEAP_CHUNKS_MAX * CHUNK };
    struct opened opened;
    uint8_t *bytes = bytes_of_seed(1, END + CHUNK);
    file_create(store, "f");
    opened_init(&opened, store, "f", 7);
    use_up_heap(&opened, bytes);
    opened_write(&opened, END, SLICE(bytes + END, 100));
    assert_error(write_on_a_full_disk(&opened.draft, END + 100, SLICE(bytes + END + 100, 5000), 3000), ERR_FBIG);
    assert_int_equal(opened.draft.size, END + 100);
    assert_success(draft_truncate(&opened.draft, END + CHUNK));
    memset(bytes + END + 100, 0, CHUNK - 100);
    assert_opened(&opened, SLICE(bytes, END + CHUNK));
    assert_commit(&opened, COMMIT_DONE);
    assert_file(store, "f", SLICE(bytes, END + CHUNK));
    opened_release(&opened);
    free(bytes);
}

static void a_draft_commits_after_a_write_far_behind_its_end_had_failed(void **state)
{
    struct store *store = store_of(state);
    enum { SIZE = 100000 }; /* one chunk, which is the root of its tree */
    struct opened opened;
    uint8_t *bytes = bytes_of_seed(1, SIZE);
    file_put(store, "f", SLICE(bytes, SIZE));
    struct draft *hoarders = hoarders_new(store);
    opened_init(&opened, store, "f", 7);
    assert_error(write_on_a_full_disk(&opened.draft, 20 * CHUNK, SLICE(bytes, 100), 0), ERR_FBIG);
    assert_success(draft_truncate(&opened.draft, SIZE - 1));
    assert_commit(&opened, COMMIT_DONE);
    assert_file(store, "f", SLICE(bytes, SIZE - 1));
    opened_release(&opened);
    hoarders_free(hoarders);
    free(bytes);
}

static void a_truncation_that_fails_cuts_nothing(void **state)
{
    struct store *store = store_of(state);
    enum { SIZE = (HEAP_CHUNKS_MAX + 4) * CHUNK, STORED = HEAP_CHUNKS_MAX * CHUNK };
    struct opened opened;
    uint8_t *bytes = bytes_of_seed(1, SIZE), *got = malloc(SIZE);
    size_t size;
    assert_non_null(got);
    file_create(store, "f");
    opened_init(&opened, store, "f", 7);
    opened_write(&opened, 0, SLICE(bytes, SIZE));
    /* The second of the chunks that were stored at once is lost. */
    assert_success(blob_delete_range(store->blobs, opened.draft.chunks.intents.ranges[0].first + 1, 1));
    assert_error(draft_truncate(&opened.draft, STORED + CHUNK + 10), ERR_DAMAGED);
    assert_int_equal(opened.draft.size, SIZE);
    assert_success(draft_read(&opened.draft, STORED + 2 * CHUNK, got, 2 * CHUNK, &size));
    assert_int_equal(size, 2 * CHUNK);
    assert_memory_equal(got, bytes + STORED + 2 * CHUNK, size);
    opened_release(&opened);
    free(bytes);
    free(got);
}

struct saved {
    uint64_t id;
    struct buffer bytes;
};

static int save(void *context, struct slice bytes)
{
    buffer_append(context, bytes);
    return 0;
}

static void lose_blob(struct store *store, uint64_t id, struct saved *ret_saved)
{
    *ret_saved = (struct saved){.id = id};
    assert_success(blob_get(store->blobs, id, save, &ret_saved->bytes));
    assert_success(blob_delete_range(store->blobs, id, 1));
}

static void restore_blob(struct store *store, struct saved *saved)
{
    assert_success(blob_put(store->blobs, saved->id, buffer_slice(&saved->bytes)));
    buffer_release(&saved->bytes);
}

static void a_damaged_file_can_be_written_anew(void **state)
{
    struct store *store = store_of(state);
    enum { SIZE = 3 * MIB };
    struct opened opened;
    struct saved saved;
    uint8_t *bytes = bytes_of_seed(1, SIZE);
    file_put(store, "f", SLICE(bytes, SIZE));
    lose_blob(store, file_head(store, "f").content.root.id, &saved);
    opened_init(&opened, store, "f", 7);
    assert_success(draft_truncate(&opened.draft, 0));
    bytes[0] ^= 1;
    opened_write(&opened, 0, SLICE(bytes, SIZE));
    assert_commit(&opened, COMMIT_DONE);
    assert_file(store, "f", SLICE(bytes, SIZE));
    opened_release(&opened);
    restore_blob(store, &saved);
    free(bytes);
}

static void a_damaged_file_is_not_committed_in_part(void **state)
{
    struct store *store = store_of(state);
    enum { SIZE = 3 * MIB };
    struct opened opened;
    struct saved saved;
    struct commit_result result;
    uint8_t *bytes = bytes_of_seed(1, SIZE);
    file_put(store, "f", SLICE(bytes, SIZE));
    lose_blob(store, file_head(store, "f").content.root.id, &saved);
    opened_init(&opened, store, "f", 7);
    opened_write(&opened, 0, SLICE(bytes + 1, CHUNK));
    assert_error(opened_commit(&opened, &result), ERR_DAMAGED);
    opened_release(&opened);
    restore_blob(store, &saved);
    assert_file(store, "f", SLICE(bytes, SIZE));
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OCC(what_all_drafts_keep_in_memory_is_bounded),
        WITH_OCC(scratch_space_comes_back_when_chunks_are_dropped),
        WITH_OCC(what_could_not_be_written_does_not_come_back_when_the_draft_grows),
        WITH_OCC(a_draft_commits_after_a_write_far_behind_its_end_had_failed),
        WITH_OCC(a_truncation_that_fails_cuts_nothing),
        WITH_OCC(a_damaged_file_can_be_written_anew),
        WITH_OCC(a_damaged_file_is_not_committed_in_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
