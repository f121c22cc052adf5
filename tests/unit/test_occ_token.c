/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "random_numbers.h"
#include "store_fixture.h"
#include "token.h"
#include "unit.h"

/* token_mint and token_parse use nothing of a store but its key. */
static struct store store_of_key(uint8_t seed)
{
    struct store store = {.kv = NULL};
    memset(store.superblock.token_key, seed, sizeof store.superblock.token_key);
    return store;
}

static const struct version_id largest = {UINT64_MAX, UINT64_MAX, UINT64_MAX}, ordinary = {31, 7, 0x123456789abcdef0},
                               smallest = {0, 0, 0};

static int parse(const struct store *store, const char *text)
{
    struct version_id id;
    memset(&id, ENCODING_UNTOUCHED, sizeof id);
    int error = token_parse(store, SLICE_STRING(text), &id);
    if (error) assert_untouched(&id, sizeof id);
    return error;
}

static void tokens_round_trip_and_are_short_and_plain(void **state)
{
    (void)state;
    const struct store store = store_of_key(3);
    struct random_numbers numbers = {11};
    size_t longest = 0;
    for (unsigned i = 0; i < 5000; i++) {
        struct version_id id = {random_field(&numbers), random_field(&numbers), random_field(&numbers)}, got;
        if (i == 0) id = largest;
        char text[TOKEN_TEXT_SIZE];
        token_mint(&store, &id, text);
        size_t length = strlen(text);
        if (length > longest) longest = length;
        assert_int_equal(strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-"), length);
        assert_success(token_parse(&store, SLICE(text, length), &got));
        assert_true(version_id_equal(&got, &id));
    }
    assert_true(longest <= 64);
}

static void a_token_begins_with_its_ordinal(void **state)
{
    (void)state;
    const struct store store = store_of_key(3);
    char text[TOKEN_TEXT_SIZE];
    token_mint(&store, &ordinary, text);
    assert_memory_equal(text, "7.z.", 4);
}

static void each_version_has_a_token_of_its_own(void **state)
{
    (void)state;
    enum { COUNT = 9 * 9 * 9 };
    static char texts[COUNT][TOKEN_TEXT_SIZE];
    static const uint64_t values[] = {0, 1, 9, 10, 31, 32, 1023, 1024, UINT64_MAX};
    const struct store store = store_of_key(3);
    for (size_t i = 0; i < COUNT; i++) {
        const struct version_id id = {values[i / 81], values[i / 9 % 9], values[i % 9]};
        token_mint(&store, &id, texts[i]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(texts[i], texts[j]);
    }
}

static void a_token_in_which_any_character_was_changed_is_refused(void **state)
{
    (void)state;
    const struct store store = store_of_key(3);
    const struct version_id *const ids[] = {&ordinary, &largest, &smallest};
    for (size_t which = 0; which < 3; which++) {
        char text[TOKEN_TEXT_SIZE];
        token_mint(&store, ids[which], text);
        for (size_t i = 0; text[i]; i++) {
            char right = text[i];
            for (int byte = 0; byte < 256; byte++) {
                struct version_id id;
                text[i] = (char)byte;
                if (text[i] != right)
                    assert_error(token_parse(&store, SLICE(text, strlen(text) > i ? strlen(text) : i + 1), &id),
                                 ERR_BAD_TOKEN);
            }
            text[i] = right;
        }
        assert_success(parse(&store, text));
    }
}

static void a_token_that_was_cut_or_prolonged_is_refused(void **state)
{
    (void)state;
    const struct store store = store_of_key(3);
    const struct version_id *const ids[] = {&ordinary, &largest, &smallest};
    for (size_t which = 0; which < 3; which++) {
        char text[100] = {0}, prolonged[101];
        struct version_id id;
        token_mint(&store, ids[which], text);
        size_t length = strlen(text);
        for (size_t size = 0; size < length; size++) {
            assert_error(token_parse(&store, SLICE(text, size), &id), ERR_BAD_TOKEN);
            assert_error(token_parse(&store, SLICE(text + length - size, size), &id), ERR_BAD_TOKEN);
        }
        for (size_t size = length + 1; size < sizeof text; size++) /* with NULs */
            assert_error(token_parse(&store, SLICE(text, size), &id), ERR_BAD_TOKEN);
        for (int byte = 0; byte < 256; byte++) {
            memcpy(prolonged + 1, text, length);
            prolonged[0] = prolonged[length + 1] = (char)byte;
            assert_error(token_parse(&store, SLICE(prolonged, length + 1), &id), ERR_BAD_TOKEN);
            assert_error(token_parse(&store, SLICE(prolonged + 1, length + 1), &id), ERR_BAD_TOKEN);
        }
    }
}

static void a_token_of_another_store_is_refused(void **state)
{
    (void)state;
    const struct store store = store_of_key(3), other = store_of_key(4);
    char text[TOKEN_TEXT_SIZE];
    token_mint(&other, &ordinary, text);
    assert_success(parse(&other, text));
    assert_error(parse(&store, text), ERR_BAD_TOKEN);
}

static void the_key_of_each_new_store_is_another(void **state)
{
    const struct store *store = ((struct store_fixture *)*state)->store;
    void *second;
    assert_int_equal(store_fixture_setup(&second), 0);
    char text[TOKEN_TEXT_SIZE];
    token_mint(store, &ordinary, text);
    assert_success(parse(store, text));
    assert_error(parse(((struct store_fixture *)second)->store, text), ERR_BAD_TOKEN);
    assert_int_equal(store_fixture_teardown(&second), 0);
}

static void numbers_that_overflow_or_are_not_in_their_shortest_form_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "18446744073709551616.1.1.", /* 2^64 */
        "99999999999999999999.1.1.",
        "1.g000000000000.1.", /* 2^64 in base 32 */
        "1.1.zzzzzzzzzzzzz.",
        "1.1.10000000000000.",
        "01.1.1.",
        "1.01.1.",
        "1.1.01.",
        "+1.1.1.",
        " 1.1.1.",
        "1..1.",
        ".1.1.",
        "1.1..",
        "a.1.1.",
        "1.I.1.",
        "1.A.1.",
        "...",
        "1.1.1",
        "1",
        "",
    };
    const struct store store = store_of_key(3);
    const struct version_id one = {1, 1, 1};
    char right[TOKEN_TEXT_SIZE];
    token_mint(&store, &one, right);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char text[128];
        strcpy(text, texts[i]);
        assert_error(parse(&store, text), ERR_BAD_TOKEN);
        strcat(text, strrchr(right, '.') + 1); /* the MAC of 1, 1, 1 */
        assert_error(parse(&store, text), ERR_BAD_TOKEN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_round_trip_and_are_short_and_plain),
        cmocka_unit_test(a_token_begins_with_its_ordinal),
        cmocka_unit_test(each_version_has_a_token_of_its_own),
        cmocka_unit_test(a_token_in_which_any_character_was_changed_is_refused),
        cmocka_unit_test(a_token_that_was_cut_or_prolonged_is_refused),
        cmocka_unit_test(a_token_of_another_store_is_refused),
        WITH_STORE(the_key_of_each_new_store_is_another),
        cmocka_unit_test(numbers_that_overflow_or_are_not_in_their_shortest_form_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
