/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "kv_fixture.h"
#include "unit.h"

/* Writes what it sees as "key=value key! ;", a delete with a mark, a commit with a semicolon. */
static void write_down(void *context, const struct kv_operation *operations, size_t count)
{
    struct buffer *seen = context;
    for (size_t i = 0; i < count; i++) {
        buffer_append(seen, operations[i].key);
        buffer_append(seen, operations[i].put ? SLICE_STRING("=") : SLICE_STRING("!"));
        buffer_append(seen, operations[i].value);
        buffer_append_u8(seen, ' ');
    }
    buffer_append_u8(seen, ';');
}

static struct kv_watch *watch(struct kv *kv, const char *first, const char *end, struct buffer *seen)
{
    const struct kv_range range = {.first = SLICE_STRING(first), .end = SLICE_STRING(end)};
    struct kv_watch *watch;
    assert_success(kv_watch(kv, &range, write_down, seen, NULL, &watch));
    return watch;
}

static void assert_seen(struct buffer *seen, const char *text)
{
    assert_true(slice_equal(buffer_slice(seen), SLICE_STRING(text)));
    buffer_release(seen);
}

static void a_watch_shows_each_commit_from_its_beginning_to_its_end(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    struct buffer seen = {0};
    put_text(kv, "before", "1");
    struct kv_watch *all = watch(kv, "", "", &seen);
    put_text(kv, "a", "1");
    struct kv_batch *batch = batch_new();
    batch_put_text(batch, "b", "2");
    batch_delete_text(batch, "a");
    batch_put_text(batch, "b", "3");
    assert_int_equal(commit(kv, batch), KV_DONE);
    kv_watch_cancel(kv, all);
    put_text(kv, "after", "1");
    assert_seen(&seen, "a=1 ;b=2 a! b=3 ;");
}

static void a_watch_shows_its_range_only(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    struct buffer seen = {0};
    struct kv_watch *some = watch(kv, "b", "c", &seen);
    struct kv_batch *batch = batch_new();
    batch_put_text(batch, "a", "1");
    batch_put_text(batch, "b", "1");
    batch_put_text(batch, "bz", "1");
    batch_put_text(batch, "c", "1");
    assert_int_equal(commit(kv, batch), KV_DONE);
    put_text(kv, "a", "2"); /* no call at all */
    kv_watch_cancel(kv, some);
    assert_seen(&seen, "b=1 bz=1 ;");
}

static void what_did_not_happen_is_not_shown(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    struct buffer seen = {0};
    struct kv_watch *all = watch(kv, "", "", &seen);
    struct kv_batch *batch = batch_new();
    batch_expect_text(batch, "a", "1");
    batch_put_text(batch, "a", "2");
    assert_int_equal(commit(kv, batch), KV_CONDITION_FALSE);
    kv_watch_cancel(kv, all);
    assert_seen(&seen, "");
}

static void watches_come_and_go_independently(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    struct buffer one_seen = {0}, two_seen = {0}, three_seen = {0};
    struct kv_watch *one = watch(kv, "", "", &one_seen);
    struct kv_watch *two = watch(kv, "", "", &two_seen);
    struct kv_watch *three = watch(kv, "b", "", &three_seen);
    put_text(kv, "a", "1");
    kv_watch_cancel(kv, two);
    put_text(kv, "b", "1");
    kv_watch_cancel(kv, one);
    kv_watch_cancel(kv, NULL);
    put_text(kv, "c", "1");
    kv_watch_cancel(kv, three);
    assert_seen(&one_seen, "a=1 ;b=1 ;");
    assert_seen(&two_seen, "a=1 ;");
    assert_seen(&three_seen, "b=1 ;c=1 ;");
}

struct reading {
    struct kv *kv;
    int error;
    bool visible;
};

static void read_back(void *context, const struct kv_operation *operations, size_t count)
{
    struct reading *reading = context;
    struct buffer value = {0};
    (void)count;
    reading->error = kv_get(reading->kv, NULL, operations[0].key, &value);
    reading->visible = slice_equal(buffer_slice(&value), operations[0].value);
    buffer_release(&value);
}

static void a_visitor_reads_what_it_is_shown(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    struct reading reading = {.kv = kv, .error = ERR_INVAL};
    struct kv_watch *watch;
    assert_success(kv_watch(kv, &(struct kv_range){0}, read_back, &reading, NULL, &watch));
    put_text(kv, "key", "value");
    kv_watch_cancel(kv, watch);
    assert_success(reading.error);
    assert_true(reading.visible);
}

/* ---- many committers ---- */

enum { COMMITTERS = 3, COMMITS = 200, KEYS = 4 };

struct committer {
    struct kv *kv;
    uint32_t name;
    int error;
};

/* Each commit writes one of a few keys, which the others write as well, without a condition: what is there in the end
 * tells which came last. */
static void *commit_many(void *argument)
{
    struct committer *committer = argument;
    struct kv_batch *batch = kv_batch_new();
    for (uint32_t i = 0; i < COMMITS && !committer->error; i++) {
        const uint8_t key = 'a' + (i + committer->name) % KEYS;
        const uint32_t value[] = {committer->name, i};
        enum kv_outcome outcome;
        kv_batch_clear(batch);
        kv_batch_put(batch, SLICE(&key, 1), SLICE(value, sizeof value));
        committer->error = kv_commit(committer->kv, batch, false, &outcome);
    }
    kv_batch_free(batch);
    return NULL;
}

struct replica {
    uint32_t values[KEYS][2];
    uint32_t next[COMMITTERS]; /* what each committer's next commit must be, counted from the first that was shown */
    bool begun[COMMITTERS];
    bool gap;
    atomic_int callers; /* how many threads are in the visitor now */
    atomic_bool met;
};

static void follow(void *context, const struct kv_operation *operations, size_t count)
{
    struct replica *replica = context;
    if (atomic_fetch_add(&replica->callers, 1) > 0) replica->met = true;
    sched_yield(); /* others who may come in do */
    for (size_t i = 0; i < count; i++) {
        uint32_t value[2];
        memcpy(value, operations[i].value.data, sizeof value);
        uint32_t name = value[0];
        replica->gap |= replica->begun[name] && value[1] != replica->next[name];
        replica->begun[name] = true;
        replica->next[name] = value[1] + 1;
        memcpy(replica->values[*(const uint8_t *)operations[i].key.data - 'a'], value, sizeof value);
    }
    atomic_fetch_sub(&replica->callers, 1);
}

static int load(void *context, struct slice key, struct slice value)
{
    struct replica *replica = context;
    memcpy(replica->values[*(const uint8_t *)key.data - 'a'], value.data, value.size);
    return 0;
}

/* A copy made of the snapshot, and kept up with what the watch shows, is what the engine holds in the end. */
static void a_snapshot_and_what_is_shown_from_then_on_are_the_whole(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    struct committer committers[COMMITTERS];
    pthread_t threads[COMMITTERS];
    static struct replica shown, copy, expected;
    struct kv_snapshot *snapshot;
    struct kv_watch *watch;
    memset(&shown, 0, sizeof shown);
    memset(shown.values, 0xff, sizeof shown.values);
    for (uint32_t i = 0; i < COMMITTERS; i++) {
        committers[i] = (struct committer){.kv = kv, .name = i};
        assert_int_equal(pthread_create(&threads[i], NULL, commit_many, &committers[i]), 0);
    }
    assert_success(kv_watch(kv, &(struct kv_range){0}, follow, &shown, &snapshot, &watch));
    for (uint32_t i = 0; i < COMMITTERS; i++) {
        pthread_join(threads[i], NULL);
        assert_success(committers[i].error);
    }
    kv_watch_cancel(kv, watch);
    memset(&copy, 0xff, sizeof copy);
    memset(&expected, 0xff, sizeof expected);
    assert_success(kv_scan(kv, snapshot, &(struct kv_range){0}, load, &copy));
    kv_snapshot_free(kv, snapshot);
    assert_success(kv_scan(kv, NULL, &(struct kv_range){0}, load, &expected));
    for (int key = 0; key < KEYS; key++)
        if (shown.values[key][0] != UINT32_MAX) memcpy(copy.values[key], shown.values[key], sizeof copy.values[key]);
    assert_memory_equal(copy.values, expected.values, sizeof copy.values);
    assert_false(shown.gap);
    assert_false(shown.met);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        WITH_ENGINES(a_watch_shows_each_commit_from_its_beginning_to_its_end),
        WITH_ENGINES(a_watch_shows_its_range_only),
        WITH_ENGINES(what_did_not_happen_is_not_shown),
        WITH_ENGINES(watches_come_and_go_independently),
        WITH_ENGINES(a_visitor_reads_what_it_is_shown),
        WITH_ENGINES(a_snapshot_and_what_is_shown_from_then_on_are_the_whole),
    };
    return RUN_ON_STACK(argc, argv, tests);
}
