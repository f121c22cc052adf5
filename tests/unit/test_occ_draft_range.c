/* SPDX-License-Identifier: Apache-2.0 */

/* Ranges of drafts: fallocate, holes, copies that share chunks. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draft_copy.h"
#include "draft_range.h"
#include "random_numbers.h"
#include "store_fixture.h"
#include "unit.h"

static int setup(void **state)
{
    if (store_fixture_setup(state)) return -1;
    struct store_fixture *fixture = *state;
    return draft_chunks_set_directory(fixture->directory);
}

#define WITH_DRAFTS(test) cmocka_unit_test_setup_teardown(test, setup, store_fixture_teardown)

/* Gives the draft's content to a version of its own, as a commit does. */
static struct version commit(struct draft *draft)
{
    static uint64_t lineage = 1000;
    struct version version = {.id = {.lineage = ++lineage, .ordinal = 1, .nonce = 1}};
    struct sealed sealed;
    struct transaction tx;
    transaction_init(&tx, draft->store);
    draft_lock(draft);
    assert_success(draft_seal_locked(draft, &sealed));
    version.content = sealed.content;
    version_put(&tx, &version);
    if (sealed.content.kind == CONTENT_INLINE) body_put(&tx, &version.id, false, buffer_slice(&sealed.body));
    draft_fulfil_locked(draft, &tx);
    assert_success(transaction_commit(&tx, false));
    draft_rebase_locked(draft, &version, true);
    draft_unlock(draft);
    sealed_release(&sealed);
    transaction_release(&tx);
    return version;
}

static void fill(struct draft *draft, uint64_t offset, size_t size, uint8_t byte)
{
    uint8_t *bytes = malloc(size);
    memset(bytes, byte, size);
    assert_success(draft_write(draft, offset, SLICE(bytes, size), false));
    free(bytes);
}

static uint8_t byte_at(struct draft *draft, uint64_t offset)
{
    uint8_t byte;
    size_t got;
    assert_success(draft_read(draft, offset, &byte, 1, &got));
    assert_int_equal(got, 1);
    return byte;
}

static uint64_t seek(struct draft *draft, uint64_t offset, bool hole)
{
    uint64_t found;
    assert_success(draft_seek(draft, offset, hole, &found));
    return found;
}

static uint64_t copy(struct draft *draft, uint64_t to, struct draft *source, uint64_t from, uint64_t size)
{
    const struct copy_source copy_source = {.draft = source};
    uint64_t copied;
    assert_success(draft_copy(draft, to, &copy_source, from, size, &copied));
    return copied;
}

static int count_id(void *context, uint64_t id)
{
    (void)id;
    ++*(size_t *)context;
    return 0;
}

static size_t blobs_in(struct store *store)
{
    size_t count = 0;
    assert_success(blob_list(store->blobs, 0, count_id, &count));
    return count;
}

enum { C = CHUNK_SIZE };

static void holes_of_a_version_and_of_a_draft_are_found(void **state)
{
    struct store_fixture *fixture = *state;
    struct draft draft;
    uint64_t found;
    draft_init(&draft, fixture->store, NULL);
    assert_error(draft_seek(&draft, 0, false, &found), ERR_NXIO);
    assert_error(draft_seek(&draft, 0, true, &found), ERR_NXIO);
    fill(&draft, 2 * C + 5, 10, 'x');
    assert_success(draft_truncate(&draft, (1ULL << 62) + 7));
    for (int committed = 0; committed < 2; committed++) {
        assert_int_equal(seek(&draft, 0, true), 0);
        assert_int_equal(seek(&draft, 0, false), 2 * C);
        assert_int_equal(seek(&draft, 2 * C + 9, false), 2 * C + 9);
        assert_int_equal(seek(&draft, 2 * C + 9, true), 3 * C);
        assert_error(draft_seek(&draft, 3 * C, false, &found), ERR_NXIO);
        assert_int_equal(seek(&draft, 3 * C, true), 3 * C);
        assert_error(draft_seek(&draft, (1ULL << 62) + 7, true, &found), ERR_NXIO);
        commit(&draft);
    }
    fill(&draft, 1ULL << 61, 1, 'y');
    assert_int_equal(seek(&draft, 3 * C, false), 1ULL << 61);
    assert_success(draft_zero(&draft, 2 * C, C, false));
    assert_int_equal(seek(&draft, 0, false), 1ULL << 61);
    draft_release(&draft);
}

static void a_small_content_is_one_piece_of_data(void **state)
{
    struct store_fixture *fixture = *state;
    struct draft draft;
    draft_init(&draft, fixture->store, NULL);
    fill(&draft, 10, 10, 'x');
    commit(&draft);
    assert_int_equal(seek(&draft, 3, false), 3);
    assert_int_equal(seek(&draft, 3, true), 20);
    draft_release(&draft);
}

static void zeros_hide_the_origin_and_take_no_space(void **state)
{
    struct store_fixture *fixture = *state;
    struct draft draft;
    draft_init(&draft, fixture->store, NULL);
    fill(&draft, 0, 20 * C, 'x');
    commit(&draft);
    assert_int_equal(draft.allocated, 20 * C);
    assert_success(draft_zero(&draft, C / 2, 10 * C, false));
    assert_int_equal(byte_at(&draft, C / 2 - 1), 'x');
    assert_int_equal(byte_at(&draft, C / 2), 0);
    assert_int_equal(byte_at(&draft, 5 * C), 0);
    assert_int_equal(byte_at(&draft, 10 * C + C / 2 - 1), 0);
    assert_int_equal(byte_at(&draft, 10 * C + C / 2), 'x');
    assert_int_equal(draft.size, 20 * C);
    assert_int_equal(draft.allocated, 11 * C);
    struct version version = commit(&draft);
    assert_int_equal(version.content.allocated, 10 * C + C / 2);
    assert_int_equal(byte_at(&draft, 5 * C), 0);

    /* All of it, then nothing is left. */
    assert_success(draft_zero(&draft, 0, 1ULL << 62, false));
    assert_int_equal(draft.allocated, 0);
    version = commit(&draft);
    assert_int_equal(version.content.kind, CONTENT_EMPTY);
    assert_int_equal(version.content.size, 20 * C);
    draft_release(&draft);
}

static void allocation_extends_and_reserves_nothing(void **state)
{
    struct store_fixture *fixture = *state;
    struct draft draft;
    draft_init(&draft, fixture->store, NULL);
    assert_success(draft_extend(&draft, 100, 100));
    assert_int_equal(draft.size, 200);
    assert_true(draft.changed);
    assert_int_equal(draft.allocated, 0);
    commit(&draft);
    assert_success(draft_extend(&draft, 0, 200));
    assert_false(draft.changed);
    assert_success(draft_zero(&draft, 150, 100, true));
    assert_int_equal(draft.size, 250);
    assert_error(draft_extend(&draft, INT64_MAX, 1), ERR_FBIG);
    assert_error(draft_zero(&draft, INT64_MAX, 1, true), ERR_FBIG);
    draft_release(&draft);
}

static void a_whole_content_is_shared_with_an_empty_draft(void **state)
{
    struct store_fixture *fixture = *state;
    struct draft source, draft;
    draft_init(&source, fixture->store, NULL);
    draft_init(&draft, fixture->store, NULL);
    for (uint64_t i = 0; i < 600; i++)
        fill(&source, i * C, C, (uint8_t)(i + 1));
    fill(&source, 600 * C, 77, 'e');
    struct version original = commit(&source);
    size_t blobs = blobs_in(fixture->store);

    /* In two parts, of which the first one ends where the kernel cuts it. */
    assert_int_equal(copy(&draft, 0, &source, 0, 300 * C + 4096), 300 * C);
    assert_int_equal(draft.size, 300 * C);
    assert_int_equal(copy(&draft, 300 * C, &source, 300 * C, 1ULL << 40), 300 * C + 77);
    assert_int_equal(draft_chunks_count(&draft.chunks), 0);
    struct version version = commit(&draft);
    assert_int_equal(version.content.root.id, original.content.root.id);
    assert_int_equal(version.content.allocated, original.content.allocated);
    assert_int_equal(blobs_in(fixture->store), blobs);
    assert_int_equal(byte_at(&draft, 599 * C), 600 % 256);

    /* The copy goes its own way. */
    fill(&draft, 5, 1, 'z');
    commit(&draft);
    assert_int_equal(byte_at(&source, 5), 1);
    assert_int_equal(byte_at(&draft, 5), 'z');
    draft_release(&draft);
    draft_release(&source);
}

static void dropped_and_rewritten_chunks_leave_the_source_whole(void **state)
{
    struct store_fixture *fixture = *state;
    struct draft source, draft;
    draft_init(&source, fixture->store, NULL);
    fill(&source, 0, 4 * C, 's');
    commit(&source);
    size_t blobs = blobs_in(fixture->store);
    for (int way = 0; way < 4; way++) {
        draft_init(&draft, fixture->store, NULL);
        fill(&draft, 0, 12 * C, 'd');
        assert_int_equal(copy(&draft, 6 * C, &source, C, 3 * C), 3 * C);
        assert_int_equal(byte_at(&draft, 7 * C), 's');
        if (way == 1) assert_success(draft_truncate(&draft, 6 * C + 1));
        if (way == 2) fill(&draft, 6 * C, 6 * C, 'n');
        if (way == 3) assert_success(draft_zero(&draft, 0, 12 * C, false));
        draft_release(&draft);
        assert_int_equal(blobs_in(fixture->store), blobs);
    }
    assert_int_equal(byte_at(&source, 2 * C), 's');
    draft_release(&source);
}

static void blobs_of_an_uncommitted_draft_are_not_shared(void **state)
{
    struct store_fixture *fixture = *state;
    struct draft source, draft;
    draft_init(&source, fixture->store, NULL);
    draft_init(&draft, fixture->store, NULL);
    fill(&source, 0, 20 * C, 's');
    assert_int_equal(copy(&draft, 0, &source, 0, 20 * C), 20 * C);
    draft_release(&source); /* its blobs go with it */
    assert_int_equal(byte_at(&draft, 19 * C), 's');
    commit(&draft);
    assert_int_equal(byte_at(&draft, 19 * C), 's');
    draft_release(&draft);
}

static void a_large_hole_is_copied_without_looking_at_it(void **state)
{
    struct store_fixture *fixture = *state;
    struct draft source, draft;
    draft_init(&source, fixture->store, NULL);
    draft_init(&draft, fixture->store, NULL);
    fill(&source, 1ULL << 61, 10, 's');
    fill(&draft, 1000, 10, 'd');
    assert_int_equal(copy(&draft, 500, &source, 0, 1ULL << 62), (1ULL << 61) + 10);
    assert_int_equal(byte_at(&draft, 1005), 0);
    assert_int_equal(byte_at(&draft, (1ULL << 61) + 505), 's');
    assert_int_equal(draft.size, (1ULL << 61) + 510);
    assert_int_equal(copy(&draft, 0, &source, 1ULL << 62, 1), 0);
    draft_release(&draft);
    draft_release(&source);
}

/* ---- at random, against bytes in memory ---- */

enum { MODEL_SIZE = 14 * C, STEPS = 1000, DRAFTS = 3 };

struct model {
    struct draft draft;
    uint8_t *bytes; /* MODEL_SIZE; zeros from size on */
    size_t size;
};

static void model_grow(struct model *model, size_t size)
{
    if (size > model->size) model->size = size;
}

static void check(struct model *model)
{
    static uint8_t bytes[MODEL_SIZE];
    size_t got;
    assert_int_equal(model->draft.size, model->size);
    assert_success(draft_read(&model->draft, 0, bytes, sizeof bytes, &got));
    assert_int_equal(got, model->size);
    assert_memory_equal(bytes, model->bytes, got);
    assert_true(model->draft.allocated <= model->size);
    /* Every hole is of zeros, and data and holes take turns up to the end. */
    for (uint64_t at = 0, data; at < model->size; at = seek(&model->draft, data, true)) {
        int error = draft_seek(&model->draft, at, false, &data);
        if (error) assert_error(error, ERR_NXIO);
        if (error) data = model->size;
        for (uint64_t i = at; i < data; i++)
            assert_int_equal(model->bytes[i], 0);
        if (error) break;
    }
}

static uint64_t random_below(struct random_numbers *numbers, uint64_t limit)
{
    return random_next(numbers) % limit;
}

/* An offset or size near to chunk boundaries, half of the time. */
static size_t place(struct random_numbers *numbers, size_t limit)
{
    size_t at = random_below(numbers, limit + 1);
    if (random_below(numbers, 2)) at -= at % C;
    return at;
}

static void step(struct model models[DRAFTS], struct random_numbers *numbers)
{
    struct model *model = &models[random_below(numbers, DRAFTS)], *other = &models[random_below(numbers, DRAFTS)];
    size_t at = place(numbers, MODEL_SIZE - 1), size = place(numbers, MODEL_SIZE - at);
    size_t inside = at < model->size ? (model->size - at < size ? model->size - at : size) : 0;
    switch (random_below(numbers, 7)) {
    case 0:
        memset(model->bytes + at, (int)random_below(numbers, 256), size);
        assert_success(draft_write(&model->draft, at, SLICE(model->bytes + at, size), false));
        if (size > 0) model_grow(model, at + size);
        break;
    case 1:
        assert_success(draft_truncate(&model->draft, at));
        if (at < model->size) memset(model->bytes + at, 0, model->size - at);
        model->size = at;
        break;
    case 2:
        assert_success(draft_extend(&model->draft, at, size));
        model_grow(model, at + size);
        break;
    case 3:
        assert_success(draft_zero(&model->draft, at, size, false));
        memset(model->bytes + at, 0, inside);
        break;
    case 4:
        assert_success(draft_zero(&model->draft, at, size, true));
        memset(model->bytes + at, 0, size);
        model_grow(model, at + size);
        break;
    case 5: {
        if (model == other) break;
        size_t from = random_below(numbers, 2) ? at : place(numbers, MODEL_SIZE - 1);
        size_t there = from < other->size ? other->size - from : 0;
        size_t copied = copy(&model->draft, at, &other->draft, from, size);
        assert_true(copied <= there && copied <= size && (copied > 0 || size == 0 || there == 0));
        memcpy(model->bytes + at, other->bytes + from, copied);
        if (copied > 0) model_grow(model, at + copied);
        break;
    }
    case 6:
        if (random_below(numbers, 3) == 0) commit(&model->draft);
        break;
    }
    check(model);
}

static void random_ranges_agree_with_bytes_in_memory(void **state)
{
    struct store_fixture *fixture = *state;
    struct model models[DRAFTS];
    struct random_numbers numbers = {.state = 1};
    for (int i = 0; i < DRAFTS; i++) {
        models[i] = (struct model){.bytes = calloc(1, MODEL_SIZE)};
        draft_init(&models[i].draft, fixture->store, NULL);
    }
    for (int i = 0; i < STEPS; i++)
        step(models, &numbers);
    for (int i = 0; i < DRAFTS; i++) {
        commit(&models[i].draft);
        check(&models[i]);
        draft_release(&models[i].draft);
        free(models[i].bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DRAFTS(holes_of_a_version_and_of_a_draft_are_found),
        WITH_DRAFTS(a_small_content_is_one_piece_of_data),
        WITH_DRAFTS(zeros_hide_the_origin_and_take_no_space),
        WITH_DRAFTS(allocation_extends_and_reserves_nothing),
        WITH_DRAFTS(a_whole_content_is_shared_with_an_empty_draft),
        WITH_DRAFTS(dropped_and_rewritten_chunks_leave_the_source_whole),
        WITH_DRAFTS(blobs_of_an_uncommitted_draft_are_not_shared),
        WITH_DRAFTS(a_large_hole_is_copied_without_looking_at_it),
        WITH_DRAFTS(random_ranges_agree_with_bytes_in_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
