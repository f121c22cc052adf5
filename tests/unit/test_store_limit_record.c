/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "limit_record.h"
#include "store_fixture.h"
#include "unit.h"

enum { LINEAGE = 7 };

static const struct file_rights ordinary = {0640, 1, 2, {{3}}};

static void assert_same(const struct file_rights *a, const struct file_rights *b)
{
    assert_int_equal(a->mode, b->mode);
    assert_int_equal(a->uid, b->uid);
    assert_int_equal(a->gid, b->gid);
    assert_true(hash128_equal(&a->acl, &b->acl));
}

static int decode(void *context, const struct record_key *key, struct slice value)
{
    (void)context;
    struct file_rights rights;
    memset(&rights, ENCODING_UNTOUCHED, sizeof rights);
    int error = limit_record_decode(key, value, &rights);
    if (error) assert_untouched(&rights, sizeof rights);
    return error;
}

static void records_round_trip_and_are_guarded(void **state)
{
    (void)state;
    struct file_rights extreme;
    memset(&extreme, 0xff, sizeof extreme);
    const struct file_rights rights[] = {ordinary, extreme, {.mode = 0}};
    for (size_t i = 0; i < sizeof rights / sizeof rights[0]; i++) {
        struct record_key key;
        struct buffer value = {0};
        struct file_rights got;
        record_key_begin(&key, RECORD_LIMIT);
        record_key_u64(&key, LINEAGE);
        record_key_u64(&key, i);
        limit_record_encode(LINEAGE, i, &rights[i], 1, &value);
        assert_success(limit_record_decode(&key, buffer_slice(&value), &got));
        assert_same(&got, &rights[i]);
        assert_encoding_is_guarded(&key, buffer_slice(&value), decode, NULL);
        buffer_release(&value);
    }
}

struct seen {
    uint64_t ordinals[4];
    size_t count;
};

static int see(void *context, uint64_t ordinal, const struct file_rights *rights)
{
    struct seen *seen = context;
    assert_same(rights, &ordinary);
    seen->ordinals[seen->count++] = ordinal;
    return 0;
}

static void those_of_one_lineage_are_visited_from_an_ordinal_on(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    static const uint64_t ordinals[] = {3, 255, 256};
    struct seen all = {.count = 0}, some = {.count = 0};
    struct transaction tx;
    transaction_init(&tx, store);
    for (uint64_t lineage = LINEAGE - 1; lineage <= LINEAGE + 1; lineage++)
        for (size_t i = 0; i < 3; i++)
            limit_record_put(&tx, lineage, ordinals[i], &ordinary);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
    assert_success(limit_record_scan(store, LINEAGE, 0, see, &all));
    assert_int_equal(all.count, 3);
    assert_memory_equal(all.ordinals, ordinals, sizeof ordinals);
    assert_success(limit_record_scan(store, LINEAGE, 4, see, &some));
    assert_int_equal(some.count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_round_trip_and_are_guarded),
        WITH_STORE(those_of_one_lineage_are_visited_from_an_ordinal_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
