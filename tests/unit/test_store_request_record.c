/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "request_record.h"
#include "store_fixture.h"
#include "unit.h"

enum { LINEAGE = 42 };

static struct request_record ordinary(const char *id, int64_t seconds)
{
    struct request_record record = {.lineage = LINEAGE, .version = {LINEAGE, 3, 33}, .time = {seconds, 5}};
    strcpy(record.id, id);
    return record;
}

static struct request_record extreme(void)
{
    struct request_record record;
    memset(&record, 0xff, sizeof record);
    record.id[REQUEST_ID_MAX] = '\0';
    record.appended = true;
    record.from = INT64_MAX;
    record.time = (struct timespec){INT64_MAX, 999999999};
    return record;
}

static void assert_same_record(const struct request_record *a, const struct request_record *b)
{
    assert_int_equal(a->lineage, b->lineage);
    assert_string_equal(a->id, b->id);
    assert_true(version_id_equal(&a->version, &b->version));
    assert_int_equal(a->appended, b->appended);
    assert_int_equal(a->from, b->from);
    assert_int_equal(a->time.tv_sec, b->time.tv_sec);
    assert_int_equal(a->time.tv_nsec, b->time.tv_nsec);
}

static struct record_key key_of(const struct request_record *record)
{
    struct record_key key;
    record_key_begin(&key, RECORD_REQUEST);
    record_key_u64(&key, record->lineage);
    record_key_bytes(&key, SLICE_STRING(record->id));
    return key;
}

static int decode(void *context, const struct record_key *key, struct slice value)
{
    (void)context;
    struct request_record record;
    memset(&record, ENCODING_UNTOUCHED, sizeof record);
    int error = request_record_decode(key, value, &record);
    if (error) assert_untouched(&record, sizeof record);
    return error;
}

static void records_round_trip_and_are_guarded(void **state)
{
    (void)state;
    const struct request_record records[] = {ordinary("a", 1700000000), extreme()};
    for (size_t i = 0; i < 2; i++) {
        struct buffer value = {0};
        struct request_record got;
        struct record_key key = key_of(&records[i]);
        request_record_encode(&records[i], 1, &value);
        assert_success(request_record_decode(&key, buffer_slice(&value), &got));
        assert_same_record(&got, &records[i]);
        assert_encoding_is_guarded(&key, buffer_slice(&value), decode, NULL);
        buffer_release(&value);
    }
}

static void what_cannot_be_is_damage(void **state)
{
    (void)state;
    struct request_record record = ordinary("a", 1), got;
    struct record_key key = key_of(&record);
    struct buffer value = {0};
    record.from = (uint64_t)INT64_MAX + 1;
    request_record_encode(&record, 1, &value);
    assert_error(request_record_decode(&key, buffer_slice(&value), &got), ERR_DAMAGED);
    buffer_release(&value);
}

static void put(struct store *store, const struct request_record *record)
{
    struct transaction tx;
    transaction_init(&tx, store);
    request_record_put(&tx, record);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
}

static void a_stored_record_is_what_was_put(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct request_record record = ordinary("request-1", 1700000000), got;
    put(store, &record);
    assert_success(request_record_get(store, LINEAGE, "request-1", &got));
    assert_same_record(&got, &record);
    assert_error(request_record_get(store, LINEAGE, "request-", &got), ERR_NOT_FOUND);
    assert_error(request_record_get(store, LINEAGE, "request-11", &got), ERR_NOT_FOUND);
    assert_error(request_record_get(store, LINEAGE + 1, "request-1", &got), ERR_NOT_FOUND);
}

/* Expires what is older than `before`; returns how many went, in how many steps. */
static size_t expire(struct store *store, uint64_t before, size_t *ret_steps)
{
    size_t sum = 0, count = 1;
    for (*ret_steps = 0; count > 0; ++*ret_steps, sum += count)
        assert_success(request_record_expire(store, before, &count));
    return sum;
}

static void the_old_ones_expire_in_small_steps(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct request_record got;
    char id[20];
    size_t steps;
    for (int i = 0; i < 100; i++) {
        snprintf(id, sizeof id, "r%d", i);
        const struct request_record record = ordinary(id, 1000 + i / 2);
        put(store, &record);
    }
    assert_int_equal(expire(store, 1000, &steps), 0);
    assert_int_equal(expire(store, 1040, &steps), 80);
    assert_true(steps > 3);
    assert_error(request_record_get(store, LINEAGE, "r79", &got), ERR_NOT_FOUND);
    assert_success(request_record_get(store, LINEAGE, "r80", &got));
    assert_int_equal(expire(store, 1040, &steps), 0);
    assert_int_equal(expire(store, 2000, &steps), 20);
}

static void an_id_that_is_used_anew_stays(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    const struct request_record old = ordinary("again", 1000), new = ordinary("again", 5000);
    struct request_record got;
    size_t steps;
    put(store, &old);
    put(store, &new);
    assert_int_equal(expire(store, 2000, &steps), 1);
    assert_success(request_record_get(store, LINEAGE, "again", &got));
    assert_int_equal(got.time.tv_sec, 5000);
    assert_int_equal(expire(store, 6000, &steps), 1);
    assert_error(request_record_get(store, LINEAGE, "again", &got), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_round_trip_and_are_guarded),
        cmocka_unit_test(what_cannot_be_is_damage),
        WITH_STORE(a_stored_record_is_what_was_put),
        WITH_STORE(the_old_ones_expire_in_small_steps),
        WITH_STORE(an_id_that_is_used_anew_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
