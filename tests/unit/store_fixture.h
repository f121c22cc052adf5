/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_STORE_FIXTURE_H
#define OCC_STORE_FIXTURE_H

#include "encoding.h"
#include "store.h"
#include "transaction.h"

/*
 * A private store in a directory of its own: a test that is listed as WITH_STORE(test) finds the fixture in *state. For
 * WITHOUT_STORE(test) there is only the directory.
 */
#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, store_fixture_setup, store_fixture_teardown)
#define WITHOUT_STORE(test) cmocka_unit_test_setup_teardown(test, store_fixture_setup_empty, store_fixture_teardown)

struct store_fixture {
    char directory[64];
    struct store *store; /* NULL while closed */
};

int store_fixture_setup(void **state);
int store_fixture_setup_empty(void **state);
int store_fixture_teardown(void **state);

/* Opens the engines of the fixture's directory; the caller frees them. */
void store_fixture_engines(struct store_fixture *fixture, struct kv **ret_kv, struct blobs **ret_blobs);
/* store_open on them. */
int store_fixture_open(struct store_fixture *fixture);
void store_fixture_close(struct store_fixture *fixture);
void store_fixture_reopen(struct store_fixture *fixture);

/* Writes, reads (ERR_NOT_FOUND) and deletes raw records, past the record modules. */
void raw_put(struct kv *kv, struct slice key, struct slice value);
int raw_get(struct kv *kv, struct slice key, struct buffer *ret_value);
void raw_delete(struct kv *kv, struct slice key);

/* Asserts that the record under `key` is guarded as assert_encoding_is_guarded says, for records that are read through
 * the store alone: puts each variant under the key and calls `read`. */
void assert_record_is_guarded(struct store *store, const struct record_key *key,
                              int (*read)(struct store *store, void *context), void *context);

#endif
