/* SPDX-License-Identifier: Apache-2.0 */
#include "kv_fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "rocks.h"
#include "trace.h"
#include "unit.h"

static const struct stack {
    const char *name;
    bool rocks; /* else memory */
    bool trace;
    bool fault;
} stacks[] = {
    {.name = "rocks", .rocks = true},
    {.name = "memory"},
    {.name = "trace-memory", .trace = true},
    {.name = "fault-rocks", .rocks = true, .fault = true},
};

static const struct stack *chosen;

bool kv_fixture_choose(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < sizeof stacks / sizeof stacks[0]; i++)
        if (strcmp(argv[1], stacks[i].name) == 0) chosen = &stacks[i];
    if (!chosen) fprintf(stderr, "usage: %s rocks|memory|trace-memory|fault-rocks\n", argv[0]);
    return chosen != NULL;
}

static void open_engines(struct kv_fixture *fixture)
{
    fixture->faulty = false;
    if (chosen->rocks) {
        const struct rocks_options options = {.create = true, .cache_bytes = 8 * 1024 * 1024};
        assert_success(rocks_open(fixture->directory, &options, &fixture->kv, &fixture->blobs));
    } else {
        fixture->kv = memory_kv_new();
        fixture->blobs = memory_blobs_new();
    }
    if (chosen->trace) {
        fixture->kv = trace_kv_new(fixture->kv);
        fixture->blobs = trace_blobs_new(fixture->blobs);
    }
    if (chosen->fault) kv_fixture_add_faults(fixture, "");
    assert_non_null(fixture->kv);
    assert_non_null(fixture->blobs);
}

static void close_engines(struct kv_fixture *fixture)
{
    kv_free(fixture->kv);
    blobs_free(fixture->blobs);
}

int kv_fixture_setup(void **state)
{
    struct kv_fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture) return -1;
    strcpy(fixture->directory, "/tmp/occfs-unit-XXXXXX");
    fixture->plan = fault_plan_new();
    if (!fixture->plan || !mkdtemp(fixture->directory)) return -1;
    open_engines(fixture);
    *state = fixture;
    return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

int kv_fixture_teardown(void **state)
{
    struct kv_fixture *fixture = *state;
    close_engines(fixture);
    fault_plan_free(fixture->plan);
    int failed = nftw(fixture->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(fixture);
    return failed;
}

void kv_fixture_reopen(struct kv_fixture *fixture)
{
    if (!chosen->rocks) return;
    close_engines(fixture);
    open_engines(fixture);
}

void kv_fixture_add_faults(struct kv_fixture *fixture, const char *plan)
{
    assert_success(fault_plan_set(fixture->plan, plan));
    if (fixture->faulty) return;
    fixture->faulty = true;
    fixture->kv = fault_kv_new(fixture->kv, fixture->plan);
    fixture->blobs = fault_blobs_new(fixture->blobs, fixture->plan);
    assert_non_null(fixture->kv);
    assert_non_null(fixture->blobs);
}

struct kv_batch *batch_new(void)
{
    struct kv_batch *batch = kv_batch_new();
    assert_non_null(batch);
    return batch;
}

void batch_put_text(struct kv_batch *batch, const char *key, const char *value)
{
    kv_batch_put(batch, SLICE_STRING(key), SLICE_STRING(value));
}

void batch_delete_text(struct kv_batch *batch, const char *key)
{
    kv_batch_delete(batch, SLICE_STRING(key));
}

void batch_expect_text(struct kv_batch *batch, const char *key, const char *value)
{
    if (value) kv_batch_expect(batch, SLICE_STRING(key), SLICE_STRING(value));
    else kv_batch_expect_absent(batch, SLICE_STRING(key));
}

enum kv_outcome commit(struct kv *kv, struct kv_batch *batch)
{
    enum kv_outcome outcome;
    assert_success(kv_commit(kv, batch, false, &outcome));
    kv_batch_free(batch);
    return outcome;
}

void put_text(struct kv *kv, const char *key, const char *value)
{
    struct kv_batch *batch = batch_new();
    batch_put_text(batch, key, value);
    assert_int_equal(commit(kv, batch), KV_DONE);
}

void delete_text(struct kv *kv, const char *key)
{
    struct kv_batch *batch = batch_new();
    batch_delete_text(batch, key);
    assert_int_equal(commit(kv, batch), KV_DONE);
}

void assert_text(struct kv *kv, const struct kv_snapshot *snapshot, const char *key, const char *value)
{
    struct buffer got = {0};
    int error = kv_get(kv, snapshot, SLICE_STRING(key), &got);
    if (value) {
        assert_success(error);
        assert_int_equal(got.size, strlen(value));
        assert_memory_equal(got.data, value, got.size);
    } else {
        assert_error(error, ERR_NOT_FOUND);
    }
    buffer_release(&got);
}

static int show(void *context, struct slice key, struct slice value)
{
    struct buffer *shown = context;
    if (shown->size > 0) buffer_append_u8(shown, ' ');
    buffer_append(shown, key);
    buffer_append_u8(shown, '=');
    buffer_append(shown, value);
    return 0;
}

void assert_scan(struct kv *kv, const struct kv_snapshot *snapshot, const struct kv_range *range, const char *shown)
{
    struct buffer got = {0};
    assert_success(kv_scan(kv, snapshot, range, show, &got));
    buffer_append_u8(&got, '\0');
    assert_success(buffer_failed(&got));
    assert_string_equal((const char *)got.data, shown);
    buffer_release(&got);
}

void assert_aborts(void (*call)(void *context), void *context)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit no_core = {0};
        setrlimit(RLIMIT_CORE, &no_core);
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO); /* what assert says */
        call(context);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}
