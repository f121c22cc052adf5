/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "conflict_record.h"
#include "store_fixture.h"
#include "unit.h"

enum { TARGET = 42 };

static struct conflict_record ordinary(uint64_t target, uint64_t sibling)
{
    return (struct conflict_record){.target_lineage = target,
                                    .sibling = sibling,
                                    .operation = VERSION_WRITE,
                                    .base = {target, 3, 33},
                                    .head = {target, 4, 44},
                                    .writer = {1000, 100, 4711, "emacs"},
                                    .writer_started = 123456,
                                    .time = {1700000000, 5},
                                    .size = 99,
                                    .hash = {{1, 2, 3}},
                                    .retry_after_ms = 250,
                                    .target = "notes.txt",
                                    .name = "notes.txt.conflict",
                                    .directory = 12};
}

static struct conflict_record extreme(void)
{
    struct conflict_record record;
    memset(&record, 0xff, sizeof record);
    record.time = (struct timespec){INT64_MIN, 999999999};
    record.size = INT64_MAX;
    record.writer.command[sizeof record.writer.command - 1] = '\0';
    record.target[sizeof record.target - 1] = '\0';
    record.name[sizeof record.name - 1] = '\0';
    return record;
}

static void assert_same_record(const struct conflict_record *a, const struct conflict_record *b)
{
    assert_int_equal(a->target_lineage, b->target_lineage);
    assert_int_equal(a->sibling, b->sibling);
    assert_int_equal(a->operation, b->operation);
    assert_true(version_id_equal(&a->base, &b->base));
    assert_true(version_id_equal(&a->head, &b->head));
    assert_int_equal(a->writer.uid, b->writer.uid);
    assert_int_equal(a->writer.gid, b->writer.gid);
    assert_int_equal(a->writer.pid, b->writer.pid);
    assert_string_equal(a->writer.command, b->writer.command);
    assert_int_equal(a->writer_started, b->writer_started);
    assert_int_equal(a->time.tv_sec, b->time.tv_sec);
    assert_int_equal(a->time.tv_nsec, b->time.tv_nsec);
    assert_int_equal(a->size, b->size);
    assert_true(hash128_equal(&a->hash, &b->hash));
    assert_int_equal(a->retry_after_ms, b->retry_after_ms);
    assert_string_equal(a->target, b->target);
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->directory, b->directory);
}

static struct record_key key_of(const struct conflict_record *record)
{
    struct record_key key;
    record_key_begin(&key, RECORD_CONFLICT);
    record_key_u64(&key, record->target_lineage);
    record_key_u64(&key, record->sibling);
    return key;
}

static int decode(void *context, const struct record_key *key, struct slice value)
{
    (void)context;
    struct conflict_record record;
    memset(&record, ENCODING_UNTOUCHED, sizeof record);
    int error = conflict_record_decode(key, value, &record);
    if (error) assert_untouched(&record, sizeof record);
    return error;
}

static void records_round_trip_and_are_guarded(void **state)
{
    (void)state;
    const struct conflict_record records[] = {ordinary(TARGET, 7), extreme(), {.sibling = 0}};
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        struct record_key key = key_of(&records[i]);
        struct buffer value = {0};
        struct conflict_record got;
        conflict_record_encode(&records[i], 1, &value);
        assert_success(conflict_record_decode(&key, buffer_slice(&value), &got));
        assert_same_record(&got, &records[i]);
        assert_encoding_is_guarded(&key, buffer_slice(&value), decode, NULL);
        buffer_release(&value);
    }
}

static void a_name_that_is_not_terminated_is_cut(void **state)
{
    (void)state;
    struct conflict_record record = ordinary(TARGET, 7), got;
    struct record_key key = key_of(&record);
    struct buffer value = {0};
    memset(record.target, 't', sizeof record.target);
    memset(record.name, 'n', sizeof record.name);
    conflict_record_encode(&record, 1, &value);
    assert_success(conflict_record_decode(&key, buffer_slice(&value), &got));
    assert_int_equal(strlen(got.target), 255);
    assert_int_equal(strlen(got.name), 255);
    buffer_release(&value);
}

static void a_size_above_the_largest_offset_is_damage(void **state)
{
    (void)state;
    struct conflict_record record = ordinary(TARGET, 7);
    struct record_key key = key_of(&record);
    struct buffer value = {0};
    record.size = (uint64_t)INT64_MAX + 1;
    conflict_record_encode(&record, 1, &value);
    assert_error(decode(NULL, &key, buffer_slice(&value)), ERR_DAMAGED);
    buffer_release(&value);
}

/* The last field but one is a name; one of 256 bytes in a record with a right checksum. */
static void a_name_of_256_bytes_is_damage(void **state)
{
    (void)state;
    struct conflict_record record = ordinary(TARGET, 7);
    struct record_key key = key_of(&record);
    struct buffer value = {0};
    char name[256];
    memset(name, 'n', sizeof name);
    conflict_record_encode(&record, 1, &value);
    assert_success(buffer_failed(&value));
    value.size -= 8 /* checksum */ + 8 + 4 + strlen(record.name);
    buffer_append_blob(&value, SLICE(name, sizeof name));
    buffer_append_u64(&value, record.directory);
    record_seal(&value, record_key_slice(&key));
    assert_error(decode(NULL, &key, buffer_slice(&value)), ERR_DAMAGED);
    buffer_release(&value);
}

/* ---- in the store ---- */

static void put(struct store *store, uint64_t target, uint64_t sibling)
{
    struct conflict_record record = ordinary(target, sibling);
    struct transaction tx;
    transaction_init(&tx, store);
    conflict_record_put(&tx, &record);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
}

static void a_stored_record_is_what_was_put_until_it_is_deleted(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct conflict_record record = ordinary(TARGET, 7), got;
    struct transaction tx;
    assert_error(conflict_record_get(store, TARGET, 7, &got), ERR_NOT_FOUND);
    put(store, TARGET, 7);
    assert_success(conflict_record_get(store, TARGET, 7, &got));
    assert_same_record(&got, &record);
    transaction_init(&tx, store);
    conflict_record_delete(&tx, TARGET, 7);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
    assert_error(conflict_record_get(store, TARGET, 7, &got), ERR_NOT_FOUND);
}

struct seen {
    uint64_t siblings[16];
    size_t count;
    size_t stop_after; /* 0: never */
    int result;        /* then */
};

static int see(void *context, const struct conflict_record *record)
{
    struct seen *seen = context;
    assert_true(seen->count < sizeof seen->siblings / sizeof seen->siblings[0]);
    seen->siblings[seen->count++] = record->sibling;
    return seen->count == seen->stop_after ? seen->result : 0;
}

static void one_files_conflicts_are_visited_in_the_order_of_their_siblings(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    static const uint64_t siblings[] = {7, 255, 256, UINT64_MAX};
    struct seen all = {.count = 0}, ended = {.stop_after = 2, .result = 1};
    struct seen failed = {.stop_after = 1, .result = ERR_BUSY};
    for (uint64_t target = TARGET - 1; target <= TARGET + 1; target++)
        for (size_t i = 4; i-- > 0;)
            put(store, target, siblings[i]);
    assert_success(conflict_record_scan(store, TARGET, see, &all));
    assert_int_equal(all.count, 4);
    assert_memory_equal(all.siblings, siblings, sizeof siblings);
    assert_success(conflict_record_scan(store, TARGET, see, &ended));
    assert_int_equal(ended.count, 2);
    assert_error(conflict_record_scan(store, TARGET, see, &failed), ERR_BUSY);

    struct seen everywhere = {.count = 0};
    assert_success(conflict_record_scan_all(store, see, &everywhere));
    assert_int_equal(everywhere.count, 12);
    for (size_t i = 0; i < 12; i++)
        assert_int_equal(everywhere.siblings[i], siblings[i % 4]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_round_trip_and_are_guarded),
        cmocka_unit_test(a_name_that_is_not_terminated_is_cut),
        cmocka_unit_test(a_size_above_the_largest_offset_is_damage),
        cmocka_unit_test(a_name_of_256_bytes_is_damage),
        WITH_STORE(a_stored_record_is_what_was_put_until_it_is_deleted),
        WITH_STORE(one_files_conflicts_are_visited_in_the_order_of_their_siblings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
