/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_KV_FIXTURE_H
#define OCC_KV_FIXTURE_H

#include "blob.h"
#include "fault.h"
#include "kv.h"

/*
 * Private engines for each test, of the stack that the program was started for, so that one suite holds for all:
 *
 *     rocks            RocksDB in a directory of its own
 *     memory           in memory
 *     trace-memory     the tracing decorator over memory; its lines go nowhere
 *     fault-rocks      the fault decorator, with an empty plan, over RocksDB
 *
 * A test that is listed as WITH_ENGINES(test) finds the fixture in *state.
 */
#define WITH_ENGINES(test) cmocka_unit_test_setup_teardown(test, kv_fixture_setup, kv_fixture_teardown)

/* What main of such a program is: the stack is its argument. */
#define RUN_ON_STACK(argc, argv, tests)                                                                                \
    (kv_fixture_choose(argc, argv) ? cmocka_run_group_tests_name((argv)[1], tests, NULL, NULL) : 2)

struct kv_fixture {
    char directory[64];
    struct kv *kv;
    struct blobs *blobs;
    struct fault_plan *plan;
    bool faulty; /* a decorator with the plan is there */
};

bool kv_fixture_choose(int argc, char **argv);
int kv_fixture_setup(void **state);
int kv_fixture_teardown(void **state);

/* What a restart of the process does. An engine in memory stays as it is. */
void kv_fixture_reopen(struct kv_fixture *fixture);

/* Sets the plan, and puts its decorators over the engines if they are not there. */
void kv_fixture_add_faults(struct kv_fixture *fixture, const char *plan);

/* ---- short forms, with text as keys and values; they assert success ---- */

struct kv_batch *batch_new(void);
void batch_put_text(struct kv_batch *batch, const char *key, const char *value);
void batch_delete_text(struct kv_batch *batch, const char *key);
void batch_expect_text(struct kv_batch *batch, const char *key, const char *value); /* NULL: absent */

/* Frees the batch. */
enum kv_outcome commit(struct kv *kv, struct kv_batch *batch);
void put_text(struct kv *kv, const char *key, const char *value);
void delete_text(struct kv *kv, const char *key);

/* NULL: the key is absent. */
void assert_text(struct kv *kv, const struct kv_snapshot *snapshot, const char *key, const char *value);

/* What the scan shows, as "key=value key=value". */
void assert_scan(struct kv *kv, const struct kv_snapshot *snapshot, const struct kv_range *range, const char *shown);

/* Asserts that `call` aborts the process that makes it: a limit is asserted. */
void assert_aborts(void (*call)(void *context), void *context);

#endif
