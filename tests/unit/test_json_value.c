/* SPDX-License-Identifier: Apache-2.0 */
#include "json_value.h"

#include <string.h>

#include "json_string.h"
#include "json_text.h"

static bool equal(const char *a, const char *b)
{
    struct json_tree first, second;
    struct json_error error;
    bool forth, back;
    assert_success(json_tree_parse(&first, SLICE_STRING(a), &error));
    assert_success(json_tree_parse(&second, SLICE_STRING(b), &error));
    assert_success(json_value_equal(first.root, second.root, &forth));
    assert_success(json_value_equal(second.root, first.root, &back));
    assert_int_equal(forth, back);
    json_tree_release(&first);
    json_tree_release(&second);
    return forth;
}

/* Each row: spellings of one value, none of which equals one of another row. */
enum { SPELLINGS = 8 };

static void assert_classes(const char *const rows[][SPELLINGS], size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            for (size_t m = 0; m < SPELLINGS && rows[i][m]; m++)
                for (size_t n = 0; n < SPELLINGS && rows[j][n]; n++)
                    if (equal(rows[i][m], rows[j][n]) != (i == j))
                        fail_msg("%s and %s are %sequal", rows[i][m], rows[j][n], i == j ? "not " : "");
}

static void numbers_are_equal_by_value_however_large(void **state)
{
    (void)state;
    static const char *const rows[][SPELLINGS] = {
        {"0", "-0", "0.0", "0e5", "-0.00E-999999999999999999999", "0e99999999999999999999999"},
        {"1", "1.0", "10e-1", "0.1e1", "0.001E+003", "100e-2", "1e0", "1E-0000000000000000000000000000"},
        {"-1", "-1.0", "-10e-1"},
        {"10", "1e1", "10.00", "0.1e2"},
        {"1.5", "15e-1", "0.15e1", "1.50"},
        {"15"},
        {"105", "1.05e2", "10.5e1"},
        {"12345678901234567890", "12345678901234567890.0", "1.2345678901234567890e19"},
        {"12345678901234567891"},
        {"0.1", "1e-1", "100e-3", "0.1e0"},
        {"0.1000000000000000055511151231257827021181583404541015625"},
        {"1e400", "10e399", "0.01e402"},
        {"1e401"},
        {"1e-400"},
        {"1e99999999999999999999", "10e99999999999999999998", "0.1e100000000000000000000", "1e+099999999999999999999"},
        {"1e99999999999999999998"},
        {"1e-99999999999999999999", "0.1e-99999999999999999998", "10e-100000000000000000000"},
        {"1e9223372036854775807", "0.1e9223372036854775808", "10e9223372036854775806"},
        {"1e18446744073709551615"},
    };
    assert_classes(rows, sizeof rows / sizeof rows[0]);
}

static void strings_are_equal_by_what_they_stand_for(void **state)
{
    (void)state;
    static const char *const rows[][SPELLINGS] = {
        {"\"\""},
        {"\"a\"", "\"\\u0061\""},
        {"\"A\""},
        {"\"ab\"", "\"\\u0061b\"", "\"a\\u0062\""},
        {"\"/\"", "\"\\/\"", "\"\\u002F\"", "\"\\u002f\""},
        {"\"\\\\\"", "\"\\u005c\""},
        {"\"\\b\\f\\n\\r\\t\\\"\"", "\"\\u0008\\u000c\\u000a\\u000d\\u0009\\u0022\""},
        {"\"\xc3\xa4\"", "\"\\u00e4\"", "\"\\u00E4\""},
        {"\"a\xcc\x88\""}, /* the other normal form of the same letter */
        {"\"\xe2\x82\xac\"", "\"\\u20ac\""},
        {"\"\xf0\x9f\x98\x80\"", "\"\\ud83d\\ude00\""},
        {"\"\\ud83d\""},
        {"\"\\ude00\\ud83d\""},
        {"\"\\u0000\""},
        {"\"\\u0000\\u0000\""},
        {"\"1\""},
        {"1"},
    };
    assert_classes(rows, sizeof rows / sizeof rows[0]);
}

static void containers_are_equal_by_what_they_hold(void **state)
{
    (void)state;
    static const char *const rows[][SPELLINGS] = {
        {"null"},
        {"true"},
        {"false"},
        {"[]", "[ ]"},
        {"{}", "{\n}"},
        {"[null]"},
        {"[1,2]", "[ 1.0 , 2e0 ]"},
        {"[2,1]"},
        {"[1,2,3]"},
        {"[[1],2]"},
        {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", "{\"\\u0062\":2.0, \"a\":1}"},
        {"{\"a\":2,\"b\":1}"},
        {"{\"a\":1}", "{\"a\":2,\"a\":1}", "{\"a\":{},\"\\u0061\":1}"},
        {"{\"a\":1,\"b\":2,\"c\":3}", "{\"c\":3,\"b\":2,\"a\":1}", "{\"b\":0,\"c\":3,\"b\":2,\"a\":1}"},
        {"{\"a\":1,\"b\":null}"},
        {"{\"a\":{\"x\":[{\"y\":\"z\"}]}}", "{ \"a\" : { \"x\" : [ { \"y\" : \"\\u007a\" } ] } }"},
        {"{\"a\":{\"x\":[{\"y\":\"Z\"}]}}"},
    };
    assert_classes(rows, sizeof rows / sizeof rows[0]);
}

static void what_is_spelled_is_what_was_decoded(void **state)
{
    (void)state;
    static const char *const spelled[] = {
        "\"\"",
        "\"a/b~\"",
        "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\"",
        "\"\\u0000\x7f\"",
        "\"\xc3\xa4\xed\x9f\xbf\xf0\x9f\x98\x80\"",
        "\"\\ud83d\"",
        "\"x\\udfff\\ud800y\"",
    };
    for (size_t i = 0; i < sizeof spelled / sizeof spelled[0]; i++) {
        struct buffer decoded = {0}, again = {0};
        json_string_decode(SLICE_STRING(spelled[i]), &decoded);
        json_string_encode(buffer_slice(&decoded), &again);
        assert_text(buffer_slice(&again), SLICE_STRING(spelled[i]));
        buffer_release(&decoded);
        buffer_release(&again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_equal_by_value_however_large),
        cmocka_unit_test(strings_are_equal_by_what_they_stand_for),
        cmocka_unit_test(containers_are_equal_by_what_they_hold),
        cmocka_unit_test(what_is_spelled_is_what_was_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
