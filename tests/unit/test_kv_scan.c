/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "kv_fixture.h"
#include "unit.h"

#define RANGE(...) (&(struct kv_range){__VA_ARGS__})
#define TEXT(text) SLICE_STRING(text)

static struct kv *with_letters(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    struct kv_batch *batch = batch_new();
    batch_put_text(batch, "d", "4");
    batch_put_text(batch, "b", "2");
    batch_put_text(batch, "a", "1");
    batch_put_text(batch, "c", "3");
    batch_put_text(batch, "bb", "22");
    assert_int_equal(commit(kv, batch), KV_DONE);
    return kv;
}

static void a_scan_shows_the_keys_in_their_order(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    assert_scan(kv, NULL, RANGE(0), "");
    assert_scan(kv, NULL, RANGE(.reverse = true), "");
    with_letters(state);
    assert_scan(kv, NULL, RANGE(0), "a=1 b=2 bb=22 c=3 d=4");
    assert_scan(kv, NULL, RANGE(.reverse = true), "d=4 c=3 bb=22 b=2 a=1");
}

static void a_scan_shows_the_first_but_not_the_end(void **state)
{
    struct kv *kv = with_letters(state);
    assert_scan(kv, NULL, RANGE(.first = TEXT("b"), .end = TEXT("c")), "b=2 bb=22");
    assert_scan(kv, NULL, RANGE(.first = TEXT("b"), .end = TEXT("c"), .reverse = true), "bb=22 b=2");
    assert_scan(kv, NULL, RANGE(.first = TEXT("ba"), .end = TEXT("ca")), "bb=22 c=3");
    assert_scan(kv, NULL, RANGE(.first = TEXT("ba"), .end = TEXT("ca"), .reverse = true), "c=3 bb=22");
    assert_scan(kv, NULL, RANGE(.first = TEXT("c")), "c=3 d=4");
    assert_scan(kv, NULL, RANGE(.first = TEXT("c"), .reverse = true), "d=4 c=3");
    assert_scan(kv, NULL, RANGE(.end = TEXT("bb")), "a=1 b=2");
    assert_scan(kv, NULL, RANGE(.end = TEXT("bb"), .reverse = true), "b=2 a=1");
    assert_scan(kv, NULL, RANGE(.end = TEXT("z"), .reverse = true, .limit = 1), "d=4");
}

static void an_empty_range_shows_nothing(void **state)
{
    struct kv *kv = with_letters(state);
    assert_scan(kv, NULL, RANGE(.first = TEXT("bc"), .end = TEXT("bd")), "");
    assert_scan(kv, NULL, RANGE(.first = TEXT("bc"), .end = TEXT("bd"), .reverse = true), "");
    assert_scan(kv, NULL, RANGE(.first = TEXT("b"), .end = TEXT("b")), "");
    assert_scan(kv, NULL, RANGE(.first = TEXT("e")), "");
    assert_scan(kv, NULL, RANGE(.first = TEXT("e"), .reverse = true), "");
    assert_scan(kv, NULL, RANGE(.end = TEXT("a")), "");
    assert_scan(kv, NULL, RANGE(.end = TEXT("a"), .reverse = true), "");
}

static void a_limit_ends_a_scan(void **state)
{
    struct kv *kv = with_letters(state);
    assert_scan(kv, NULL, RANGE(.limit = 2), "a=1 b=2");
    assert_scan(kv, NULL, RANGE(.limit = 2, .reverse = true), "d=4 c=3");
    assert_scan(kv, NULL, RANGE(.first = TEXT("b"), .end = TEXT("d"), .limit = 1), "b=2");
    assert_scan(kv, NULL, RANGE(.first = TEXT("b"), .end = TEXT("d"), .limit = 1, .reverse = true), "c=3");
    assert_scan(kv, NULL, RANGE(.limit = 5), "a=1 b=2 bb=22 c=3 d=4");
    assert_scan(kv, NULL, RANGE(.limit = 6), "a=1 b=2 bb=22 c=3 d=4");
}

static void keys_sort_by_unsigned_bytes(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    put_text(kv, "a\xff", "4");
    put_text(kv, "a\x7f", "3");
    put_text(kv, "a\x01", "2");
    put_text(kv, "a", "1");
    put_text(kv, "b", "5");
    assert_scan(kv, NULL, RANGE(0), "a=1 a\x01=2 a\x7f=3 a\xff=4 b=5");
    assert_scan(kv, NULL, RANGE(.end = TEXT("b"), .reverse = true, .limit = 2), "a\xff=4 a\x7f=3");
}

/* ---- visitors ---- */

struct stopping {
    int left;
    int result;
};

static int stop_after(void *context, struct slice key, struct slice value)
{
    struct stopping *stopping = context;
    (void)key;
    (void)value;
    return --stopping->left == 0 ? stopping->result : 0;
}

static void a_visitor_ends_the_scan(void **state)
{
    struct kv *kv = with_letters(state);
    for (int reverse = 0; reverse <= 1; reverse++) {
        struct stopping stopping = {.left = 3, .result = 1};
        assert_success(kv_scan(kv, NULL, RANGE(.reverse = reverse), stop_after, &stopping));
        assert_int_equal(stopping.left, 0);
    }
}

static void a_visitor_fails_the_scan(void **state)
{
    struct kv *kv = with_letters(state);
    for (int reverse = 0; reverse <= 1; reverse++) {
        struct stopping stopping = {.left = 2, .result = ERR_FBIG};
        assert_error(kv_scan(kv, NULL, RANGE(.reverse = reverse), stop_after, &stopping), ERR_FBIG);
        assert_int_equal(stopping.left, 0);
    }
    struct stopping last = {.left = 5, .result = ERR_FBIG};
    assert_error(kv_scan(kv, NULL, RANGE(0), stop_after, &last), ERR_FBIG);
}

struct changing {
    struct kv *kv;
    struct buffer shown;
};

static int change_what_comes(void *context, struct slice key, struct slice value)
{
    struct changing *changing = context;
    buffer_append(&changing->shown, key);
    buffer_append(&changing->shown, value);
    if (slice_equal(key, TEXT("a"))) {
        struct kv_batch *batch = batch_new();
        batch_put_text(batch, "aa", "new");
        batch_put_text(batch, "c", "changed");
        batch_delete_text(batch, "d");
        assert_int_equal(commit(changing->kv, batch), KV_DONE);
        assert_text(changing->kv, NULL, "c", "changed");
        assert_scan(changing->kv, NULL, RANGE(0), "a=1 aa=new b=2 bb=22 c=changed");
    }
    return 0;
}

static void a_scan_shows_the_moment_of_its_beginning_though_its_visitor_commits(void **state)
{
    struct kv *kv = with_letters(state);
    struct changing changing = {.kv = kv};
    assert_success(kv_scan(kv, NULL, RANGE(0), change_what_comes, &changing));
    assert_true(slice_equal(buffer_slice(&changing.shown), TEXT("a1b2bb22c3d4")));
    buffer_release(&changing.shown);
}

/* ---- scans beside commits ---- */

enum { TOGETHER = 20, SCANS = 200 };

struct writer {
    struct kv *kv;
    atomic_bool stop;
    int error;
};

/* All keys have one value at every moment. */
static void *write_together(void *argument)
{
    struct writer *writer = argument;
    struct kv_batch *batch = kv_batch_new();
    for (uint32_t round = 1; !writer->stop && !writer->error; round++) {
        enum kv_outcome outcome;
        kv_batch_clear(batch);
        for (uint8_t i = 0; i < TOGETHER; i++)
            kv_batch_put(batch, SLICE(&i, 1), SLICE(&round, sizeof round));
        writer->error = kv_commit(writer->kv, batch, false, &outcome);
    }
    kv_batch_free(batch);
    return NULL;
}

struct seen {
    uint32_t value;
    int count;
    bool mixed;
};

static int see(void *context, struct slice key, struct slice value)
{
    struct seen *seen = context;
    uint32_t number;
    (void)key;
    memcpy(&number, value.data, sizeof number);
    if (seen->count++ == 0) seen->value = number;
    seen->mixed |= number != seen->value;
    return 0;
}

static void a_scan_beside_commits_shows_one_moment(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    struct writer writer = {.kv = kv};
    pthread_t thread;
    bool mixed = false;
    assert_int_equal(pthread_create(&thread, NULL, write_together, &writer), 0);
    for (int i = 0; i < SCANS && !mixed;) {
        struct seen seen = {0};
        kv_scan(kv, NULL, RANGE(.reverse = i % 2), see, &seen);
        mixed = seen.mixed || (seen.count != 0 && seen.count != TOGETHER);
        if (seen.count > 0) i++;
    }
    writer.stop = true;
    pthread_join(thread, NULL);
    assert_success(writer.error);
    assert_false(mixed);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        WITH_ENGINES(a_scan_shows_the_keys_in_their_order),
        WITH_ENGINES(a_scan_shows_the_first_but_not_the_end),
        WITH_ENGINES(an_empty_range_shows_nothing),
        WITH_ENGINES(a_limit_ends_a_scan),
        WITH_ENGINES(keys_sort_by_unsigned_bytes),
        WITH_ENGINES(a_visitor_ends_the_scan),
        WITH_ENGINES(a_visitor_fails_the_scan),
        WITH_ENGINES(a_scan_shows_the_moment_of_its_beginning_though_its_visitor_commits),
        WITH_ENGINES(a_scan_beside_commits_shows_one_moment),
    };
    return RUN_ON_STACK(argc, argv, tests);
}
