/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "hash.h"
#include "unit.h"

/* Stored hashes must mean the same for ever: these are XXH3's published values. */
static void hashes_are_xxh3_in_canonical_order(void **state)
{
    static const struct {
        const char *bytes;
        const char *hash;
    } known[] = {
        {"", "99aa06d3014798d86001c324468d497f"},
        {"a", "a96faf705af16834e6c632b61e964e1f"},
        {"abc", "06b05ab6733a618578af5f94892f3950"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        char text[HASH128_TEXT_SIZE];
        struct hash128 hash = hash128_of(SLICE_STRING(known[i].bytes));
        hash128_text(&hash, text);
        assert_string_equal(text, known[i].hash);
    }
    assert_true(hash64_of_pair(SLICE(NULL, 0), SLICE(NULL, 0)) == hash64_of_pair(SLICE("", 0), SLICE("", 0)));
}

static void equal_bytes_have_equal_hashes_and_others_do_not(void **state)
{
    struct hash128 one = hash128_of(SLICE("text", 4)), same = hash128_of(SLICE("text of more", 4));
    struct hash128 other = hash128_of(SLICE("texT", 4)), longer = hash128_of(SLICE("text\0", 5));
    (void)state;
    assert_true(hash128_equal(&one, &same));
    assert_false(hash128_equal(&one, &other));
    assert_false(hash128_equal(&one, &longer));
}

static void the_text_has_32_lower_case_digits(void **state)
{
    const struct hash128 hash = {{0x00, 0x01, 0x9a, 0xbc, 0xde, 0xf0, [15] = 0xff}};
    char text[HASH128_TEXT_SIZE];
    (void)state;
    hash128_text(&hash, text);
    assert_string_equal(text, "00019abcdef0000000000000000000ff");
}

static void zero_is_no_hash_of_anything(void **state)
{
    const struct hash128 zero = {{0}}, last = {{[15] = 1}};
    struct hash128 empty = hash128_of(SLICE(NULL, 0));
    (void)state;
    assert_true(hash128_is_zero(&zero));
    assert_false(hash128_is_zero(&last));
    assert_false(hash128_is_zero(&empty));
}

static void the_hash_of_a_pair_knows_where_the_one_ends(void **state)
{
    uint64_t hash = hash64_of_pair(SLICE("ab", 2), SLICE("cd", 2));
    (void)state;
    assert_true(hash == hash64_of_pair(SLICE("ab", 2), SLICE("cd", 2)));
    assert_false(hash == hash64_of_pair(SLICE("a", 1), SLICE("bcd", 3)));
    assert_false(hash == hash64_of_pair(SLICE("abc", 3), SLICE("d", 1)));
    assert_false(hash == hash64_of_pair(SLICE("cd", 2), SLICE("ab", 2)));
    assert_false(hash == hash64_of_pair(SLICE("ab", 2), SLICE("cD", 2)));
    assert_false(hash == hash64_of_pair(SLICE("aB", 2), SLICE("cd", 2)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_xxh3_in_canonical_order),
        cmocka_unit_test(equal_bytes_have_equal_hashes_and_others_do_not),
        cmocka_unit_test(the_text_has_32_lower_case_digits),
        cmocka_unit_test(zero_is_no_hash_of_anything),
        cmocka_unit_test(the_hash_of_a_pair_knows_where_the_one_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
