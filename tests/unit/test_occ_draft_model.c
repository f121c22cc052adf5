/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A draft against plain bytes: random writes, appends, truncations, zeroed ranges, reads, commits and new openings, each
 * followed by the same in a model, and compared. The seed is printed; OCCFS_TEST_SEED=N repeats a run.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "content_same.h"
#include "draft_range.h"
#include "occ_fixture.h"
#include "random_numbers.h"

enum { STEPS = 400, KIB = 1024, MIB = 1024 * KIB };

/* Sizes up to 2^40 in little memory: bytes are written inside of windows alone, what lies between is a hole. They stand where
 * chunks, nodes of chunks and nodes of nodes meet; the first is larger than what a draft keeps in memory. */
static const struct {
    uint64_t start;
    size_t size;
} places[] = {
    {0, 2 * MIB + 512 * KIB},
    {32 * MIB - 256 * KIB, 512 * KIB},
    {8192ULL * MIB - 256 * KIB, 512 * KIB},
    {(1ULL << 40) - 512 * KIB, 512 * KIB},
};
enum { PLACES = sizeof places / sizeof places[0] };

struct model {
    uint64_t size;
    uint8_t *bytes[PLACES];
};

static void model_init(struct model *model)
{
    model->size = 0;
    for (size_t i = 0; i < PLACES; i++) {
        model->bytes[i] = calloc(1, places[i].size);
        assert_non_null(model->bytes[i]);
    }
}

static void model_release(struct model *model)
{
    for (size_t i = 0; i < PLACES; i++)
        free(model->bytes[i]);
}

static void model_copy(struct model *to, const struct model *from)
{
    to->size = from->size;
    for (size_t i = 0; i < PLACES; i++)
        memcpy(to->bytes[i], from->bytes[i], places[i].size);
}

static bool model_equal(const struct model *a, const struct model *b)
{
    for (size_t i = 0; i < PLACES; i++)
        if (memcmp(a->bytes[i], b->bytes[i], places[i].size) != 0) return false;
    return a->size == b->size;
}

static void model_write(struct model *model, size_t place, size_t offset, struct slice bytes)
{
    memcpy(model->bytes[place] + offset, bytes.data, bytes.size);
    uint64_t end = places[place].start + offset + bytes.size;
    if (end > model->size) model->size = end;
}

static void model_truncate(struct model *model, uint64_t size)
{
    for (size_t i = 0; i < PLACES; i++) {
        if (size >= places[i].start + places[i].size) continue;
        size_t keep = size > places[i].start ? (size_t)(size - places[i].start) : 0;
        memset(model->bytes[i] + keep, 0, places[i].size - keep);
    }
    model->size = size;
}

/* ---- a run ---- */

struct run {
    struct store *store;
    struct random_numbers numbers;
    struct opened opened;
    struct model draft, head;
    uint8_t *got; /* as large as the largest window */
};

static uint64_t below(struct run *run, uint64_t bound)
{
    return random_next(&run->numbers) % bound;
}

static size_t some_place(struct run *run)
{
    return below(run, 3) ? 0 : below(run, PLACES); /* mostly in an ordinary file */
}

/* A number from 0 to `bound`, often one beside which something changes. */
static size_t some_length(struct run *run, size_t bound)
{
    static const size_t edges[] = {1, 4096, CONTENT_INLINE_MAX, CHUNK_SIZE, 2 * CHUNK_SIZE, 9 * CHUNK_SIZE};
    size_t length = below(run, 2) ? (size_t)below(run, bound + 1) : edges[below(run, 6)] - 1 + below(run, 3);
    return length > bound ? bound : length;
}

static size_t some_offset(struct run *run, size_t place)
{
    size_t offset = some_length(run, places[place].size);
    return below(run, 4) ? offset : offset / CHUNK_SIZE * CHUNK_SIZE;
}

static void write_something(struct run *run)
{
    size_t place = some_place(run), offset = some_offset(run, place);
    size_t size = some_length(run, places[place].size - offset);
    if (below(run, 4) && size > 70000) size %= 70000;
    if (size == 0) return;
    uint8_t *bytes = bytes_of_seed(random_next(&run->numbers) % 3, size); /* often what stands there already */
    if (below(run, 8) == 0) memset(bytes, 0, size);
    opened_write(&run->opened, places[place].start + offset, SLICE(bytes, size));
    model_write(&run->draft, place, offset, SLICE(bytes, size));
    free(bytes);
}

/* Where the end is inside of a window. */
static void append_something(struct run *run)
{
    for (size_t place = 0; place < PLACES; place++) {
        uint64_t start = places[place].start;
        if (run->draft.size < start || run->draft.size >= start + places[place].size) continue;
        size_t offset = (size_t)(run->draft.size - start);
        size_t size = 1 + some_length(run, places[place].size - offset - 1);
        uint8_t *bytes = bytes_of_seed(random_next(&run->numbers), size);
        opened_append(&run->opened, SLICE(bytes, size));
        model_write(&run->draft, place, offset, SLICE(bytes, size));
        free(bytes);
    }
}

static void truncate_somewhere(struct run *run)
{
    size_t place = some_place(run);
    uint64_t size = places[place].start + some_offset(run, place);
    if (below(run, 10) == 0) size = 0;
    if (below(run, 10) == 0) size = run->draft.size;
    assert_success(draft_truncate(&run->opened.draft, size));
    model_truncate(&run->draft, size);
}

static void zero_somewhere(struct run *run)
{
    size_t place = some_place(run), offset = some_offset(run, place);
    size_t size = some_length(run, places[place].size - offset);
    bool extend = below(run, 2);
    assert_success(draft_zero(&run->opened.draft, places[place].start + offset, size, extend));
    memset(run->draft.bytes[place] + offset, 0, size);
    if (extend && places[place].start + offset + size > run->draft.size)
        run->draft.size = places[place].start + offset + size;
}

static void assert_window(struct run *run, size_t place)
{
    uint64_t start = places[place].start;
    size_t expected = 0, size = SIZE_MAX;
    if (run->draft.size > start)
        expected =
            run->draft.size - start < places[place].size ? (size_t)(run->draft.size - start) : places[place].size;
    assert_success(draft_read(&run->opened.draft, start, run->got, places[place].size, &size));
    assert_int_equal(size, expected);
    assert_true(slice_equal(SLICE(run->got, size), SLICE(run->draft.bytes[place], expected)));
}

static void read_something(struct run *run)
{
    size_t place = some_place(run), offset = some_offset(run, place);
    size_t size = some_length(run, places[place].size - offset), got;
    uint64_t at = places[place].start + offset;
    assert_success(draft_read(&run->opened.draft, at, run->got, size, &got));
    uint64_t expected = at >= run->draft.size ? 0 : run->draft.size - at;
    if (expected > size) expected = size;
    assert_int_equal(got, expected);
    assert_true(slice_equal(SLICE(run->got, got), SLICE(run->draft.bytes[place] + offset, got)));

    /* Between two windows there is nothing. */
    uint64_t hole = places[0].size + below(run, places[PLACES - 1].start - places[0].size);
    for (size_t i = 1; i < PLACES; i++)
        if (hole + 100 > places[i].start && hole < places[i].start + places[i].size) return;
    assert_success(draft_read(&run->opened.draft, hole, run->got, 100, &got));
    for (size_t i = 0; i < got; i++)
        assert_int_equal(run->got[i], 0);
}

/* ---- what is committed ---- */

static void assert_head(struct run *run)
{
    struct version head = file_head(run->store, "f");
    struct content_reader reader;
    assert_int_equal(head.content.size, run->head.size);
    content_reader_init(&reader, run->store, &head.id, false, &head.content);
    for (size_t i = 0; i < PLACES; i++) {
        assert_success(content_read(&reader, places[i].start, run->got, places[i].size));
        assert_memory_equal(run->got, run->head.bytes[i], places[i].size);
    }
    content_reader_release(&reader);
    assert_int_equal(head.content.allocated == 0, head.content.kind == CONTENT_EMPTY);
    assert_true(head.content.allocated <= head.content.size);
}

static void reopen(struct run *run)
{
    opened_release(&run->opened);
    opened_init(&run->opened, run->store, "f", 7);
    model_copy(&run->draft, &run->head);
}

static void commit(struct run *run)
{
    struct version before = file_head(run->store, "f");
    bool same = model_equal(&run->draft, &run->head), was_changed = run->opened.draft.changed;
    assert_commit(&run->opened, same ? COMMIT_UNCHANGED : COMMIT_DONE);
    if (!same) assert_true(was_changed);
    model_copy(&run->head, &run->draft);
    assert_head(run);
    for (size_t i = 0; i < PLACES; i++)
        assert_window(run, i);

    struct version after = file_head(run->store, "f");
    bool equal;
    assert_success(content_same(run->store, &before, &after, &equal));
    assert_int_equal(equal, same);
    assert_int_equal(after.id.ordinal, before.id.ordinal + !same);
    if (below(run, 2)) reopen(run);
    if (!run->opened.draft.changed) assert_no_stray_blobs(run->store);
}

/* A seal changes nothing that the writer sees, however often it is done. */
static void seal(struct run *run)
{
    struct sealed sealed;
    draft_lock(&run->opened.draft);
    int error = draft_seal_locked(&run->opened.draft, &sealed);
    draft_unlock(&run->opened.draft);
    assert_success(error);
    assert_int_equal(sealed.content.size, run->draft.size);
    sealed_release(&sealed);
}

static void step(struct run *run)
{
    uint64_t dice = below(run, 100);
    if (dice < 45) write_something(run);
    else if (dice < 55) append_something(run);
    else if (dice < 63) truncate_somewhere(run);
    else if (dice < 67) zero_somewhere(run);
    else if (dice < 85) read_something(run);
    else if (dice < 90) seal(run);
    else if (dice < 98) commit(run);
    else reopen(run); /* what was not committed is gone */
    assert_int_equal(run->opened.draft.size, run->draft.size);
    assert_true(run->opened.draft.chunks.heap_chunks <= HEAP_CHUNKS_MAX);
}

static uint64_t choose_seed(void)
{
    const char *given = getenv("OCCFS_TEST_SEED");
    uint64_t seed = 1;
    if (given) seed = strtoull(given, NULL, 0);
    else if (getrandom(&seed, sizeof seed, 0) != sizeof seed) seed = 2;
    print_message("OCCFS_TEST_SEED=%" PRIu64 "\n", seed);
    return seed;
}

static void a_draft_is_what_was_written_to_it(void **state)
{
    struct occ_fixture *fixture = *state;
    struct run run = {.store = fixture->store, .numbers = {choose_seed()}, .got = malloc(places[0].size)};
    assert_non_null(run.got);
    model_init(&run.draft);
    model_init(&run.head);
    file_create(run.store, "f");
    opened_init(&run.opened, run.store, "f", 7);
    for (unsigned i = 0; i < STEPS; i++)
        step(&run);
    commit(&run);
    opened_release(&run.opened);
    model_release(&run.draft);
    model_release(&run.head);
    free(run.got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OCC(a_draft_is_what_was_written_to_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
