/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inode.h"
#include "recording_kv.h"
#include "store_fixture.h"
#include "unit.h"

static void a_new_store_has_a_root_directory_of_its_maker(void **state)
{
    struct store_fixture *fixture = *state;
    struct inode root;
    assert_success(store_fixture_open(fixture));
    assert_success(inode_get(fixture->store, ROOT_INO, &root));
    assert_int_equal(root.ino, 1);
    assert_int_equal(root.mode, S_IFDIR | 0755);
    assert_int_equal(root.uid, geteuid());
    assert_int_equal(root.gid, getegid());
    assert_int_equal(root.nlink, 2);
    assert_int_equal(root.parent, ROOT_INO);
    assert_int_equal(root.mtime.tv_sec, fixture->store->superblock.created.tv_sec);
    assert_int_equal(fixture->store->superblock.format, STORE_FORMAT);
}

static void a_store_that_is_opened_again_is_the_same_store(void **state)
{
    struct store_fixture *fixture = *state;
    assert_success(store_fixture_open(fixture));
    struct superblock before = fixture->store->superblock;
    uint8_t dirent_hash_key[TOKEN_KEY_SIZE];
    memcpy(dirent_hash_key, fixture->store->dirent_key, TOKEN_KEY_SIZE);
    store_fixture_reopen(fixture);
    const struct superblock *after = &fixture->store->superblock;
    assert_memory_equal(after->store_id, before.store_id, STORE_ID_SIZE);
    assert_memory_equal(after->token_key, before.token_key, TOKEN_KEY_SIZE);
    assert_int_equal(after->created.tv_sec, before.created.tv_sec);
    assert_int_equal(after->created.tv_nsec, before.created.tv_nsec);
    assert_memory_equal(fixture->store->dirent_key, dirent_hash_key, TOKEN_KEY_SIZE);
}

static void names_and_tokens_are_hashed_under_different_keys(void **state)
{
    struct store_fixture *fixture = *state;
    assert_success(store_fixture_open(fixture));
    const struct store *store = fixture->store;
    assert_memory_not_equal(store->dirent_key, store->superblock.token_key, TOKEN_KEY_SIZE);
}

/* ---- what opening and closing ask of the engine ---- */

static int open_recorded(struct store_fixture *fixture, struct recording *recording)
{
    struct kv *kv;
    struct blobs *blobs;
    store_fixture_engines(fixture, &kv, &blobs);
    return store_open(recording_kv_new(kv, recording), blobs, &fixture->store);
}

static void a_new_store_is_one_durable_commit_and_opening_it_again_is_none(void **state)
{
    struct store_fixture *fixture = *state;
    struct recording first = {.commits = 0}, again = {.commits = 0};
    assert_success(open_recorded(fixture, &first));
    assert_int_equal(first.commits, 1);
    assert_int_equal(first.durable_commits, 1);
    store_fixture_close(fixture);
    assert_success(open_recorded(fixture, &again));
    assert_int_equal(again.commits, 0);
    store_fixture_close(fixture);
}

static void closing_syncs_and_frees_the_engine(void **state)
{
    struct store_fixture *fixture = *state;
    struct recording recording = {.commits = 0};
    assert_success(open_recorded(fixture, &recording));
    unsigned before = recording.syncs;
    store_fixture_close(fixture);
    assert_int_equal(recording.syncs, before + 1);
    assert_int_equal(recording.frees, 1);
    store_close(NULL);
}

static void an_engine_that_cannot_be_read_is_not_taken_for_an_empty_one(void **state)
{
    struct store_fixture *fixture = *state;
    struct recording recording = {.get_error = ERR_IO};
    assert_error(open_recorded(fixture, &recording), ERR_IO);
    assert_null(fixture->store);
    assert_int_equal(recording.commits, 0);
    assert_int_equal(recording.frees, 1);
}

/* ---- what is no store ---- */

/* Puts one record into an engine without a store, then opens it. */
static int open_with(struct store_fixture *fixture, struct slice key, struct slice value)
{
    struct kv *kv;
    struct blobs *blobs;
    store_fixture_engines(fixture, &kv, &blobs);
    raw_put(kv, key, value);
    return store_open(kv, blobs, &fixture->store);
}

static void assert_nothing_was_made(struct store_fixture *fixture)
{
    struct kv *kv;
    struct blobs *blobs;
    struct buffer value = {0};
    struct record_key key;
    assert_null(fixture->store);
    store_fixture_engines(fixture, &kv, &blobs);
    superblock_key(&key);
    assert_error(raw_get(kv, record_key_slice(&key), &value), ERR_NOT_FOUND);
    inode_key(ROOT_INO, &key);
    assert_error(raw_get(kv, record_key_slice(&key), &value), ERR_NOT_FOUND);
    buffer_release(&value);
    kv_free(kv);
    blobs_free(blobs);
}

static void a_key_of_somebody_else_makes_it_no_store(void **state)
{
    struct store_fixture *fixture = *state;
    assert_error(open_with(fixture, SLICE_STRING("zebra"), SLICE_STRING("stripes")), ERR_NOT_A_STORE);
    assert_nothing_was_made(fixture);
}

static void a_foreign_key_before_the_sequences_counts(void **state)
{
    struct store_fixture *fixture = *state;
    assert_error(open_with(fixture, SLICE_STRING("\""), SLICE_STRING("")), ERR_NOT_A_STORE);
    assert_nothing_was_made(fixture);
}

static void a_foreign_key_behind_many_sequences_counts(void **state)
{
    struct store_fixture *fixture = *state;
    struct kv *kv;
    struct blobs *blobs;
    char name[] = "sequence a";
    store_fixture_engines(fixture, &kv, &blobs);
    for (; name[9] <= 'z'; name[9]++) {
        uint64_t first;
        assert_success(kv_reserve_ids(kv, name, 1, &first));
    }
    kv_free(kv);
    blobs_free(blobs);
    assert_error(open_with(fixture, SLICE_STRING("$"), SLICE_STRING("")), ERR_NOT_A_STORE);
    assert_nothing_was_made(fixture);
}

static void sequences_alone_do_not_count_as_foreign(void **state)
{
    struct store_fixture *fixture = *state;
    struct kv *kv;
    struct blobs *blobs;
    uint64_t first;
    store_fixture_engines(fixture, &kv, &blobs);
    assert_success(kv_reserve_ids(kv, "ino", 10, &first));
    assert_success(store_open(kv, blobs, &fixture->store));
}

static void a_store_without_its_superblock_is_not_made_anew(void **state)
{
    struct store_fixture *fixture = *state;
    struct record_key key;
    assert_success(store_fixture_open(fixture));
    superblock_key(&key);
    raw_delete(fixture->store->kv, record_key_slice(&key));
    store_fixture_close(fixture);
    assert_error(store_fixture_open(fixture), ERR_NOT_A_STORE);
}

/* ---- superblocks that cannot be used ---- */

static int open_with_superblock(struct store_fixture *fixture, struct slice value)
{
    struct record_key key;
    superblock_key(&key);
    return open_with(fixture, record_key_slice(&key), value);
}

static void assert_superblock_is(struct store_fixture *fixture, struct slice expected)
{
    struct kv *kv;
    struct blobs *blobs;
    struct buffer value = {0};
    struct record_key key;
    store_fixture_engines(fixture, &kv, &blobs);
    superblock_key(&key);
    assert_success(raw_get(kv, record_key_slice(&key), &value));
    assert_true(slice_equal(buffer_slice(&value), expected));
    buffer_release(&value);
    kv_free(kv);
    blobs_free(blobs);
}

static void a_store_of_a_newer_format_is_left_alone(void **state)
{
    struct store_fixture *fixture = *state;
    struct buffer value = {0};
    superblock_encode(&(struct superblock){.format = STORE_FORMAT + 1}, 1, &value);
    assert_error(open_with_superblock(fixture, buffer_slice(&value)), ERR_NEWER_FORMAT);
    assert_superblock_is(fixture, buffer_slice(&value));
    buffer_release(&value);
}

static void of_a_newer_format_only_the_number_is_read(void **state)
{
    struct store_fixture *fixture = *state;
    struct buffer value = {0};
    struct record_key key;
    superblock_key(&key);
    record_begin(&value, 1, 1);
    buffer_append_u32(&value, UINT32_MAX);
    buffer_append(&value, SLICE_STRING("fields that this program does not know"));
    record_seal(&value, record_key_slice(&key));
    assert_error(open_with_superblock(fixture, buffer_slice(&value)), ERR_NEWER_FORMAT);
    buffer_release(&value);
}

static void a_damaged_superblock_is_told_and_not_replaced(void **state)
{
    struct store_fixture *fixture = *state;
    struct buffer value = {0};
    superblock_encode(&(struct superblock){.format = STORE_FORMAT}, 1, &value);
    assert_success(buffer_failed(&value));
    value.data[value.size / 2] ^= 1;
    assert_error(open_with_superblock(fixture, buffer_slice(&value)), ERR_DAMAGED);
    assert_superblock_is(fixture, buffer_slice(&value));
    buffer_release(&value);
}

static int decode_superblock(void *context, const struct record_key *key, struct slice value)
{
    (void)context;
    (void)key; /* there is only one */
    struct superblock got;
    memset(&got, ENCODING_UNTOUCHED, sizeof got);
    int error = superblock_decode(value, &got);
    if (error) assert_untouched(&got, sizeof got);
    return error;
}

static void the_superblock_is_guarded_and_round_trips(void **state)
{
    (void)state;
    struct buffer value = {0};
    struct record_key key;
    struct superblock got, made = {.format = STORE_FORMAT, .created = {-5, 999999999}};
    memset(made.store_id, 0xff, STORE_ID_SIZE);
    for (uint8_t i = 0; i < TOKEN_KEY_SIZE; i++)
        made.token_key[i] = i;
    superblock_key(&key);
    superblock_encode(&made, UINT64_MAX, &value);
    assert_success(superblock_decode(buffer_slice(&value), &got));
    assert_int_equal(got.format, made.format);
    assert_memory_equal(got.store_id, made.store_id, STORE_ID_SIZE);
    assert_memory_equal(got.token_key, made.token_key, TOKEN_KEY_SIZE);
    assert_int_equal(got.created.tv_sec, -5);
    assert_int_equal(got.created.tv_nsec, 999999999);
    assert_encoding_is_guarded(&key, buffer_slice(&value), decode_superblock, NULL);
    superblock_encode(&(struct superblock){.format = 0}, 1, &value);
    assert_error(superblock_decode(buffer_slice(&value), &got), ERR_DAMAGED);
    buffer_release(&value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITHOUT_STORE(a_new_store_has_a_root_directory_of_its_maker),
        WITHOUT_STORE(a_store_that_is_opened_again_is_the_same_store),
        WITHOUT_STORE(names_and_tokens_are_hashed_under_different_keys),
        WITHOUT_STORE(a_new_store_is_one_durable_commit_and_opening_it_again_is_none),
        WITHOUT_STORE(closing_syncs_and_frees_the_engine),
        WITHOUT_STORE(an_engine_that_cannot_be_read_is_not_taken_for_an_empty_one),
        WITHOUT_STORE(a_key_of_somebody_else_makes_it_no_store),
        WITHOUT_STORE(a_foreign_key_before_the_sequences_counts),
        WITHOUT_STORE(a_foreign_key_behind_many_sequences_counts),
        WITHOUT_STORE(sequences_alone_do_not_count_as_foreign),
        WITHOUT_STORE(a_store_without_its_superblock_is_not_made_anew),
        WITHOUT_STORE(a_store_of_a_newer_format_is_left_alone),
        WITHOUT_STORE(of_a_newer_format_only_the_number_is_read),
        WITHOUT_STORE(a_damaged_superblock_is_told_and_not_replaced),
        cmocka_unit_test(the_superblock_is_guarded_and_round_trips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
