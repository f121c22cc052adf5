/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "conflict.h"
#include "dirent_record.h"
#include "unit.h"

static void assert_sibling(const char *name, unsigned long number, const char *expected)
{
    char got[SIBLING_NAME_SIZE];
    conflict_sibling_name(name, number, got);
    assert_string_equal(got, expected);
    assert_true(conflict_is_sibling_name(SLICE_STRING(got)));
}

static void the_first_sibling_has_no_number(void **state)
{
    (void)state;
    assert_sibling("f", 1, "f.conflict");
    assert_sibling("f", 2, "f.2.conflict");
    assert_sibling("f", 10, "f.10.conflict");
    assert_sibling("notes.txt", 1, "notes.txt.conflict");
    assert_sibling("f.2", 1, "f.2.conflict");
    assert_sibling(".conflict", 1, ".conflict.conflict");
    assert_sibling("x", 4294967296, "x.4294967296.conflict");
}

static void a_conflict_on_a_sibling_takes_the_next_number(void **state)
{
    (void)state;
    assert_sibling("f.conflict", 1, "f.2.conflict");
    assert_sibling("f.conflict", 2, "f.3.conflict");
    assert_sibling("f.2.conflict", 1, "f.3.conflict");
    assert_sibling("f.99.conflict", 1, "f.100.conflict");
    assert_sibling("a.b.2.conflict", 1, "a.b.3.conflict");
}

static void what_is_no_number_belongs_to_the_stem(void **state)
{
    (void)state;
    assert_sibling("f2.conflict", 1, "f2.2.conflict");
    assert_sibling("f.1.conflict", 1, "f.1.2.conflict");
    assert_sibling("f.0.conflict", 1, "f.0.2.conflict");
    assert_sibling("f.x2.conflict", 1, "f.x2.2.conflict");
    assert_sibling("2.conflict", 1, "2.2.conflict");
    assert_sibling(".2.conflict", 1, ".2.2.conflict");
    assert_sibling("f..conflict", 1, "f..2.conflict");
    assert_sibling("f.12345678901234567890.conflict", 1, "f.12345678901234567890.2.conflict");
}

static void names_that_end_like_a_sibling_are_told_from_others(void **state)
{
    (void)state;
    assert_true(conflict_is_sibling_name(SLICE_STRING("f.conflict")));
    assert_true(conflict_is_sibling_name(SLICE_STRING(".conflict")));
    assert_false(conflict_is_sibling_name(SLICE_STRING("conflict")));
    assert_false(conflict_is_sibling_name(SLICE_STRING("f.conflict~")));
    assert_false(conflict_is_sibling_name(SLICE_STRING("f.CONFLICT")));
    assert_false(conflict_is_sibling_name(SLICE(NULL, 0)));
}

/* `unit` as often as it fits into NAME_MAX_BYTES behind `lead`. */
static void fill(char name[SIBLING_NAME_SIZE], const char *lead, const char *unit)
{
    strcpy(name, lead);
    while (strlen(name) + strlen(unit) <= NAME_MAX_BYTES)
        strcat(name, unit);
}

static void a_long_name_is_cut_so_that_its_sibling_just_fits(void **state)
{
    (void)state;
    char name[SIBLING_NAME_SIZE], got[SIBLING_NAME_SIZE];
    fill(name, "", "x");
    static const unsigned long numbers[] = {1, 2, 9, 10, 12345};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        conflict_sibling_name(name, numbers[i], got);
        assert_int_equal(strlen(got), NAME_MAX_BYTES);
        assert_true(conflict_is_sibling_name(SLICE_STRING(got)));
    }
    name[NAME_MAX_BYTES - strlen(".conflict")] = '\0'; /* the longest that is not cut */
    conflict_sibling_name(name, 1, got);
    assert_int_equal(strlen(got), NAME_MAX_BYTES);
    assert_memory_equal(got, name, strlen(name));
}

static void a_cut_never_goes_through_a_character(void **state)
{
    (void)state;
    static const char *const units[] = {"é", "€", "\U0001F600"};
    static const char *const leads[] = {"", "a", "ab", "abc"};
    for (size_t unit = 0; unit < 3; unit++)
        for (size_t lead = 0; lead < 4; lead++) {
            char name[SIBLING_NAME_SIZE], got[SIBLING_NAME_SIZE];
            fill(name, leads[lead], units[unit]);
            conflict_sibling_name(name, 1, got);
            size_t stem = strlen(got) - strlen(".conflict");
            assert_true(strlen(got) <= NAME_MAX_BYTES && strlen(got) > NAME_MAX_BYTES - strlen(units[unit]));
            assert_memory_equal(got, name, stem);
            assert_int_equal((stem - strlen(leads[lead])) % strlen(units[unit]), 0);
        }
}

static void a_name_that_is_not_utf8_keeps_what_fits(void **state)
{
    (void)state;
    char name[SIBLING_NAME_SIZE], got[SIBLING_NAME_SIZE];
    fill(name, "", "\x80");
    conflict_sibling_name(name, 1, got);
    assert_true(strlen(got) > NAME_MAX_BYTES - 4);
}

static void siblings_of_a_long_sibling_go_on_behind_its_number(void **state)
{
    (void)state;
    char name[SIBLING_NAME_SIZE], second[SIBLING_NAME_SIZE], tenth[SIBLING_NAME_SIZE];
    fill(name, "", "x");
    conflict_sibling_name(name, 1, name);
    conflict_sibling_name(name, 1, second);
    assert_non_null(strstr(second, "x.2.conflict"));
    conflict_sibling_name(second, 8, tenth);
    assert_non_null(strstr(tenth, "x.10.conflict"));
    assert_int_equal(strlen(tenth), NAME_MAX_BYTES);
}

static void each_number_gives_another_name(void **state)
{
    (void)state;
    enum { COUNT = 300 };
    static char got[COUNT][SIBLING_NAME_SIZE];
    char name[SIBLING_NAME_SIZE];
    fill(name, "", "€");
    for (unsigned i = 0; i < COUNT; i++) {
        conflict_sibling_name(name, i + 1, got[i]);
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(got[i], got[j]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_sibling_has_no_number),
        cmocka_unit_test(a_conflict_on_a_sibling_takes_the_next_number),
        cmocka_unit_test(what_is_no_number_belongs_to_the_stem),
        cmocka_unit_test(names_that_end_like_a_sibling_are_told_from_others),
        cmocka_unit_test(a_long_name_is_cut_so_that_its_sibling_just_fits),
        cmocka_unit_test(a_cut_never_goes_through_a_character),
        cmocka_unit_test(a_name_that_is_not_utf8_keeps_what_fits),
        cmocka_unit_test(siblings_of_a_long_sibling_go_on_behind_its_number),
        cmocka_unit_test(each_number_gives_another_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
