/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "random_numbers.h"
#include "store_fixture.h"
#include "unit.h"
#include "version.h"

enum { LINEAGE = 42 };

static struct version ordinary(uint64_t lineage, uint64_t ordinal)
{
    return (struct version){.id = {lineage, ordinal, 1000 + ordinal},
                            .operation = VERSION_WRITE,
                            .parent_count = 1,
                            .parents = {{lineage, ordinal - 1, 999 + ordinal}},
                            .author = {1, 2, 3, "vim"},
                            .time = {1700000000, 5},
                            .mtime = {1600000000, 6},
                            .mode = S_IFREG | 0644,
                            .uid = 7,
                            .gid = 8,
                            .content = {.kind = CONTENT_EMPTY, .size = 9}};
}

static struct version extreme(void)
{
    struct version version = {.id = {UINT64_MAX, UINT64_MAX, UINT64_MAX},
                              .abandoned = true,
                              .operation = VERSION_KILLED,
                              .parent_count = VERSION_PARENTS_MAX,
                              .author = {UINT32_MAX, UINT32_MAX, UINT32_MAX, "fifteen letters"},
                              .time = {INT64_MAX, 999999999},
                              .mtime = {INT64_MIN, 0},
                              .mode = UINT32_MAX,
                              .uid = UINT32_MAX,
                              .gid = UINT32_MAX,
                              .message_size = VERSION_MESSAGE_MAX};
    memset(version.parents, 0xff, sizeof version.parents);
    memset(&version.acl, 0xff, sizeof version.acl);
    version.content = (struct content){.kind = CONTENT_TREE,
                                       .height = CHUNK_HEIGHT_MAX,
                                       .size = INT64_MAX,
                                       .allocated = UINT64_MAX,
                                       .root = {.id = UINT64_MAX, .length = CHUNK_SIZE}};
    memset(&version.content.root.hash, 0xff, sizeof version.content.root.hash);
    version.content.hash = version.content.root.hash;
    return version;
}

static void assert_same_version(const struct version *a, const struct version *b)
{
    assert_true(version_id_equal(&a->id, &b->id));
    assert_int_equal(a->abandoned, b->abandoned);
    assert_int_equal(a->operation, b->operation);
    assert_int_equal(a->parent_count, b->parent_count);
    for (unsigned i = 0; i < a->parent_count; i++)
        assert_true(version_id_equal(&a->parents[i], &b->parents[i]));
    assert_int_equal(a->author.uid, b->author.uid);
    assert_int_equal(a->author.gid, b->author.gid);
    assert_int_equal(a->author.pid, b->author.pid);
    assert_string_equal(a->author.command, b->author.command);
    assert_int_equal(a->time.tv_sec, b->time.tv_sec);
    assert_int_equal(a->time.tv_nsec, b->time.tv_nsec);
    assert_int_equal(a->mtime.tv_sec, b->mtime.tv_sec);
    assert_int_equal(a->mtime.tv_nsec, b->mtime.tv_nsec);
    assert_int_equal(a->mode, b->mode);
    assert_int_equal(a->uid, b->uid);
    assert_int_equal(a->gid, b->gid);
    assert_true(hash128_equal(&a->acl, &b->acl));
    assert_true(content_equal(&a->content, &b->content));
    assert_int_equal(a->content.allocated, b->content.allocated);
    assert_int_equal(a->content.root.id, b->content.root.id);
    assert_int_equal(a->message_size, b->message_size);
}

static int decode(void *context, const struct record_key *key, struct slice value)
{
    (void)context;
    struct version version;
    memset(&version, ENCODING_UNTOUCHED, sizeof version);
    int error = version_decode(key, value, &version);
    if (error) assert_untouched(&version, sizeof version);
    return error;
}

static void assert_round_trips_guarded(const struct version *version)
{
    struct buffer value = {0};
    struct record_key key;
    struct version got;
    version_key(&version->id, version->abandoned, &key);
    version_encode(version, 1, &value);
    assert_success(version_decode(&key, buffer_slice(&value), &got));
    assert_same_version(&got, version);
    assert_encoding_is_guarded(&key, buffer_slice(&value), decode, NULL);
    buffer_release(&value);
}

static void versions_with_any_number_of_parents_round_trip_and_are_guarded(void **state)
{
    (void)state;
    struct version version = extreme();
    assert_round_trips_guarded(&version);
    version = ordinary(LINEAGE, 5);
    for (uint8_t parents = 0; parents <= VERSION_PARENTS_MAX; parents++) {
        version.parent_count = parents;
        assert_round_trips_guarded(&version);
    }
    version.author.command[0] = '\0';
    version.content = (struct content){.kind = CONTENT_INLINE, .size = CONTENT_INLINE_MAX};
    assert_round_trips_guarded(&version);
}

static void a_command_that_is_not_terminated_is_cut(void **state)
{
    (void)state;
    struct author author = {.uid = 1}, got;
    struct buffer value = {0};
    struct reader fields;
    memset(author.command, 'c', sizeof author.command);
    author_append(&value, &author);
    reader_init(&fields, buffer_slice(&value));
    got = author_read(&fields);
    assert_success(reader_finish(&fields));
    assert_int_equal(strlen(got.command), sizeof got.command - 1);
    buffer_release(&value);
}

static void a_command_that_does_not_fit_is_damage(void **state)
{
    (void)state;
    struct buffer value = {0};
    struct reader fields;
    for (unsigned i = 0; i < 3; i++)
        buffer_append_u32(&value, i);
    buffer_append_blob(&value, SLICE_STRING("sixteen letters!"));
    reader_init(&fields, buffer_slice(&value));
    author_read(&fields);
    assert_error(reader_finish(&fields), ERR_DAMAGED);
    buffer_release(&value);
}

/* ---- in the store ---- */

static int put(struct store *store, const struct version *version)
{
    struct transaction tx;
    transaction_init(&tx, store);
    version_put(&tx, version);
    int error = transaction_commit(&tx, false);
    transaction_release(&tx);
    return error;
}

static void a_stored_version_is_what_was_put(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct version version = ordinary(LINEAGE, 3), got;
    assert_error(version_get(store, LINEAGE, 3, &got), ERR_NOT_FOUND);
    assert_success(put(store, &version));
    assert_success(version_get(store, LINEAGE, 3, &got));
    assert_same_version(&got, &version);
    assert_error(version_get(store, LINEAGE, 4, &got), ERR_NOT_FOUND);
    assert_error(version_get(store, LINEAGE + 1, 3, &got), ERR_NOT_FOUND);
}

static void an_ordinal_is_committed_once(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct version first = ordinary(LINEAGE, 3), second = first, got;
    second.id.nonce++;
    assert_success(put(store, &first));
    assert_int_equal(put(store, &second), TRANSACTION_AGAIN);
    assert_success(version_get(store, LINEAGE, 3, &got));
    assert_int_equal(got.id.nonce, first.id.nonce);
}

static void abandoned_versions_of_one_ordinal_stand_beside_each_other(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct version committed = ordinary(LINEAGE, 3), abandoned = committed, got;
    abandoned.abandoned = true;
    abandoned.operation = VERSION_KILLED;
    assert_success(put(store, &abandoned));
    abandoned.id.nonce++;
    assert_success(put(store, &abandoned));
    assert_error(version_get(store, LINEAGE, 3, &got), ERR_NOT_FOUND);
    assert_success(put(store, &committed));
    assert_success(version_get(store, LINEAGE, 3, &got));
    assert_false(got.abandoned);
}

struct history {
    struct {
        uint64_t ordinal, nonce;
        bool abandoned;
    } seen[32];
    size_t count;
    size_t stop_after; /* 0: never */
    int result;        /* then */
};

static int see(void *context, const struct version *version)
{
    struct history *history = context;
    assert_int_equal(version->id.lineage, LINEAGE);
    assert_true(history->count < 32);
    history->seen[history->count].ordinal = version->id.ordinal;
    history->seen[history->count].nonce = version->id.nonce;
    history->seen[history->count++].abandoned = version->abandoned;
    return history->count == history->stop_after ? history->result : 0;
}

/* Ordinals 0 .. 9, and the same in the lineages beside it; two abandoned ones of ordinal 4, nonces 1 and UINT64_MAX. */
static void make_history(struct store *store)
{
    for (uint64_t ordinal = 0; ordinal < 10; ordinal++)
        for (uint64_t lineage = LINEAGE - 1; lineage <= LINEAGE + 1; lineage++) {
            struct version version = ordinary(lineage, ordinal);
            assert_success(put(store, &version));
        }
    struct version abandoned = ordinary(LINEAGE, 4);
    abandoned.abandoned = true;
    abandoned.id.nonce = UINT64_MAX;
    assert_success(put(store, &abandoned));
    abandoned.id.nonce = 1;
    assert_success(put(store, &abandoned));
}

static void a_history_is_visited_oldest_first_abandoned_ones_behind_their_base(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    static const uint64_t ordinals[] = {0, 1, 2, 3, 4, 4, 4, 5, 6, 7, 8, 9};
    static const uint64_t nonces[] = {1000, 1001, 1002, 1003, 1004, 1, UINT64_MAX, 1005, 1006, 1007, 1008, 1009};
    struct history history = {.count = 0};
    make_history(store);
    assert_success(version_scan(store, LINEAGE, 0, false, see, &history));
    assert_int_equal(history.count, 12);
    for (size_t i = 0; i < 12; i++) {
        assert_int_equal(history.seen[i].ordinal, ordinals[i]);
        assert_int_equal(history.seen[i].nonce, nonces[i]);
        assert_int_equal(history.seen[i].abandoned, i == 5 || i == 6);
    }
}

static void an_abandoned_version_is_found_by_its_id(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct version version;
    make_history(store);
    assert_success(version_get_abandoned(store, &(struct version_id){LINEAGE, 4, 1}, &version));
    assert_true(version.abandoned);
    assert_int_equal(version.id.nonce, 1);
    assert_error(version_get_abandoned(store, &(struct version_id){LINEAGE, 4, 2}, &version), ERR_NOT_FOUND);
    assert_error(version_get_abandoned(store, &(struct version_id){LINEAGE, 5, 1}, &version), ERR_NOT_FOUND);
}

static void a_history_is_visited_newest_first_down_to_the_given_ordinal(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    static const uint64_t ordinals[] = {9, 8, 7, 6, 5, 4, 4, 4};
    struct history history = {.count = 0};
    make_history(store);
    assert_success(version_scan(store, LINEAGE, 4, true, see, &history));
    assert_int_equal(history.count, 8);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(history.seen[i].ordinal, ordinals[i]);
    assert_int_equal(history.seen[5].nonce, UINT64_MAX);
    assert_false(history.seen[7].abandoned);
}

static void a_visitor_ends_the_history_with_or_without_an_error(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct history ended = {.stop_after = 1, .result = 1}, failed = {.stop_after = 3, .result = ERR_BUSY};
    make_history(store);
    assert_success(version_scan(store, LINEAGE, 0, true, see, &ended));
    assert_int_equal(ended.count, 1);
    assert_int_equal(ended.seen[0].ordinal, 9);
    assert_error(version_scan(store, LINEAGE, 7, false, see, &failed), ERR_BUSY);
    assert_int_equal(failed.count, 3);
}

/* ---- bodies ---- */

static void put_body(struct store *store, const struct version_id *id, bool abandoned, struct slice bytes)
{
    struct transaction tx;
    transaction_init(&tx, store);
    body_put(&tx, id, abandoned, bytes);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
}

static void bodies_up_to_the_inline_limit_round_trip(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    static const size_t sizes[] = {0, 1, 4096, CONTENT_INLINE_MAX};
    struct random_numbers numbers = {5};
    uint8_t *bytes = malloc(CONTENT_INLINE_MAX);
    struct buffer got = {0};
    assert_non_null(bytes);
    random_bytes(&numbers, bytes, CONTENT_INLINE_MAX);
    for (uint64_t i = 0; i < 4; i++) {
        const struct version_id id = {LINEAGE, i, 77};
        put_body(store, &id, false, SLICE(bytes, sizes[i]));
        put_body(store, &id, true, SLICE_STRING("of the abandoned one"));
        assert_success(body_get(store, &id, false, &got));
        assert_true(slice_equal(buffer_slice(&got), SLICE(bytes, sizes[i])));
        assert_success(body_get(store, &id, true, &got));
        assert_true(slice_equal(buffer_slice(&got), SLICE_STRING("of the abandoned one")));
    }
    buffer_release(&got);
    free(bytes);
}

static int read_body(struct store *store, void *context)
{
    struct buffer got = {0};
    int error = body_get(store, context, false, &got);
    buffer_release(&got);
    return error;
}

static void damage_to_a_body_and_its_absence_are_found(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct version_id id = {LINEAGE, 1, 77};
    struct record_key key;
    assert_error(read_body(store, &id), ERR_DAMAGED);
    put_body(store, &id, false, SLICE_STRING("the bytes of the content"));
    version_key(&id, false, &key);
    key.bytes[0] = RECORD_BODY;
    assert_record_is_guarded(store, &key, read_body, &id);
}

/* ---- messages ---- */

static void put_message(struct store *store, const struct version *version, struct slice bytes)
{
    struct transaction tx;
    transaction_init(&tx, store);
    message_put(&tx, version, bytes);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
}

static void messages_of_every_size_round_trip(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    static const uint16_t sizes[] = {1, 80, VERSION_MESSAGE_MAX};
    char bytes[VERSION_MESSAGE_MAX];
    struct buffer got = {0};
    memset(bytes, 0xe9, sizeof bytes);
    for (uint64_t i = 0; i < 3; i++) {
        struct version version = ordinary(LINEAGE, i), abandoned = version;
        version.message_size = sizes[i];
        abandoned.abandoned = true;
        abandoned.message_size = 5;
        put_message(store, &version, SLICE(bytes, sizes[i]));
        put_message(store, &abandoned, SLICE_STRING("other"));
        assert_success(message_get(store, &version, &got));
        assert_true(slice_equal(buffer_slice(&got), SLICE(bytes, sizes[i])));
        assert_success(message_get(store, &abandoned, &got));
        assert_true(slice_equal(buffer_slice(&got), SLICE_STRING("other")));
    }
    buffer_release(&got);
}

static int read_message(struct store *store, void *context)
{
    struct buffer got = {0};
    int error = message_get(store, context, &got);
    buffer_release(&got);
    return error;
}

static void damage_to_a_message_and_its_absence_are_found(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct version version = ordinary(LINEAGE, 3);
    struct record_key key;
    version.message_size = 12;
    assert_error(read_message(store, &version), ERR_DAMAGED);
    put_message(store, &version, SLICE_STRING("what is new?"));
    version_key(&version.id, false, &key);
    key.bytes[0] = RECORD_MESSAGE;
    assert_record_is_guarded(store, &key, read_message, &version);
    version.message_size = 11; /* its version says otherwise */
    put_message(store, &version, SLICE_STRING("what is ne?"));
    version.message_size = 12;
    assert_error(read_message(store, &version), ERR_DAMAGED);
}

static void a_message_that_is_too_long_is_damage(void **state)
{
    (void)state;
    struct version version = ordinary(LINEAGE, 3), got;
    struct buffer value = {0};
    struct record_key key;
    version.message_size = VERSION_MESSAGE_MAX;
    version_key(&version.id, false, &key);
    version_encode(&version, 1, &value);
    enum { CHECKSUM = 8 };
    value.size -= CHECKSUM;
    value.data[value.size - 4]++; /* the lowest byte of the size, the last field */
    record_seal(&value, record_key_slice(&key));
    assert_error(version_decode(&key, buffer_slice(&value), &got), ERR_DAMAGED);
    buffer_release(&value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_with_any_number_of_parents_round_trip_and_are_guarded),
        cmocka_unit_test(a_command_that_is_not_terminated_is_cut),
        cmocka_unit_test(a_command_that_does_not_fit_is_damage),
        WITH_STORE(a_stored_version_is_what_was_put),
        WITH_STORE(an_ordinal_is_committed_once),
        WITH_STORE(abandoned_versions_of_one_ordinal_stand_beside_each_other),
        WITH_STORE(a_history_is_visited_oldest_first_abandoned_ones_behind_their_base),
        WITH_STORE(an_abandoned_version_is_found_by_its_id),
        WITH_STORE(a_history_is_visited_newest_first_down_to_the_given_ordinal),
        WITH_STORE(a_visitor_ends_the_history_with_or_without_an_error),
        WITH_STORE(bodies_up_to_the_inline_limit_round_trip),
        WITH_STORE(damage_to_a_body_and_its_absence_are_found),
        WITH_STORE(messages_of_every_size_round_trip),
        WITH_STORE(damage_to_a_message_and_its_absence_are_found),
        cmocka_unit_test(a_message_that_is_too_long_is_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
