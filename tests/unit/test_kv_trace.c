/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "listener.h"
#include "log.h"
#include "memory.h"
#include "recording_kv.h"
#include "trace.h"
#include "unit.h"

/* The next line begins so; what follows is the duration. Steps behind it. */
static void assert_next_line(const char **text, const char *beginning)
{
    static const char prefix[] = "occfs: debug: ";
    assert_memory_equal(*text, prefix, strlen(prefix));
    *text += strlen(prefix);
    size_t size = strlen(beginning);
    if (strncmp(*text, beginning, size) != 0) fail_msg("got '%.200s' instead of '%s'", *text, beginning);
    *text += size;
    *text += strspn(*text, "0123456789");
    assert_memory_equal(*text, " us\n", 4);
    *text += 4;
}

static int ignore(void *context, struct slice key, struct slice value)
{
    (void)context;
    (void)key;
    (void)value;
    return 0;
}

static void every_call_on_records_is_a_line(void **state)
{
    struct kv *kv = trace_kv_new(memory_kv_new());
    struct kv_batch *batch = kv_batch_new();
    struct kv_snapshot *snapshot;
    struct buffer value = {0};
    struct listener listener;
    enum kv_outcome outcome;
    (void)state;
    listen_begin(&listener);
    kv_batch_put(batch, SLICE("k\0\xff\\", 4), SLICE_STRING("value"));
    kv_batch_delete(batch, SLICE_STRING("old"));
    kv_batch_expect_absent(batch, SLICE_STRING("other"));
    kv_commit(kv, batch, true, &outcome);
    kv_batch_clear(batch);
    kv_batch_put(batch, SLICE_STRING("k"), SLICE_STRING("v"));
    kv_batch_expect(batch, SLICE_STRING("k"), SLICE_STRING("vv"));
    kv_commit(kv, batch, false, &outcome);
    kv_get(kv, NULL, SLICE("k\0\xff\\", 4), &value);
    kv_snapshot(kv, &snapshot);
    kv_get(kv, snapshot, SLICE_STRING("absent"), &value);
    kv_scan(kv, NULL, &(struct kv_range){.first = SLICE_STRING("a"), .limit = 7, .reverse = true}, ignore, NULL);
    kv_scan(kv, snapshot, &(struct kv_range){.end = SLICE_STRING("b")}, ignore, NULL);
    kv_snapshot_free(kv, snapshot);
    kv_sync(kv);
    const char *text = listen_end(&listener);
    assert_next_line(&text, "kv commit durable put k\\x00\\xff\\x5c (5 bytes) delete old expect no other: done, ");
    assert_next_line(&text, "kv commit put k (1 bytes) expect k (2 bytes): condition false, ");
    assert_next_line(&text, "kv get k\\x00\\xff\\x5c: OK, 5 bytes, ");
    assert_next_line(&text, "kv snapshot: OK, ");
    assert_next_line(&text, "kv get of snapshot absent: NOT_FOUND, 0 bytes, ");
    assert_next_line(&text, "kv scan [a, ) reverse limit 7: OK, 1 keys, ");
    assert_next_line(&text, "kv scan of snapshot [, b): OK, 0 keys, ");
    assert_next_line(&text, "kv snapshot free: OK, ");
    assert_next_line(&text, "kv sync: OK, ");
    assert_string_equal(text, "");
    kv_batch_free(batch);
    buffer_release(&value);
    kv_free(kv);
}

static int ignore_bytes(void *context, struct slice bytes)
{
    (void)context;
    (void)bytes;
    return 0;
}

static int ignore_id(void *context, uint64_t id)
{
    (void)context;
    (void)id;
    return 0;
}

static void every_call_on_blobs_is_a_line(void **state)
{
    struct blobs *blobs = trace_blobs_new(memory_blobs_new());
    struct listener listener;
    (void)state;
    listen_begin(&listener);
    blob_put(blobs, 5, SLICE_STRING("content"));
    blob_get(blobs, 5, ignore_bytes, NULL);
    blob_list(blobs, 1, ignore_id, NULL);
    blob_delete_range(blobs, 5, 10);
    blob_get(blobs, 5, ignore_bytes, NULL);
    const char *text = listen_end(&listener);
    assert_next_line(&text, "blob put 5 (7 bytes): OK, ");
    assert_next_line(&text, "blob get 5: OK, ");
    assert_next_line(&text, "blob list from 1: OK, 1 ids, ");
    assert_next_line(&text, "blob delete 5 (10 ids): OK, ");
    assert_next_line(&text, "blob get 5: NOT_FOUND, ");
    assert_string_equal(text, "");
    blobs_free(blobs);
}

static void a_commit_of_many_long_keys_is_one_line_that_fits(void **state)
{
    struct kv *kv = trace_kv_new(memory_kv_new());
    struct kv_batch *batch = kv_batch_new();
    struct listener listener;
    enum kv_outcome outcome;
    char key[KV_KEY_MAX];
    (void)state;
    memset(key, 'k', sizeof key);
    for (int i = 0; i < KV_BATCH_OPERATIONS_MAX; i++) {
        key[0] = (char)i;
        kv_batch_put(batch, SLICE(key, sizeof key), SLICE_STRING("value"));
    }
    listen_begin(&listener);
    kv_commit(kv, batch, false, &outcome);
    const char *text = listen_end(&listener);
    assert_non_null(strstr(text, "kv commit put \\x00kkk"));
    assert_non_null(strstr(text, "k..."));
    assert_non_null(strstr(text, ": done, "));
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    assert_true(strlen(text) <= 1024);
    kv_batch_free(batch);
    kv_free(kv);
}

static void what_is_asked_of_the_engine_stays_the_same(void **state)
{
    struct recording recording = {.get_error = ERR_DAMAGED};
    struct kv *kv = trace_kv_new(recording_kv_new(memory_kv_new(), &recording));
    struct kv_batch *batch = kv_batch_new();
    struct buffer value = {0};
    struct listener listener;
    enum kv_outcome outcome;
    (void)state;
    listen_begin(&listener);
    kv_batch_put(batch, SLICE_STRING("a"), SLICE_STRING("1"));
    kv_commit(kv, batch, false, &outcome);
    assert_int_equal(recording.durable_commits, 0);
    kv_commit(kv, batch, true, &outcome);
    assert_int_equal(recording.durable_commits, 1);
    assert_int_equal(recording.commits, 2);
    assert_error(kv_get(kv, NULL, SLICE_STRING("a"), &value), ERR_DAMAGED);
    kv_sync(kv);
    assert_int_equal(recording.syncs, 1);
    kv_free(kv);
    assert_int_equal(recording.frees, 1);
    listen_end(&listener);
    kv_batch_free(batch);
}

static void nothing_is_written_without_debug_lines(void **state)
{
    struct kv *kv = trace_kv_new(memory_kv_new());
    struct listener listener;
    (void)state;
    log_set_level(LOG_LEVEL_INFO);
    listen_begin(&listener);
    kv_sync(kv);
    assert_string_equal(listen_end(&listener), "");
    log_set_level(LOG_LEVEL_DEBUG);
    kv_free(kv);
}

static void no_engine_makes_no_decorator(void **state)
{
    (void)state;
    assert_null(trace_kv_new(NULL));
    assert_null(trace_blobs_new(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_on_records_is_a_line),
        cmocka_unit_test(every_call_on_blobs_is_a_line),
        cmocka_unit_test(a_commit_of_many_long_keys_is_one_line_that_fits),
        cmocka_unit_test(what_is_asked_of_the_engine_stays_the_same),
        cmocka_unit_test(nothing_is_written_without_debug_lines),
        cmocka_unit_test(no_engine_makes_no_decorator),
    };
    log_set_level(LOG_LEVEL_DEBUG);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
