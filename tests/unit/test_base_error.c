/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "unit.h"

static const struct row {
    int error;
    const char *name;
    int errno_value;
    int exit_code;
    const char *text;
} rows[] = {
#define ROW(name, errno_value, exit_code, text) {ERR_##name, #name, errno_value, exit_code, text},
    ERROR_TABLE(ROW)
#undef ROW
};

enum { ROWS = sizeof rows / sizeof rows[0] };

static void every_row_says_what_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        assert_int_equal(error_errno(rows[i].error), rows[i].errno_value);
        assert_int_equal(error_exit_code(rows[i].error), rows[i].exit_code);
        assert_string_equal(error_name(rows[i].error), rows[i].name);
        assert_string_equal(error_text(rows[i].error), rows[i].text);
        assert_int_equal(error_from_name(rows[i].name), rows[i].error);
    }
}

static void errors_cannot_be_taken_for_results_or_errnos(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        assert_true(rows[i].error < -1024); /* no -errno is */
        assert_true(rows[i].errno_value > 0);
        assert_in_range(rows[i].exit_code, 1, 127);
    }
}

static void only_a_conflict_and_a_lock_are_eagain(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++)
        assert_int_equal(rows[i].errno_value == EAGAIN, rows[i].error == ERR_CONFLICT || rows[i].error == ERR_LOCKED);
}

static void errnos_of_the_host_find_their_plain_error(void **state)
{
    (void)state;
    assert_error(error_from_errno(ENOENT), ERR_NOENT);
    assert_error(error_from_errno(EINVAL), ERR_INVAL);
    assert_error(error_from_errno(EBUSY), ERR_BUSY);
    assert_error(error_from_errno(ENOSPC), ERR_NOSPC);
    assert_error(error_from_errno(EIO), ERR_IO);
    assert_error(error_from_errno(EXDEV), ERR_IO); /* not in the table */
    for (size_t i = 0; i < ROWS; i++)
        assert_int_equal(error_errno(error_from_errno(rows[i].errno_value)), rows[i].errno_value);
}

static void numbers_that_are_no_errors_are_answered_too(void **state)
{
    static const int numbers[] = {1, -1, -EIO, ERROR_BASE_, ERROR_END_, -1000000};
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_int_equal(error_errno(numbers[i]), EIO);
        assert_int_equal(error_exit_code(numbers[i]), 70);
        assert_string_equal(error_name(numbers[i]), "?");
        assert_string_equal(error_text(numbers[i]), "unknown error");
    }
    assert_string_equal(error_name(0), "OK");
    assert_string_equal(error_text(0), "success");
}

static void names_that_are_no_errors_are_zero(void **state)
{
    (void)state;
    assert_int_equal(error_from_name(""), 0);
    assert_int_equal(error_from_name("OK"), 0);
    assert_int_equal(error_from_name("noent"), 0);
    assert_int_equal(error_from_name("ENOENT"), 0);
    assert_int_equal(error_from_name("NOENTRY"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_says_what_the_table_says),
        cmocka_unit_test(errors_cannot_be_taken_for_results_or_errnos),
        cmocka_unit_test(only_a_conflict_and_a_lock_are_eagain),
        cmocka_unit_test(errnos_of_the_host_find_their_plain_error),
        cmocka_unit_test(numbers_that_are_no_errors_are_answered_too),
        cmocka_unit_test(names_that_are_no_errors_are_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
