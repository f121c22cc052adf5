/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inode.h"
#include "random_numbers.h"
#include "store_fixture.h"
#include "unit.h"
#include "xattr.h"

enum { INO = 42 };

/* Sets or, where `value` is NULL, removes an attribute, as lib/occ does: what a longer old value left goes first. */
static int change(struct store *store, uint64_t ino, struct slice name, const struct slice *value)
{
    struct transaction tx;
    struct buffer old = {0};
    int error;
    transaction_init(&tx, store);
    do {
        transaction_restart(&tx);
        error = xattr_load(&tx, ino, name, &old);
        if (error && error != ERR_NODATA) break;
        if (!error) xattr_delete(&tx, ino, name, old.size);
        if (value) xattr_put(&tx, ino, name, *value);
        else unlinked_put(&tx, ino); /* conditions need a put */
        error = transaction_commit(&tx, false);
    } while (error == TRANSACTION_AGAIN);
    transaction_release(&tx);
    buffer_release(&old);
    return error;
}

static void set(struct store *store, uint64_t ino, const char *name, struct slice value)
{
    assert_success(change(store, ino, SLICE_STRING(name), &value));
}

static void assert_value(struct store *store, uint64_t ino, const char *name, struct slice expected)
{
    struct buffer got = {0};
    struct transaction tx;
    buffer_append(&got, SLICE_STRING("what was in the buffer before"));
    assert_success(xattr_get(store, ino, SLICE_STRING(name), &got));
    assert_true(slice_equal(buffer_slice(&got), expected));
    transaction_init(&tx, store);
    assert_success(xattr_load(&tx, ino, SLICE_STRING(name), &got));
    assert_true(slice_equal(buffer_slice(&got), expected));
    transaction_release(&tx);
    buffer_release(&got);
}

static uint8_t *make_bytes(size_t size)
{
    struct random_numbers numbers = {size};
    uint8_t *bytes = malloc(size ? size : 1);
    assert_non_null(bytes);
    random_bytes(&numbers, bytes, size);
    return bytes;
}

static const size_t sizes[] = {
    0, 1, 100, XATTR_FRAGMENT - 1, XATTR_FRAGMENT, XATTR_FRAGMENT + 1, 40000, 65535, XATTR_VALUE_MAX};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

static void values_of_0_to_64_kib_round_trip(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    for (size_t i = 0; i < SIZES; i++) {
        uint8_t *bytes = make_bytes(sizes[i]);
        char name[16];
        snprintf(name, sizeof name, "user.%zu", i);
        set(store, INO, name, SLICE(bytes, sizes[i]));
        assert_value(store, INO, name, SLICE(bytes, sizes[i]));
        free(bytes);
    }
}

static size_t count_records(struct store *store);

static void values_shrink_and_grow_without_leaving_records(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    for (size_t from = 0; from < SIZES; from++)
        for (size_t to = 0; to < SIZES; to++) {
            uint8_t *old = make_bytes(sizes[from]), *new = make_bytes(sizes[to]);
            set(store, INO, "user.x", SLICE(old, sizes[from]));
            set(store, INO, "user.x", SLICE(new, sizes[to]));
            assert_value(store, INO, "user.x", SLICE(new, sizes[to]));
            assert_int_equal(count_records(store), sizes[to] > XATTR_FRAGMENT ? 2 : 1);
            free(old);
            free(new);
        }
}

static void an_attribute_that_is_not_there_is_no_data(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    uint8_t *bytes = make_bytes(XATTR_VALUE_MAX);
    struct buffer got = {0};
    assert_error(xattr_get(store, INO, SLICE_STRING("user.x"), &got), ERR_NODATA);
    set(store, INO, "user.x", SLICE(bytes, XATTR_VALUE_MAX));
    assert_success(change(store, INO, SLICE_STRING("user.x"), NULL));
    assert_error(xattr_get(store, INO, SLICE_STRING("user.x"), &got), ERR_NODATA);
    assert_int_equal(count_records(store), 0);
    buffer_release(&got);
    free(bytes);
}

static void a_name_of_255_bytes_and_names_that_begin_alike_are_told_apart(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    char name[XATTR_NAME_MAX_BYTES + 1];
    memset(name, 'n', XATTR_NAME_MAX_BYTES);
    name[XATTR_NAME_MAX_BYTES] = '\0';
    set(store, INO, name, SLICE_STRING("longest"));
    name[XATTR_NAME_MAX_BYTES - 1] = '\0';
    set(store, INO, name, SLICE_STRING("shorter"));
    assert_value(store, INO, name, SLICE_STRING("shorter"));
    name[XATTR_NAME_MAX_BYTES - 1] = 'n';
    assert_value(store, INO, name, SLICE_STRING("longest"));
}

static void a_change_between_load_and_commit_is_noticed_in_any_fragment(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    uint8_t *bytes = make_bytes(XATTR_VALUE_MAX);
    struct transaction tx;
    struct buffer got = {0};
    set(store, INO, "user.x", SLICE(bytes, XATTR_VALUE_MAX));
    transaction_init(&tx, store);
    assert_success(xattr_load(&tx, INO, SLICE_STRING("user.x"), &got));
    bytes[XATTR_VALUE_MAX - 1] ^= 1;
    set(store, INO, "user.x", SLICE(bytes, XATTR_VALUE_MAX));
    xattr_put(&tx, INO, SLICE_STRING("user.x"), SLICE_STRING("mine"));
    assert_int_equal(transaction_commit(&tx, false), TRANSACTION_AGAIN);
    assert_value(store, INO, "user.x", SLICE(bytes, XATTR_VALUE_MAX));
    transaction_release(&tx);
    buffer_release(&got);
    free(bytes);
}

/* ---- reading while others write ---- */

struct changer {
    struct store *store;
    atomic_bool stop;
    int error;
};

/* Values of one letter each, of one and of two fragments, and now and then none. */
static void *change_until_stopped(void *argument)
{
    static const size_t lengths[] = {100, 40000, 60000, 40000, 40000};
    struct changer *changer = argument;
    uint8_t *bytes = malloc(XATTR_VALUE_MAX);
    if (!bytes) changer->error = ERR_NOMEM;
    for (unsigned i = 0; !changer->stop && !changer->error; i++) {
        struct slice value = SLICE(bytes, lengths[i % 5]);
        memset(bytes, 'a' + i % 26, value.size);
        changer->error = change(changer->store, INO, SLICE_STRING("user.x"), i % 7 == 6 ? NULL : &value);
    }
    free(bytes);
    return NULL;
}

/* Whether the value, if there is one, is whole: one letter, in one of the lengths. */
static bool is_one_that_was_set(const struct buffer *value)
{
    if (value->size != 100 && value->size != 40000 && value->size != 60000) return false;
    return memcmp(value->data, value->data + 1, value->size - 1) == 0;
}

static void a_value_that_is_read_while_it_changes_is_one_that_was_set(void **state)
{
    struct changer changer = {.store = ((struct store_fixture *)*state)->store};
    struct buffer got = {0};
    struct transaction tx;
    pthread_t thread;
    transaction_init(&tx, changer.store);
    assert_int_equal(pthread_create(&thread, NULL, change_until_stopped, &changer), 0);
    int error = 0;
    bool whole = true;
    for (unsigned i = 0; i < 10000 && !error && whole; i++) {
        transaction_restart(&tx);
        error = i % 2 ? xattr_get(changer.store, INO, SLICE_STRING("user.x"), &got)
                      : xattr_load(&tx, INO, SLICE_STRING("user.x"), &got);
        if (!error) whole = is_one_that_was_set(&got);
        if (error == ERR_NODATA) error = 0;
    }
    changer.stop = true;
    pthread_join(thread, NULL); /* before anything is asserted: a failed test closes the store */
    assert_success(error);
    assert_true(whole);
    assert_success(changer.error);
    transaction_release(&tx);
    buffer_release(&got);
}

/* ---- all of an inode ---- */

static int count_one(void *context, struct slice key, struct slice value)
{
    (void)key;
    (void)value;
    ++*(size_t *)context;
    return 0;
}

static size_t count_records(struct store *store)
{
    static const uint8_t first = RECORD_XATTR, end = RECORD_XATTR + 1;
    const struct kv_range range = {.first = SLICE(&first, 1), .end = SLICE(&end, 1)};
    size_t count = 0;
    assert_success(kv_scan(store->kv, NULL, &range, count_one, &count));
    return count;
}

static void names_are_listed_once_in_byte_order(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    static const char expected[] = "security.a\0user.a\0user.a\x01\0user.aa\0user.b\0user.\xff";
    uint8_t *bytes = make_bytes(XATTR_VALUE_MAX);
    struct buffer names = {0};
    assert_success(xattr_list(store, INO, &names));
    assert_int_equal(names.size, 0);
    set(store, INO, "user.b", SLICE(bytes, XATTR_VALUE_MAX));
    set(store, INO, "user.\xff", SLICE(NULL, 0));
    set(store, INO, "user.aa", SLICE_STRING("2"));
    set(store, INO, "user.a\x01", SLICE_STRING("3"));
    set(store, INO, "user.a", SLICE(bytes, XATTR_VALUE_MAX));
    set(store, INO, "security.a", SLICE_STRING("5"));
    set(store, INO - 1, "user.before", SLICE_STRING("6"));
    set(store, INO + 1, "user.behind", SLICE_STRING("7"));
    assert_success(xattr_list(store, INO, &names));
    assert_true(slice_equal(buffer_slice(&names), SLICE(expected, sizeof expected)));
    buffer_release(&names);
    free(bytes);
}

static void all_of_an_inodes_attributes_go_and_no_others(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    uint8_t *bytes = make_bytes(XATTR_VALUE_MAX);
    struct buffer names = {0};
    for (unsigned i = 0; i < 150; i++) {
        char name[16];
        snprintf(name, sizeof name, "user.%u", i);
        set(store, INO, name, SLICE(bytes, i % 3 ? 10 : XATTR_VALUE_MAX));
    }
    set(store, INO - 1, "user.before", SLICE_STRING("stays"));
    set(store, INO + 1, "user.behind", SLICE_STRING("stays"));
    assert_success(xattr_delete_all(store, INO));
    assert_success(xattr_list(store, INO, &names));
    assert_int_equal(names.size, 0);
    assert_int_equal(count_records(store), 2);
    assert_success(xattr_delete_all(store, INO));
    assert_value(store, INO - 1, "user.before", SLICE_STRING("stays"));
    assert_value(store, INO + 1, "user.behind", SLICE_STRING("stays"));
    buffer_release(&names);
    free(bytes);
}

/* ---- damage ---- */

static struct record_key fragment_key(const char *name, uint8_t fragment)
{
    struct record_key key;
    record_key_begin(&key, RECORD_XATTR);
    record_key_u64(&key, INO);
    record_key_bytes(&key, SLICE_STRING(name));
    record_key_u8(&key, 0);
    record_key_u8(&key, fragment);
    return key;
}

static int read_x(struct store *store, void *context)
{
    (void)context;
    struct buffer got = {0};
    int error = xattr_get(store, INO, SLICE_STRING("user.x"), &got);
    buffer_release(&got);
    return error;
}

static void damage_to_a_value_is_found(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct record_key key = fragment_key("user.x", 0);
    set(store, INO, "user.x", SLICE_STRING("a value"));
    assert_record_is_guarded(store, &key, read_x, NULL);
}

/* Makes fragment `number` of user.x say a size of the whole and hold `piece` bytes. */
static void put_fragment(struct store *store, uint8_t number, uint32_t size, size_t piece)
{
    uint8_t *bytes = make_bytes(piece);
    struct record_key key = fragment_key("user.x", number);
    struct buffer value = {0};
    record_begin(&value, 1, 1);
    buffer_append_u32(&value, size);
    buffer_append_blob(&value, SLICE(bytes, piece));
    record_seal(&value, record_key_slice(&key));
    raw_put(store->kv, record_key_slice(&key), buffer_slice(&value));
    buffer_release(&value);
    free(bytes);
}

static void fragments_that_do_not_make_the_whole_are_damage(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    static const struct {
        uint32_t sizes[2];
        size_t pieces[2];
    } wrong[] = {
        {{5, 5}, {4, 0}},
        {{5, 5}, {6, 0}},
        {{40000, 40000}, {XATTR_FRAGMENT, 0}},
        {{40000, 40001}, {XATTR_FRAGMENT, 40000 - XATTR_FRAGMENT}},
        {{XATTR_VALUE_MAX + 1, XATTR_VALUE_MAX + 1}, {XATTR_FRAGMENT, XATTR_FRAGMENT}},
        {{40000, 40000}, {XATTR_FRAGMENT + 1, 40000 - XATTR_FRAGMENT - 1}},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        for (uint8_t number = 0; number < 2; number++)
            put_fragment(store, number, wrong[i].sizes[number], wrong[i].pieces[number]);
        assert_error(read_x(store, NULL), ERR_DAMAGED);
    }
    struct record_key second = fragment_key("user.x", 1);
    put_fragment(store, 0, 40000, XATTR_FRAGMENT);
    raw_delete(store->kv, record_key_slice(&second));
    assert_error(read_x(store, NULL), ERR_DAMAGED);
}

static void a_key_longer_than_any_name_is_damage_to_lists(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    uint8_t key[500] = {RECORD_XATTR, 0, 0, 0, 0, 0, 0, 0, INO};
    struct buffer names = {0};
    memset(key + 9, 'n', sizeof key - 11);
    raw_put(store->kv, SLICE(key, sizeof key), SLICE_STRING("?"));
    assert_error(xattr_list(store, INO, &names), ERR_DAMAGED);
    assert_error(xattr_delete_all(store, INO), ERR_DAMAGED);
    buffer_release(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(values_of_0_to_64_kib_round_trip),
        WITH_STORE(values_shrink_and_grow_without_leaving_records),
        WITH_STORE(an_attribute_that_is_not_there_is_no_data),
        WITH_STORE(a_name_of_255_bytes_and_names_that_begin_alike_are_told_apart),
        WITH_STORE(a_change_between_load_and_commit_is_noticed_in_any_fragment),
        WITH_STORE(a_value_that_is_read_while_it_changes_is_one_that_was_set),
        WITH_STORE(names_are_listed_once_in_byte_order),
        WITH_STORE(all_of_an_inodes_attributes_go_and_no_others),
        WITH_STORE(damage_to_a_value_is_found),
        WITH_STORE(fragments_that_do_not_make_the_whole_are_damage),
        WITH_STORE(a_key_longer_than_any_name_is_damage_to_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
