/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "fault.h"
#include "memory.h"
#include "recording_kv.h"
#include "unit.h"

/* Faults over engines in memory, with the plan in a file for those tests that follow one. */
struct faulty {
    struct fault_plan *plan;
    struct kv *kv;
    struct blobs *blobs;
    char path[64];
    struct recording recording;
};

static int setup(void **state)
{
    struct faulty *faulty = calloc(1, sizeof *faulty);
    faulty->plan = fault_plan_new();
    faulty->kv = fault_kv_new(recording_kv_new(memory_kv_new(), &faulty->recording), faulty->plan);
    faulty->blobs = fault_blobs_new(memory_blobs_new(), faulty->plan);
    strcpy(faulty->path, "/tmp/occfs-unit-XXXXXX");
    close(mkstemp(faulty->path));
    *state = faulty;
    return 0;
}

static int teardown(void **state)
{
    struct faulty *faulty = *state;
    kv_free(faulty->kv);
    blobs_free(faulty->blobs);
    fault_plan_free(faulty->plan);
    unlink(faulty->path);
    free(faulty);
    return 0;
}

/* ---- one call of each operation ---- */

static int get_once(struct faulty *faulty)
{
    struct buffer value = {0};
    int error = kv_get(faulty->kv, NULL, SLICE_STRING("absent"), &value);
    buffer_release(&value);
    return error == ERR_NOT_FOUND ? 0 : error;
}

static int ignore(void *context, struct slice key, struct slice value)
{
    (void)context;
    (void)key;
    (void)value;
    return 0;
}

static int scan_once(struct faulty *faulty)
{
    return kv_scan(faulty->kv, NULL, &(struct kv_range){0}, ignore, NULL);
}

static int snapshot_once(struct faulty *faulty)
{
    struct kv_snapshot *snapshot = NULL;
    int error = kv_snapshot(faulty->kv, &snapshot);
    kv_snapshot_free(faulty->kv, snapshot);
    return error;
}

static int commit_once(struct faulty *faulty)
{
    struct kv_batch *batch = kv_batch_new();
    enum kv_outcome outcome;
    kv_batch_put(batch, SLICE_STRING("key"), SLICE_STRING("value"));
    int error = kv_commit(faulty->kv, batch, true, &outcome);
    kv_batch_free(batch);
    return error;
}

static int sync_once(struct faulty *faulty)
{
    return kv_sync(faulty->kv);
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

static int blob_put_once(struct faulty *faulty)
{
    return blob_put(faulty->blobs, 1, SLICE_STRING("content"));
}

static int blob_get_once(struct faulty *faulty)
{
    int error = blob_get(faulty->blobs, 9, ignore_bytes, NULL);
    return error == ERR_NOT_FOUND ? 0 : error;
}

static int blob_delete_once(struct faulty *faulty)
{
    return blob_delete_range(faulty->blobs, 9, 1);
}

static int blob_list_once(struct faulty *faulty)
{
    return blob_list(faulty->blobs, 1, ignore_id, NULL);
}

static const struct operation {
    const char *name;
    int (*once)(struct faulty *faulty);
} operations[] = {
    {"get", get_once},
    {"scan", scan_once},
    {"snapshot", snapshot_once},
    {"commit", commit_once},
    {"sync", sync_once},
    {"blob_put", blob_put_once},
    {"blob_get", blob_get_once},
    {"blob_delete", blob_delete_once},
    {"blob_list", blob_list_once},
};

enum { OPERATIONS = sizeof operations / sizeof operations[0] };

static void set_plan(struct faulty *faulty, const char *text)
{
    assert_success(fault_plan_set(faulty->plan, text));
}

/* ---- what a plan does ---- */

static void a_rule_is_for_its_operation_alone(void **state)
{
    struct faulty *faulty = *state;
    for (size_t i = 0; i < OPERATIONS; i++) {
        char text[64];
        snprintf(text, sizeof text, "%s error NOSPC", operations[i].name);
        set_plan(faulty, text);
        for (size_t other = 0; other < OPERATIONS; other++)
            assert_error(operations[other].once(faulty), other == i ? ERR_NOSPC : 0);
    }
    assert_int_equal(fault_plan_applied(faulty->plan), OPERATIONS);
}

static void a_star_is_for_all_operations(void **state)
{
    struct faulty *faulty = *state;
    set_plan(faulty, "* error DAMAGED");
    for (size_t i = 0; i < OPERATIONS; i++)
        assert_error(operations[i].once(faulty), ERR_DAMAGED);
    set_plan(faulty, "");
    for (size_t i = 0; i < OPERATIONS; i++)
        assert_success(operations[i].once(faulty));
}

static void a_call_that_fails_does_nothing(void **state)
{
    struct faulty *faulty = *state;
    set_plan(faulty, "* error IO");
    commit_once(faulty);
    blob_put_once(faulty);
    sync_once(faulty);
    set_plan(faulty, "");
    struct buffer value = {0};
    assert_error(kv_get(faulty->kv, NULL, SLICE_STRING("key"), &value), ERR_NOT_FOUND);
    assert_error(blob_get(faulty->blobs, 1, ignore_bytes, NULL), ERR_NOT_FOUND);
    assert_int_equal(faulty->recording.commits, 0);
    assert_int_equal(faulty->recording.syncs, 0);
}

static void the_durable_flag_is_passed_on(void **state)
{
    struct faulty *faulty = *state;
    assert_success(commit_once(faulty));
    assert_int_equal(faulty->recording.durable_commits, 1);
}

static void after_and_times_bound_a_rule(void **state)
{
    struct faulty *faulty = *state;
    static const int expected[] = {0, 0, ERR_IO, ERR_IO, ERR_IO, 0, 0};
    set_plan(faulty, "sync error IO after=2 times=3");
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_error(sync_once(faulty), expected[i]);
    assert_int_equal(fault_plan_applied(faulty->plan), 3);
}

static void the_first_rule_that_applies_hides_the_others(void **state)
{
    struct faulty *faulty = *state;
    static const int expected[] = {ERR_NOSPC, ERR_IO, ERR_NOSPC, ERR_NOSPC};
    set_plan(faulty, "sync error IO after=1 times=1\n\n  * error NOSPC times=3\nsync delay 0");
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_error(sync_once(faulty), expected[i]);
    assert_success(sync_once(faulty));
    assert_int_equal(fault_plan_applied(faulty->plan), 5);
}

static void a_new_plan_counts_anew(void **state)
{
    struct faulty *faulty = *state;
    for (int i = 0; i < 2; i++) {
        set_plan(faulty, "sync error IO times=1");
        assert_error(sync_once(faulty), ERR_IO);
        assert_success(sync_once(faulty));
    }
}

static void a_delay_passes_the_call_on_later(void **state)
{
    struct faulty *faulty = *state;
    set_plan(faulty, "commit delay 30");
    int64_t began = clock_monotonic_ns();
    assert_success(commit_once(faulty));
    assert_true(clock_monotonic_ns() - began >= 30 * NS_PER_S / 1000);
    assert_int_equal(faulty->recording.commits, 1);
}

static void the_engine_answers_unknown_whether_it_happened_or_not(void **state)
{
    struct faulty *faulty = *state;
    static const struct {
        const char *plan;
        bool happens;
    } cases[] = {{"commit lost", false}, {"commit unknown", true}};
    struct kv_batch *batch = kv_batch_new();
    struct buffer value = {0};
    kv_batch_put(batch, SLICE_STRING("key"), SLICE_STRING("value"));
    for (size_t i = 0; i < 2; i++) {
        enum kv_outcome outcome;
        set_plan(faulty, cases[i].plan);
        assert_success(faulty->kv->engine->commit(faulty->kv, batch, false, &outcome));
        assert_int_equal(outcome, KV_UNKNOWN);
        assert_error(kv_get(faulty->kv, NULL, SLICE_STRING("key"), &value), cases[i].happens ? 0 : ERR_NOT_FOUND);
    }
    buffer_release(&value);
    kv_batch_free(batch);
}

static void a_text_that_is_no_plan_changes_nothing(void **state)
{
    struct faulty *faulty = *state;
    static const char *const texts[] = {
        "commit",
        "commit error",
        "commit error ENOSPC",
        "commit error NOSPC 3",
        "comit error IO",
        "commit fail",
        "sync unknown",
        "* lost",
        "get delay",
        "get delay -1",
        "get delay 1x",
        "get delay 4294967296",
        "get error IO x=1",
        "get error IO after=",
        "get error IO times=a",
        "get error IO after=99999999999999999999",
        "sync delay 1\nget",
        "error IO",
    };
    set_plan(faulty, "sync error IO");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_error(fault_plan_set(faulty->plan, texts[i]), ERR_INVAL);
    assert_error(sync_once(faulty), ERR_IO);
}

static void a_plan_has_64_rules_at_most(void **state)
{
    struct faulty *faulty = *state;
    struct buffer text = {0};
    for (int i = 0; i < 64; i++)
        buffer_append(&text, SLICE_STRING("get delay 0\n"));
    buffer_append_u8(&text, '\0');
    set_plan(faulty, (const char *)text.data);
    text.size--;
    buffer_append(&text, SLICE_STRING("get delay 0"));
    buffer_append_u8(&text, '\0');
    assert_error(fault_plan_set(faulty->plan, (const char *)text.data), ERR_INVAL);
    buffer_release(&text);
}

/* ---- a plan in a file ---- */

static void write_plan(const struct faulty *faulty, const char *text)
{
    char new[80];
    snprintf(new, sizeof new, "%s.new", faulty->path);
    FILE *file = fopen(new, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(rename(new, faulty->path), 0);
}

static void a_followed_file_is_read_again_when_it_has_changed(void **state)
{
    struct faulty *faulty = *state;
    write_plan(faulty, "sync error IO\n");
    assert_success(fault_plan_follow_file(faulty->plan, faulty->path));
    assert_error(sync_once(faulty), ERR_IO);
    write_plan(faulty, "sync error NOSPC\n");
    assert_error(sync_once(faulty), ERR_NOSPC);
    write_plan(faulty, "");
    assert_success(sync_once(faulty));
    write_plan(faulty, "* error ROFS");
    assert_error(sync_once(faulty), ERR_ROFS);
    unlink(faulty->path);
    assert_success(sync_once(faulty));
    write_plan(faulty, "sync error IO");
    assert_error(sync_once(faulty), ERR_IO);
}

static void a_file_that_stays_does_not_count_anew(void **state)
{
    struct faulty *faulty = *state;
    write_plan(faulty, "sync error IO times=1");
    assert_success(fault_plan_follow_file(faulty->plan, faulty->path));
    assert_error(sync_once(faulty), ERR_IO);
    assert_success(sync_once(faulty));
}

static void an_absent_file_replaces_the_rules(void **state)
{
    struct faulty *faulty = *state;
    set_plan(faulty, "sync error IO");
    unlink(faulty->path);
    assert_success(fault_plan_follow_file(faulty->plan, faulty->path));
    assert_success(sync_once(faulty));
}

static void a_file_that_is_no_plan_is_not_followed(void **state)
{
    struct faulty *faulty = *state;
    set_plan(faulty, "sync error IO");
    write_plan(faulty, "sync erorr NOSPC");
    assert_error(fault_plan_follow_file(faulty->plan, faulty->path), ERR_INVAL);
    write_plan(faulty, "sync error NOSPC");
    assert_error(sync_once(faulty), ERR_IO);
    assert_error(fault_plan_follow_file(faulty->plan, "/"), ERR_ISDIR);
}

static void a_followed_file_that_becomes_no_plan_leaves_the_rules(void **state)
{
    struct faulty *faulty = *state;
    write_plan(faulty, "sync error IO");
    assert_success(fault_plan_follow_file(faulty->plan, faulty->path));
    write_plan(faulty, "nonsense");
    assert_error(sync_once(faulty), ERR_IO);
    write_plan(faulty, "");
    assert_success(sync_once(faulty));
}

static void no_engine_makes_no_decorator(void **state)
{
    struct faulty *faulty = *state;
    assert_null(fault_kv_new(NULL, faulty->plan));
    assert_null(fault_blobs_new(NULL, faulty->plan));
    fault_plan_free(NULL);
}

#define WITH_FAULTS(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FAULTS(a_rule_is_for_its_operation_alone),
        WITH_FAULTS(a_star_is_for_all_operations),
        WITH_FAULTS(a_call_that_fails_does_nothing),
        WITH_FAULTS(the_durable_flag_is_passed_on),
        WITH_FAULTS(after_and_times_bound_a_rule),
        WITH_FAULTS(the_first_rule_that_applies_hides_the_others),
        WITH_FAULTS(a_new_plan_counts_anew),
        WITH_FAULTS(a_delay_passes_the_call_on_later),
        WITH_FAULTS(the_engine_answers_unknown_whether_it_happened_or_not),
        WITH_FAULTS(a_text_that_is_no_plan_changes_nothing),
        WITH_FAULTS(a_plan_has_64_rules_at_most),
        WITH_FAULTS(a_followed_file_is_read_again_when_it_has_changed),
        WITH_FAULTS(a_file_that_stays_does_not_count_anew),
        WITH_FAULTS(an_absent_file_replaces_the_rules),
        WITH_FAULTS(a_file_that_is_no_plan_is_not_followed),
        WITH_FAULTS(a_followed_file_that_becomes_no_plan_leaves_the_rules),
        WITH_FAULTS(no_engine_makes_no_decorator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
