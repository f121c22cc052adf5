/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dirent_record.h"
#include "random_numbers.h"
#include "store_fixture.h"
#include "unit.h"

/* Commits lock by key, and ThreadSanitizer follows at most 64 locks of one thread. */
enum { DIRECTORY = 42, NAMES_PER_COMMIT = 50 };

/* Adds (or, with ino 0, removes) the names that are the prefix and a number of from .. to - 1. */
static void change_names(struct store *store, uint64_t directory, const char *prefix, unsigned from, unsigned to,
                         uint64_t ino)
{
    struct transaction tx;
    transaction_init(&tx, store);
    for (unsigned i = from; i < to; i++) {
        char name[64];
        struct dirent_record dirent = {ino, S_IFREG};
        int size = snprintf(name, sizeof name, "%s%u", prefix, i);
        if (ino) dirent_put(&tx, directory, SLICE(name, (size_t)size), &dirent);
        else dirent_delete(&tx, directory, SLICE(name, (size_t)size));
        if ((i - from + 1) % NAMES_PER_COMMIT == 0 || i == to - 1) {
            assert_success(transaction_commit(&tx, false));
            transaction_restart(&tx);
        }
    }
    transaction_release(&tx);
}

static void put_name(struct store *store, uint64_t directory, struct slice name, const struct dirent_record *dirent)
{
    struct transaction tx;
    transaction_init(&tx, store);
    dirent_put(&tx, directory, name, dirent);
    assert_success(transaction_commit(&tx, false));
    transaction_release(&tx);
}

static void names_of_up_to_255_bytes_round_trip(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct random_numbers numbers = {4};
    uint8_t name[NAME_MAX_BYTES];
    for (size_t size = 1; size <= sizeof name; size++) {
        struct dirent_record dirent = {random_next(&numbers) | 1, S_IFDIR}, got;
        random_bytes(&numbers, name, size);
        put_name(store, DIRECTORY, SLICE(name, size), &dirent);
        assert_success(dirent_get(store, DIRECTORY, SLICE(name, size), &got));
        assert_int_equal(got.ino, dirent.ino);
        assert_int_equal(got.type, dirent.type);
    }
}

static void a_name_of_256_bytes_is_too_long(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct transaction tx;
    struct dirent_record got;
    char name[NAME_MAX_BYTES + 1];
    memset(name, 'n', sizeof name);
    transaction_init(&tx, store);
    assert_error(dirent_get(store, DIRECTORY, SLICE(name, sizeof name), &got), ERR_NAMETOOLONG);
    assert_error(dirent_load(&tx, DIRECTORY, SLICE(name, sizeof name), &got), ERR_NAMETOOLONG);
    assert_error(dirent_get(store, DIRECTORY, SLICE(name, sizeof name - 1), &got), ERR_NOENT);
    assert_error(dirent_load(&tx, DIRECTORY, SLICE(name, sizeof name - 1), &got), ERR_NOENT);
    transaction_release(&tx);
}

static void a_name_that_was_absent_when_loaded_is_made_by_one_only(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    const struct slice name = SLICE_STRING("lock");
    struct dirent_record first = {1000, S_IFREG}, second = {2000, S_IFREG}, got;
    struct transaction tx;
    transaction_init(&tx, store);
    assert_error(dirent_load(&tx, DIRECTORY, name, &got), ERR_NOENT);
    put_name(store, DIRECTORY, name, &first);
    dirent_put(&tx, DIRECTORY, name, &second);
    assert_int_equal(transaction_commit(&tx, false), TRANSACTION_AGAIN);
    transaction_release(&tx);
    assert_success(dirent_get(store, DIRECTORY, name, &got));
    assert_int_equal(got.ino, 1000);
}

static int decode(void *context, const struct record_key *key, struct slice value)
{
    (void)context;
    struct dirent_record dirent;
    memset(&dirent, ENCODING_UNTOUCHED, sizeof dirent);
    int error = dirent_decode(key, value, &dirent);
    if (error) assert_untouched(&dirent, sizeof dirent);
    return error;
}

static void damage_to_a_dirent_is_found(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct dirent_record dirent = {UINT64_MAX, S_IFSOCK};
    struct record_key key;
    struct buffer value = {0};
    dirent_key(store, DIRECTORY, SLICE_STRING("name"), &key);
    dirent_encode(&dirent, &key, 1, &value);
    assert_encoding_is_guarded(&key, buffer_slice(&value), decode, NULL);
    buffer_release(&value);
}

static void a_dirent_of_no_inode_or_with_permission_bits_is_damage(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    static const struct dirent_record wrong[] = {{0, S_IFREG}, {5, S_IFREG | 1}, {5, 0x80000000}};
    struct record_key key;
    struct buffer value = {0};
    dirent_key(store, DIRECTORY, SLICE_STRING("name"), &key);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        dirent_encode(&wrong[i], &key, 1, &value);
        assert_error(decode(NULL, &key, buffer_slice(&value)), ERR_DAMAGED);
    }
    buffer_release(&value);
}

static uint64_t position_in(const struct store *store, const char *name)
{
    struct record_key key;
    struct reader reader;
    dirent_key(store, DIRECTORY, SLICE_STRING(name), &key);
    reader_init(&reader, record_key_slice(&key));
    assert_int_equal(reader_u8(&reader), RECORD_DIRENT);
    assert_int_equal(reader_u64(&reader), DIRECTORY);
    uint64_t position = reader_u64(&reader);
    assert_true(slice_equal(reader_bytes(&reader, reader_left(&reader)), SLICE_STRING(name)));
    return position;
}

static void positions_are_offsets_behind_those_of_the_dots(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    for (unsigned i = 0; i < 10000; i++) {
        char name[16];
        snprintf(name, sizeof name, "%u", i);
        uint64_t position = position_in(store, name);
        assert_true(position >= 3 && position <= INT64_MAX);
    }
}

static void positions_are_another_stores_secret(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    void *other = NULL;
    assert_int_equal(store_fixture_setup(&other), 0);
    assert_int_not_equal(position_in(store, "name"), position_in(((struct store_fixture *)other)->store, "name"));
    assert_int_equal(store_fixture_teardown(&other), 0);
}

/* A position is SipHash-2-4 read as a little-endian number, whatever the host's byte order: a store can move. */
static void positions_are_of_a_fixed_byte_order(void **state)
{
    (void)state;
    struct store store = {.kv = NULL};
    for (uint8_t i = 0; i < TOKEN_KEY_SIZE; i++)
        store.dirent_key[i] = i;
    /* The reference vectors of SipHash for the messages 00 and 00 01. */
    static const struct {
        const char *name;
        size_t size;
        uint64_t hash;
    } vectors[] = {{"\x00", 1, 0x74f839c593dc67fd}, {"\x00\x01", 2, 0x0d6c8009d9a94f5a}};
    for (size_t i = 0; i < 2; i++) {
        struct record_key key;
        struct reader reader;
        dirent_key(&store, DIRECTORY, SLICE(vectors[i].name, vectors[i].size), &key);
        reader_init(&reader, record_key_slice(&key));
        reader_bytes(&reader, 1 + 8);
        assert_int_equal(reader_u64(&reader), (vectors[i].hash >> 2) + 3);
    }
}

/* ---- scanning ---- */

enum { STABLE = 10000, PAGE = 100 };

struct page {
    unsigned *seen; /* of STABLE names, how often */
    uint64_t position;
    unsigned taken;
    unsigned limit;
    int result; /* at the limit */
};

static int take(void *context, uint64_t position, struct slice name, const struct dirent_record *dirent)
{
    struct page *page = context;
    unsigned number;
    char text[NAME_MAX_BYTES + 1];
    assert_true(position > page->position);
    memcpy(text, name.data, name.size);
    text[name.size] = '\0';
    if (page->seen && sscanf(text, "stable-%u", &number) == 1) {
        assert_true(number < STABLE);
        assert_int_equal(dirent->ino, 100);
        page->seen[number]++;
    }
    page->position = position;
    return ++page->taken == page->limit ? page->result : 0;
}

static void a_listing_in_pages_sees_every_stable_name_once_while_others_come_and_go(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    unsigned *seen = calloc(STABLE, sizeof *seen);
    struct page page = {.seen = seen, .position = 0, .limit = PAGE, .result = 1};
    assert_non_null(seen);
    change_names(store, DIRECTORY, "stable-", 0, STABLE, 100);
    change_names(store, DIRECTORY, "passing-", 0, 300, 200);
    for (unsigned round = 0;; round++) {
        page.taken = 0;
        assert_success(dirent_scan(store, DIRECTORY, page.position, take, &page));
        if (page.taken == 0) break;
        change_names(store, DIRECTORY, "passing-", round * 30, round * 30 + 60, 0);
        change_names(store, DIRECTORY, "passing-", (round + 10) * 30, (round + 11) * 30, 200);
    }
    for (unsigned i = 0; i < STABLE; i++)
        assert_int_equal(seen[i], 1);
    free(seen);
}

static void a_listing_goes_on_behind_a_name_that_is_gone(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct page first = {.limit = 3, .result = 1}, rest = {.limit = 0};
    change_names(store, DIRECTORY, "n", 0, 10, 100);
    assert_success(dirent_scan(store, DIRECTORY, 0, take, &first));
    uint64_t behind = first.position;
    change_names(store, DIRECTORY, "n", 0, 10, 0);
    change_names(store, DIRECTORY, "n", 0, 10, 100);
    rest.position = behind;
    assert_success(dirent_scan(store, DIRECTORY, behind, take, &rest));
    assert_int_equal(rest.taken, 7);
}

static void a_directory_lists_nothing_of_its_neighbours(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    static const uint64_t directories[] = {1, 254, 255, 256, 0xffff, UINT64_MAX - 1, UINT64_MAX};
    for (unsigned i = 0; i < 7; i++)
        change_names(store, directories[i], "n", 0, i + 1, 100);
    for (unsigned i = 0; i < 7; i++) {
        struct page page = {.limit = 0};
        assert_success(dirent_scan(store, directories[i], 0, take, &page));
        assert_int_equal(page.taken, i + 1);
    }
}

static void a_position_at_or_behind_the_last_name_lists_nothing(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct page all = {.limit = 0}, none = {.limit = 0};
    change_names(store, DIRECTORY, "n", 0, 10, 100);
    assert_success(dirent_scan(store, DIRECTORY, 0, take, &all));
    assert_success(dirent_scan(store, DIRECTORY, all.position, take, &none));
    assert_success(dirent_scan(store, DIRECTORY, INT64_MAX, take, &none));
    assert_success(dirent_scan(store, DIRECTORY, UINT64_MAX, take, &none));
    assert_int_equal(none.taken, 0);
}

static void a_visitor_that_fails_ends_the_listing_with_its_error(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct page page = {.limit = 4, .result = ERR_RANGE};
    change_names(store, DIRECTORY, "n", 0, 10, 100);
    assert_error(dirent_scan(store, DIRECTORY, 0, take, &page), ERR_RANGE);
    assert_int_equal(page.taken, 4);
}

static void a_directory_is_empty_until_it_has_a_name(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    bool empty = false;
    change_names(store, DIRECTORY + 1, "n", 0, 1, 100);
    assert_success(dirent_directory_is_empty(store, DIRECTORY, &empty));
    assert_true(empty);
    change_names(store, DIRECTORY, "n", 0, 1, 100);
    assert_success(dirent_directory_is_empty(store, DIRECTORY, &empty));
    assert_false(empty);
    change_names(store, DIRECTORY, "n", 0, 1, 0);
    assert_success(dirent_directory_is_empty(store, DIRECTORY, &empty));
    assert_true(empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(names_of_up_to_255_bytes_round_trip),
        WITH_STORE(a_name_of_256_bytes_is_too_long),
        WITH_STORE(a_name_that_was_absent_when_loaded_is_made_by_one_only),
        WITH_STORE(damage_to_a_dirent_is_found),
        WITH_STORE(a_dirent_of_no_inode_or_with_permission_bits_is_damage),
        WITH_STORE(positions_are_offsets_behind_those_of_the_dots),
        WITH_STORE(positions_are_another_stores_secret),
        cmocka_unit_test(positions_are_of_a_fixed_byte_order),
        WITH_STORE(a_listing_in_pages_sees_every_stable_name_once_while_others_come_and_go),
        WITH_STORE(a_listing_goes_on_behind_a_name_that_is_gone),
        WITH_STORE(a_directory_lists_nothing_of_its_neighbours),
        WITH_STORE(a_position_at_or_behind_the_last_name_lists_nothing),
        WITH_STORE(a_visitor_that_fails_ends_the_listing_with_its_error),
        WITH_STORE(a_directory_is_empty_until_it_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
