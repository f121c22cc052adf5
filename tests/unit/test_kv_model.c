/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "kv_fixture.h"
#include "random_numbers.h"
#include "unit.h"

/* The engine against a model that is too simple to be wrong: a table of all keys that there may be. */

enum { KEYS = 3 + 9 + 27, SNAPSHOTS = 3, STEPS = 3000 };

struct model {
    uint32_t values[KEYS]; /* 0: absent */
};

/* All keys of one to three bytes out of these, so that keys are prefixes of each other; in order. */
static const uint8_t alphabet[] = {0x00, 'm', 0xff};
static uint8_t key_bytes[KEYS][3];
static struct slice keys[KEYS];

static int compare_keys(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

static void make_keys(void)
{
    for (unsigned i = 0; i < KEYS; i++) {
        size_t size = i < 3 ? 1 : i < 12 ? 2 : 3;
        unsigned rest = i < 3 ? i : i < 12 ? i - 3 : i - 12;
        for (size_t at = 0; at < size; at++, rest /= 3)
            key_bytes[i][at] = alphabet[rest % 3];
        keys[i] = SLICE(key_bytes[i], size);
    }
    qsort(keys, KEYS, sizeof keys[0], compare_keys);
}

struct world {
    struct kv *kv;
    struct random_numbers numbers;
    struct model newest;
    struct kv_snapshot *snapshots[SNAPSHOTS]; /* NULL: none */
    struct model snapshot_models[SNAPSHOTS];
    uint32_t last_value;
};

static unsigned any(struct world *world, unsigned below)
{
    return (unsigned)(random_next(&world->numbers) % below);
}

static void commit_something(struct world *world)
{
    struct kv_batch *batch = batch_new();
    struct model next = world->newest;
    bool holds = true;
    for (unsigned i = any(world, 3); i > 0; i--) {
        unsigned key = any(world, KEYS);
        uint32_t value = world->newest.values[key], other = UINT32_MAX;
        bool right = any(world, 4) > 0;
        holds &= right;
        if (value == 0 ? right : !right && any(world, 2)) kv_batch_expect_absent(batch, keys[key]);
        else kv_batch_expect(batch, keys[key], SLICE(right ? &value : &other, sizeof value));
    }
    uint32_t value = ++world->last_value;
    unsigned first = any(world, KEYS);
    kv_batch_put(batch, keys[first], SLICE(&value, sizeof value));
    next.values[first] = value;
    for (unsigned i = any(world, 6); i > 0; i--) {
        unsigned key = any(world, KEYS);
        if (any(world, 2)) {
            kv_batch_put(batch, keys[key], SLICE(&value, sizeof value));
            next.values[key] = value;
        } else {
            kv_batch_delete(batch, keys[key]);
            next.values[key] = 0;
        }
    }
    assert_int_equal(commit(world->kv, batch), holds ? KV_DONE : KV_CONDITION_FALSE);
    if (holds) world->newest = next;
}

static void change_a_snapshot(struct world *world)
{
    unsigned which = any(world, SNAPSHOTS);
    kv_snapshot_free(world->kv, world->snapshots[which]);
    world->snapshots[which] = NULL;
    if (any(world, 3) == 0) return;
    assert_success(kv_snapshot(world->kv, &world->snapshots[which]));
    world->snapshot_models[which] = world->newest;
}

static void get_something(struct world *world, const struct kv_snapshot *snapshot, const struct model *model)
{
    struct buffer got = {0};
    unsigned key = any(world, KEYS);
    uint32_t value = model->values[key];
    assert_error(kv_get(world->kv, snapshot, keys[key], &got), value ? 0 : ERR_NOT_FOUND);
    if (value) assert_true(slice_equal(buffer_slice(&got), SLICE(&value, sizeof value)));
    buffer_release(&got);
}

static int append_record(void *context, struct slice key, struct slice value)
{
    buffer_append_blob(context, key);
    buffer_append(context, value);
    return 0;
}

static bool is_in(struct slice key, const struct kv_range *range)
{
    return slice_compare(key, range->first) >= 0 && (range->end.size == 0 || slice_compare(key, range->end) < 0);
}

static void scan_something(struct world *world, const struct kv_snapshot *snapshot, const struct model *model)
{
    const struct kv_range range = {
        .first = any(world, 4) ? keys[any(world, KEYS)] : SLICE(NULL, 0),
        .end = any(world, 4) ? keys[any(world, KEYS)] : SLICE(NULL, 0),
        .reverse = any(world, 2),
        .limit = any(world, 2) ? any(world, 10) : 0,
    };
    struct buffer expected = {0}, got = {0};
    size_t taken = 0;
    for (unsigned i = 0; i < KEYS && (range.limit == 0 || taken < range.limit); i++) {
        unsigned key = range.reverse ? KEYS - 1 - i : i;
        if (model->values[key] == 0 || !is_in(keys[key], &range)) continue;
        append_record(&expected, keys[key], SLICE(&model->values[key], sizeof model->values[key]));
        taken++;
    }
    assert_success(kv_scan(world->kv, snapshot, &range, append_record, &got));
    assert_true(slice_equal(buffer_slice(&got), buffer_slice(&expected)));
    buffer_release(&expected);
    buffer_release(&got);
}

static void read_something(struct world *world)
{
    unsigned which = any(world, SNAPSHOTS + 1);
    bool newest = which == SNAPSHOTS || !world->snapshots[which];
    const struct kv_snapshot *snapshot = newest ? NULL : world->snapshots[which];
    const struct model *model = newest ? &world->newest : &world->snapshot_models[which];
    if (any(world, 2)) get_something(world, snapshot, model);
    else scan_something(world, snapshot, model);
}

static void random_calls_answer_as_a_table_would(void **state)
{
    struct kv_fixture *fixture = *state;
    static struct world world;
    world = (struct world){.kv = fixture->kv, .numbers = {.state = 1}};
    make_keys();
    for (int step = 0; step < STEPS; step++) {
        unsigned kind = any(&world, 10);
        if (kind < 3) commit_something(&world);
        else if (kind < 4) change_a_snapshot(&world);
        else read_something(&world);
    }
    for (int i = 0; i < SNAPSHOTS; i++)
        kv_snapshot_free(world.kv, world.snapshots[i]);
    kv_fixture_reopen(fixture);
    world.kv = fixture->kv;
    for (int i = 0; i < 100; i++)
        scan_something(&world, NULL, &world.newest);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        WITH_ENGINES(random_calls_answer_as_a_table_would),
    };
    return RUN_ON_STACK(argc, argv, tests);
}
