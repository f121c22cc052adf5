/* SPDX-License-Identifier: Apache-2.0 */
#include "store_fixture.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rocks.h"
#include "unit.h"

int store_fixture_setup_empty(void **state)
{
    struct store_fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture) return -1;
    strcpy(fixture->directory, "/tmp/occfs-unit-XXXXXX");
    if (!mkdtemp(fixture->directory)) {
        free(fixture);
        return -1;
    }
    *state = fixture;
    return 0;
}

int store_fixture_setup(void **state)
{
    if (store_fixture_setup_empty(state)) return -1;
    return store_fixture_open(*state);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

int store_fixture_teardown(void **state)
{
    struct store_fixture *fixture = *state;
    store_fixture_close(fixture);
    int failed = nftw(fixture->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(fixture);
    return failed;
}

void store_fixture_engines(struct store_fixture *fixture, struct kv **ret_kv, struct blobs **ret_blobs)
{
    const struct rocks_options options = {.create = true, .cache_bytes = 8 * 1024 * 1024};
    assert_success(rocks_open(fixture->directory, &options, ret_kv, ret_blobs));
}

int store_fixture_open(struct store_fixture *fixture)
{
    struct kv *kv;
    struct blobs *blobs;
    store_fixture_engines(fixture, &kv, &blobs);
    return store_open(kv, blobs, &fixture->store);
}

void store_fixture_close(struct store_fixture *fixture)
{
    store_close(fixture->store);
    fixture->store = NULL;
}

void store_fixture_reopen(struct store_fixture *fixture)
{
    store_fixture_close(fixture);
    assert_success(store_fixture_open(fixture));
}

static void commit_raw(struct kv *kv, struct kv_batch *batch)
{
    enum kv_outcome outcome;
    assert_success(kv_commit(kv, batch, false, &outcome));
    assert_int_equal(outcome, KV_DONE);
    kv_batch_free(batch);
}

void raw_put(struct kv *kv, struct slice key, struct slice value)
{
    struct kv_batch *batch = kv_batch_new();
    assert_non_null(batch);
    kv_batch_put(batch, key, value);
    commit_raw(kv, batch);
}

int raw_get(struct kv *kv, struct slice key, struct buffer *ret_value)
{
    return kv_get(kv, NULL, key, ret_value);
}

void raw_delete(struct kv *kv, struct slice key)
{
    struct kv_batch *batch = kv_batch_new();
    assert_non_null(batch);
    kv_batch_delete(batch, key);
    commit_raw(kv, batch);
}

struct stored {
    struct store *store;
    int (*read)(struct store *store, void *context);
    void *context;
};

static int decode_stored(void *context, const struct record_key *key, struct slice value)
{
    struct stored *stored = context;
    raw_put(stored->store->kv, record_key_slice(key), value);
    return stored->read(stored->store, stored->context);
}

void assert_record_is_guarded(struct store *store, const struct record_key *key,
                              int (*read)(struct store *store, void *context), void *context)
{
    struct stored stored = {store, read, context};
    struct buffer value = {0};
    assert_success(raw_get(store->kv, record_key_slice(key), &value));
    assert_encoding_is_guarded(key, buffer_slice(&value), decode_stored, &stored);
    raw_put(store->kv, record_key_slice(key), buffer_slice(&value));
    buffer_release(&value);
}
