/* SPDX-License-Identifier: Apache-2.0 */
#include "json_merge_patch.h"

#include <stdio.h>
#include <string.h>

#include "json_text.h"
#include "json_tree.h"

static void assert_merged(const char *document, const char *patch, const char *expected)
{
    assert_applied(json_merge_patch_apply, document, patch, expected);
}

static struct json_error assert_merge_refused(const char *document, const char *patch, enum json_error_kind kind,
                                              const char *text)
{
    return assert_refused(json_merge_patch_apply, document, patch, kind, text);
}

/* RFC 7386, appendix A. */
static void the_table_of_the_rfc(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
        {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
        {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"},
        {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
        {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
        {"[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]"},
        {"{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]"},
        {"{\"a\":\"foo\"}", "null", "null"},
        {"{\"a\":\"foo\"}", "\"bar\"", "\"bar\""},
        {"{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}"},
        {"[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}"},
        {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_merged(rows[i][0], rows[i][1], rows[i][2]);
}

/* RFC 7386, section 3. Expected is its result, with what is new at the end. */
static void the_example_of_the_rfc(void **state)
{
    (void)state;
    assert_merged("{\n"
                  "  \"title\": \"Goodbye!\",\n"
                  "  \"author\" : {\n"
                  "    \"givenName\" : \"John\",\n"
                  "    \"familyName\" : \"Doe\"\n"
                  "  },\n"
                  "  \"tags\":[ \"example\", \"sample\" ],\n"
                  "  \"content\": \"This will be unchanged\"\n"
                  "}\n",
                  "{\n"
                  "  \"title\": \"Hello!\",\n"
                  "  \"phoneNumber\": \"+01-123-456-7890\",\n"
                  "  \"author\": {\n"
                  "    \"familyName\": null\n"
                  "  },\n"
                  "  \"tags\": [ \"example\" ]\n"
                  "}\n",
                  "{\n"
                  "  \"title\": \"Hello!\",\n"
                  "  \"author\" : {\n"
                  "    \"givenName\" : \"John\"\n"
                  "  },\n"
                  "  \"tags\":[ \"example\" ],\n"
                  "  \"content\": \"This will be unchanged\",\n"
                  "  \"phoneNumber\": \"+01-123-456-7890\"\n"
                  "}\n");
}

static void what_is_equal_keeps_its_bytes(void **state)
{
    (void)state;
    static const char text[] =
        "\xef\xbb\xbf{ \"n\" : 1.0e0,\r\n\"s\":\"\\u0061\\/\", \"l\":[1,\t{\"y\":2,\"x\":1}]\r\n,\"o\":{ }}\r\n";
    assert_merged(text, "{\"o\":{},\"l\":[1.0,{\"x\":1,\"y\":2}],\"s\":\"a/\",\"n\":10e-1}", text);
    assert_merged(text, "{}", text);
    assert_merged(text, "{\"absent\":null,\"o\":{\"absent\":null}}", text);
    assert_merged(" [1, 2 ]\n", "[1,2]", " [1, 2 ]\n");
    /* An array that differs is replaced as a whole, as the RFC says. */
    assert_merged("{\"l\":[ 1.0 , 2 ] , \"m\":1e400}", "{\"l\":[1,3]}", "{\"l\":[1,3] , \"m\":1e400}");
}

static void only_what_differs_is_touched(void **state)
{
    (void)state;
    assert_merged(
        "{\r\n\t\"a\": {\r\n\t\t\"x\": 0.10,\r\n\t\t\"y\": [ 1 ]\r\n\t},\r\n\t\"b\": 1e400\r\n}\r\n",
        "{\"a\":{\"x\":0.2,\"y\":[1],\"z\":{}},\"c\":12345678901234567890}",
        "{\r\n\t\"a\": {\r\n\t\t\"x\": 0.2,\r\n\t\t\"y\": [ 1 ],\r\n\t\t\"z\": {}\r\n\t},\r\n\t\"b\": 1e400,\r\n"
        "\t\"c\": 12345678901234567890\r\n}\r\n");
    assert_merged("{\n  \"a\": {}\n}\n",
                  "{\n  \"a\": {\n    \"b\": {\n      \"c\": 1,\n      \"d\": null\n    }\n  }\n}\n",
                  "{\n  \"a\": {\n    \"b\": {\n      \"c\": 1\n    }\n  }\n}\n");
}

static void what_comes_in_place_of_all_is_laid_out_as_that_was(void **state)
{
    (void)state;
    assert_merged("{\n  \"a\": 1\n}\n", "{\"a\":null,\"b\":2}", "{\n  \"b\": 2\n}\n");
    assert_merged("{ \"a\" : 1 }", "{\"a\":null,\"b\":2,\"c\":3}", "{ \"b\" : 2, \"c\" : 3 }");
}

static void nulls_within_arrays_stay(void **state)
{
    (void)state;
    assert_merged("{\"a\":1}", "{\"a\":[null,{\"b\":null}]}", "{\"a\":[null,{\"b\":null}]}");
    assert_merged("{}", "{\"a\":{\"b\":[null],\"c\":null}}", "{\"a\":{\"b\":[null]}}");
}

static void new_keys_are_spelled_as_in_the_patch(void **state)
{
    (void)state;
    assert_merged("{\"a\":1}", "{\"\\u0061\":2, \"\\u0062\\/\":3}", "{\"a\":2,\"\\u0062\\/\":3}");
}

static void keys_that_are_there_twice_are_refused_where_they_matter(void **state)
{
    (void)state;
    static const char document[] = "{\"a\":{\"x\":1},\"b\":{\"k\":1,\"k\":2},\"a\":{\"x\":3},\"c\":1}";
    assert_merge_refused(document, "{\"c\":2,\"a\":null}", JSON_AMBIGUOUS,
                         "line 1, column 8: /a is ambiguous: it is in the document twice");
    assert_merge_refused(document, "{\"b\":{\"k\":3}}", JSON_AMBIGUOUS,
                         "line 1, column 7: /b/k is ambiguous: it is in the document twice");
    assert_merged(document, "{\"b\":{\"l\":3},\"c\":null}",
                  "{\"a\":{\"x\":1},\"b\":{\"k\":1,\"k\":2,\"l\":3},\"a\":{\"x\":3}}");
    assert_merge_refused(document, "{\"c\":1,\n \"d\":1, \"c\":2}", JSON_MALFORMED_PATCH,
                         "line 2, column 9: /c is in the patch twice");
    assert_merge_refused(document, "{\"new\":{\"y\":{\"z\":1,\"z\":null}}}", JSON_MALFORMED_PATCH,
                         "line 1, column 20: /new/y/z is in the patch twice");
}

static void texts_that_are_no_json_are_told_apart(void **state)
{
    (void)state;
    assert_merge_refused("{\"a\":}", "{}", JSON_BAD_DOCUMENT, "line 1, column 6: not a value");
    assert_merge_refused("{}", "{\n", JSON_BAD_PATCH, "line 2, column 1: a key in double quotes is missing");
}

static void nested(struct buffer *text, const char *open, unsigned times, const char *inner, const char *close)
{
    for (unsigned i = 0; i < times; i++)
        buffer_append(text, SLICE_STRING(open));
    buffer_append(text, SLICE_STRING(inner));
    for (unsigned i = 0; i < times; i++)
        buffer_append(text, SLICE_STRING(close));
}

static void a_patch_may_be_as_deep_as_any_text(void **state)
{
    (void)state;
    struct buffer document = {0}, patch = {0}, result = {0};
    struct json_error error;
    nested(&document, "{\"a\":", JSON_DEPTH_MAX, "1", "}");
    nested(&patch, "{\"a\":", JSON_DEPTH_MAX, "2", "}");
    assert_success(json_merge_patch_apply(buffer_slice(&document), buffer_slice(&patch), &result, &error));
    assert_text(buffer_slice(&result), buffer_slice(&patch));
    assert_success(json_merge_patch_apply(SLICE_STRING("0"), buffer_slice(&patch), &result, &error));
    assert_text(buffer_slice(&result), buffer_slice(&patch));
    buffer_release(&document);
    buffer_release(&patch);
    buffer_release(&result);
}

static void a_result_beyond_the_limit_of_texts_is_refused(void **state)
{
    (void)state;
    struct buffer document = {0}, patch = {0}, result = {0};
    struct json_error error;
    buffer_append(&document, SLICE("{\"a\":\"", 6));
    memset(buffer_extend(&document, JSON_TEXT_MAX / 2), 'x', JSON_TEXT_MAX / 2);
    buffer_append(&document, SLICE("\"}", 2));
    buffer_append(&patch, buffer_slice(&document));
    patch.data[2] = 'b';
    assert_error(json_merge_patch_apply(buffer_slice(&document), buffer_slice(&patch), &result, &error), ERR_INVAL);
    assert_int_equal(error.kind, JSON_TOO_BIG);
    assert_string_equal(error.text,
                        "line 1, column 1: the result would be larger than 64 MiB, or take more memory than allowed");
    assert_null(result.data);
    buffer_release(&document);
    buffer_release(&patch);
}

/* Each key with each would be ten thousand million comparisons. */
static void large_objects_are_merged_in_no_time(void **state)
{
    (void)state;
    struct buffer document = {0}, patch = {0}, result = {0};
    struct json_error error;
    char member[40];
    for (unsigned i = 0; i < 100000; i++) {
        buffer_append(&document,
                      SLICE(member, (size_t)snprintf(member, sizeof member, "%s\"%u\":1", i ? "," : "{", i)));
        buffer_append(&patch,
                      SLICE(member, (size_t)snprintf(member, sizeof member, "%s\"%u\":1", i ? "," : "{", 99999 - i)));
    }
    buffer_append_u8(&document, '}');
    buffer_append_u8(&patch, '}');
    assert_success(json_merge_patch_apply(buffer_slice(&document), buffer_slice(&patch), &result, &error));
    assert_text(buffer_slice(&result), buffer_slice(&document));
    buffer_release(&document);
    buffer_release(&patch);
    buffer_release(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_of_the_rfc),
        cmocka_unit_test(the_example_of_the_rfc),
        cmocka_unit_test(what_is_equal_keeps_its_bytes),
        cmocka_unit_test(only_what_differs_is_touched),
        cmocka_unit_test(what_comes_in_place_of_all_is_laid_out_as_that_was),
        cmocka_unit_test(nulls_within_arrays_stay),
        cmocka_unit_test(new_keys_are_spelled_as_in_the_patch),
        cmocka_unit_test(keys_that_are_there_twice_are_refused_where_they_matter),
        cmocka_unit_test(texts_that_are_no_json_are_told_apart),
        cmocka_unit_test(a_patch_may_be_as_deep_as_any_text),
        cmocka_unit_test(a_result_beyond_the_limit_of_texts_is_refused),
        cmocka_unit_test(large_objects_are_merged_in_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
