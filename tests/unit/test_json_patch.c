/* SPDX-License-Identifier: Apache-2.0 */
#include "json_patch.h"

#include <stdio.h>
#include <string.h>

#include "json_text.h"
#include "json_tree.h"

static void assert_patched(const char *document, const char *patch, const char *expected)
{
    assert_applied(json_patch_apply, document, patch, expected);
}

static struct json_error assert_patch_refused(const char *document, const char *patch, enum json_error_kind kind,
                                              const char *text)
{
    return assert_refused(json_patch_apply, document, patch, kind, text);
}

/* RFC 6902, appendix A. Expected is its result in the document's own layout. */
static void the_examples_of_the_rfc(void **state)
{
    (void)state;
    static const struct {
        const char *document, *patch, *expected;
    } cases[] = {
        /* A.1 Adding an Object Member */
        {"{ \"foo\": \"bar\"}", "[\n  { \"op\": \"add\", \"path\": \"/baz\", \"value\": \"qux\" }\n]",
         "{ \"foo\": \"bar\", \"baz\": \"qux\"}"},
        /* A.2 Adding an Array Element */
        {"{ \"foo\": [ \"bar\", \"baz\" ] }", "[\n  { \"op\": \"add\", \"path\": \"/foo/1\", \"value\": \"qux\" }\n]",
         "{ \"foo\": [ \"bar\", \"qux\", \"baz\" ] }"},
        /* A.3 Removing an Object Member */
        {"{\n  \"baz\": \"qux\",\n  \"foo\": \"bar\"\n}", "[\n  { \"op\": \"remove\", \"path\": \"/baz\" }\n]",
         "{\n  \"foo\": \"bar\"\n}"},
        /* A.4 Removing an Array Element */
        {"{ \"foo\": [ \"bar\", \"qux\", \"baz\" ] }", "[\n  { \"op\": \"remove\", \"path\": \"/foo/1\" }\n]",
         "{ \"foo\": [ \"bar\", \"baz\" ] }"},
        /* A.5 Replacing a Value */
        {"{\n  \"baz\": \"qux\",\n  \"foo\": \"bar\"\n}",
         "[\n  { \"op\": \"replace\", \"path\": \"/baz\", \"value\": \"boo\" }\n]",
         "{\n  \"baz\": \"boo\",\n  \"foo\": \"bar\"\n}"},
        /* A.6 Moving a Value */
        {"{\n  \"foo\": {\n    \"bar\": \"baz\",\n    \"waldo\": \"fred\"\n  },\n  \"qux\": {\n    \"corge\": "
         "\"grault\"\n"
         "  }\n}",
         "[\n  { \"op\": \"move\", \"from\": \"/foo/waldo\", \"path\": \"/qux/thud\" }\n]",
         "{\n  \"foo\": {\n    \"bar\": \"baz\"\n  },\n  \"qux\": {\n    \"corge\": \"grault\",\n    \"thud\": "
         "\"fred\"\n"
         "  }\n}"},
        /* A.7 Moving an Array Element */
        {"{ \"foo\": [ \"all\", \"grass\", \"cows\", \"eat\" ] }",
         "[\n  { \"op\": \"move\", \"from\": \"/foo/1\", \"path\": \"/foo/3\" }\n]",
         "{ \"foo\": [ \"all\", \"cows\", \"eat\", \"grass\" ] }"},
        /* A.8 Testing a Value: Success */
        {"{\n  \"baz\": \"qux\",\n  \"foo\": [ \"a\", 2, \"c\" ]\n}",
         "[\n  { \"op\": \"test\", \"path\": \"/baz\", \"value\": \"qux\" },\n"
         "  { \"op\": \"test\", \"path\": \"/foo/1\", \"value\": 2 }\n]",
         "{\n  \"baz\": \"qux\",\n  \"foo\": [ \"a\", 2, \"c\" ]\n}"},
        /* A.10 Adding a Nested Member Object */
        {"{ \"foo\": \"bar\" }",
         "[\n  { \"op\": \"add\", \"path\": \"/child\", \"value\": { \"grandchild\": { } } }\n]",
         "{ \"foo\": \"bar\", \"child\": { \"grandchild\": { } } }"},
        /* A.11 Ignoring Unrecognized Elements */
        {"{ \"foo\": \"bar\" }", "[\n  { \"op\": \"add\", \"path\": \"/baz\", \"value\": \"qux\", \"xyz\": 123 }\n]",
         "{ \"foo\": \"bar\", \"baz\": \"qux\" }"},
        /* A.14 ~ Escape Ordering */
        {"{\n  \"/\": 9,\n  \"~1\": 10\n}", "[\n  {\"op\": \"test\", \"path\": \"/~01\", \"value\": 10}\n]",
         "{\n  \"/\": 9,\n  \"~1\": 10\n}"},
        /* A.16 Adding an Array Value */
        {"{ \"foo\": [\"bar\"] }", "[\n  { \"op\": \"add\", \"path\": \"/foo/-\", \"value\": [\"abc\", \"def\"] }\n]",
         "{ \"foo\": [\"bar\", [\"abc\", \"def\"]] }"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_patched(cases[i].document, cases[i].patch, cases[i].expected);

    /* A.9 Testing a Value: Error */
    assert_patch_refused("{ \"baz\": \"qux\" }", "[\n  { \"op\": \"test\", \"path\": \"/baz\", \"value\": \"bar\" }\n]",
                         JSON_TEST_FAILED, "operation 0 (test /baz): the value is \"qux\", not \"bar\"");
    /* A.12 Adding to a Nonexistent Target */
    assert_patch_refused("{ \"foo\": \"bar\" }",
                         "[\n  { \"op\": \"add\", \"path\": \"/baz/bat\", \"value\": \"qux\" }\n]", JSON_NOT_FOUND,
                         "operation 0 (add /baz/bat): there is no /baz");
    /* A.13 Invalid JSON Patch Document */
    assert_patch_refused("{ \"foo\": \"bar\" }",
                         "[\n  { \"op\": \"add\", \"path\": \"/baz\", \"value\": \"qux\", \"op\": \"remove\" }\n]",
                         JSON_MALFORMED_PATCH, "operation 0: \"op\" is there twice");
    /* A.15 Comparing Strings and Numbers */
    assert_patch_refused("{\n  \"/\": 9,\n  \"~1\": 10\n}",
                         "[\n  {\"op\": \"test\", \"path\": \"/~01\", \"value\": \"10\"}\n]", JSON_TEST_FAILED,
                         "operation 0 (test /~01): the value is 10, not \"10\"");
}

static void an_empty_patch_changes_no_byte(void **state)
{
    (void)state;
    static const char text[] = "\xef\xbb\xbf\r\n{\"a\":1.0E+00,\t\"a\" :\"\\u0061\\/\"  , \"b\":[ ]\n}\r\n \t";
    assert_patched(text, "[]", text);
    assert_patched(text, "[{\"op\":\"test\",\"path\":\"/b\",\"value\":[]}]", text);
    assert_patched(text, "\xef\xbb\xbf[{\"op\":\"move\",\"from\":\"/b\",\"path\":\"/b\"}]\n", text);
}

static void add_puts_a_value_where_the_path_says(void **state)
{
    (void)state;
    static const struct {
        const char *document, *path, *value, *expected;
    } cases[] = {
        {"{\"a\":1}", "", "[2]", "[2]"},
        {" 1\n", "", "\"x\"", " \"x\"\n"},
        {"{\"a\" : 1}", "/a", "2.0", "{\"a\" : 2.0}"},
        {"{}", "/", "1", "{\"\":1}"},
        {"{\"\": {}}", "//", "1", "{\"\": {\"\": 1}}"},
        {"{\"a\":{\"b\":[1]}}", "/a/b/0", "{}", "{\"a\":{\"b\":[{},1]}}"},
        {"{\"a\":[]}", "/a/-", "null", "{\"a\":[null]}"},
        {"{\"a\":[]}", "/a/0", "null", "{\"a\":[null]}"},
        {"[1,2]", "/2", "3", "[1,2,3]"},
        {"{\"a\":0}", "/0", "1", "{\"a\":0,\"0\":1}"},
        {"{\"a\":0}", "/-", "1", "{\"a\":0,\"-\":1}"},
        {"{\"a\":0}", "/x~1y~0z\\\"\\n\\u00e4", "1", "{\"a\":0,\"x/y~z\\\"\\n\xc3\xa4\":1}"},
        {"{\"a\":0}", "/\\u0061", "1", "{\"a\":1}"},
        {"{\"\\u0061\":0}", "/a", "1", "{\"\\u0061\":1}"},
        {"{\"\\ud83d\\ude00\":0}", "/\xf0\x9f\x98\x80", "1", "{\"\\ud83d\\ude00\":1}"},
        {"{\"a\":0}", "/\\u0000", "1", "{\"a\":0,\"\\u0000\":1}"},
        {"[0]", "/0", "123456789012345678901234567890e-5", "[123456789012345678901234567890e-5,0]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char patch[256];
        snprintf(patch, sizeof patch, "[{\"op\":\"add\",\"path\":\"%s\",\"value\":%s}]", cases[i].path, cases[i].value);
        assert_patched(cases[i].document, patch, cases[i].expected);
    }
}

static void operations_see_what_those_before_them_did(void **state)
{
    (void)state;
    assert_patched("{\"a\":[1,2,3,4]}",
                   "[{\"op\":\"remove\",\"path\":\"/a/1\"},{\"op\":\"remove\",\"path\":\"/a/2\"},"
                   "{\"op\":\"test\",\"path\":\"/a\",\"value\":[1,3]},{\"op\":\"add\",\"path\":\"/b\",\"value\":{}},"
                   "{\"op\":\"add\",\"path\":\"/b/c\",\"value\":[]},{\"op\":\"add\",\"path\":\"/b/c/-\",\"value\":7},"
                   "{\"op\":\"test\",\"path\":\"\",\"value\":{\"b\":{\"c\":[7]},\"a\":[1,3]}}]",
                   "{\"a\":[1,3],\"b\":{\"c\":[7]}}");
    assert_patched("{\n  \"a\": 1\n}\n",
                   "[{\"op\":\"remove\",\"path\":\"/a\"},{\"op\":\"add\",\"path\":\"/b\",\"value\":2}]",
                   "{\n  \"b\": 2\n}\n");
    assert_patched("[ 1 ]", "[{\"op\":\"remove\",\"path\":\"/0\"},{\"op\":\"add\",\"path\":\"/0\",\"value\":2}]",
                   "[ 2 ]");
    assert_patched(
        "{\"a\":1,\"b\":2}",
        "[{\"op\":\"replace\",\"path\":\"\",\"value\":{\"x\":[]}},{\"op\":\"add\",\"path\":\"/x/0\",\"value\":1}]",
        "{\"x\":[1]}");
    assert_patched(
        "1", "[{\"op\":\"replace\",\"path\":\"\",\"value\":2},{\"op\":\"test\",\"path\":\"\",\"value\":2.0}]", "2");
}

static void move_takes_a_value_elsewhere(void **state)
{
    (void)state;
    static const struct {
        const char *document, *from, *path, *expected;
    } cases[] = {
        {"{\"a\":1.0,\"b\":2}", "/a", "/b", "{\"b\":1.0}"},
        {"{ \"a\" : 1.0 , \"b\":2 }", "/a", "/c", "{ \"c\" : 1.0 , \"b\":2 }"},
        {"{\"a\":{\"b\":1},\"c\":{}}", "/a/b", "/c/b", "{\"a\":{},\"c\":{\"b\":1}}"},
        {"{\"a\":{\"b\":1}}", "/a/b", "/a", "{\"a\":1}"},
        {"{\"a\":{\"b\":[1, 2]},\"c\":0}", "/a/b", "", "[1, 2]"},
        {"[1,2,3]", "/0", "/2", "[2,3,1]"},
        {"[1,2,3]", "/0", "/-", "[2,3,1]"},
        {"[1,2,3]", "/2", "/0", "[3,1,2]"},
        {"[1,2,3]", "/1", "/1", "[1,2,3]"},
        {"{\"a\":null}", "/a", "/b", "{\"b\":null}"},
        {"{\"a\":1}", "", "", "{\"a\":1}"},
        {"[{\"a\":1}]", "/0/a", "/1", "[{},1]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char patch[256];
        snprintf(patch, sizeof patch, "[{\"op\":\"move\",\"from\":\"%s\",\"path\":\"%s\"}]", cases[i].from,
                 cases[i].path);
        assert_patched(cases[i].document, patch, cases[i].expected);
    }
}

static void a_value_is_not_moved_into_itself(void **state)
{
    (void)state;
    static const struct {
        const char *from, *path, *text;
    } cases[] = {
        {"/a", "/a/b", "(move /a to /a/b)"},
        {"/a", "/a/b/c", "(move /a to /a/b/c)"},
        {"/0", "/0/-", "(move /0 to /0/-)"},
        {"", "/a", "(move the whole to /a)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char patch[128], text[128];
        snprintf(patch, sizeof patch, "[{\"op\":\"move\",\"from\":\"%s\",\"path\":\"%s\"}]", cases[i].from,
                 cases[i].path);
        snprintf(text, sizeof text, "operation 0 %s: a value cannot be moved into itself", cases[i].text);
        assert_patch_refused("{\"a\":{\"b\":{}}}", patch, JSON_MALFORMED_PATCH, text);
    }
    /* "/a" is no part of "/ab". */
    assert_patched("{\"a\":1,\"ab\":2}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/ab\"}]", "{\"ab\":1}");
}

static void a_copy_is_independent_of_what_was_copied(void **state)
{
    (void)state;
    assert_patched(
        "{\"a\":{\"b\":[1.0]}}",
        "[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/c\"},{\"op\":\"add\",\"path\":\"/a/b/-\",\"value\":2},"
        "{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/a/b/0\"},{\"op\":\"remove\",\"path\":\"/a/b/1\"}]",
        "{\"a\":{\"b\":[{\"b\":[1.0,2]},2]},\"c\":{\"b\":[1.0]}}");
    assert_patched("{\n  \"a\": {\n    \"b\": [\n      1\n    ]\n  }\n}\n",
                   "[{\"op\":\"copy\",\"from\":\"/a/b\",\"path\":\"/b\"}]",
                   "{\n  \"a\": {\n    \"b\": [\n      1\n    ]\n  },\n  \"b\": [\n    1\n  ]\n}\n");
    assert_patched("{\"a\":1}", "[{\"op\":\"copy\",\"from\":\"\",\"path\":\"/b\"}]", "{\"a\":1,\"b\":{\"a\":1}}");
}

static void numbers_of_any_size_stay_as_they_are(void **state)
{
    (void)state;
    assert_patched(
        "{\"a\":12345678901234567890123,\"b\":1e999,\"c\":0.10,\"d\":-0,\"e\":1}",
        "[{\"op\":\"test\",\"path\":\"/a\",\"value\":12345678901234567890123},"
        "{\"op\":\"replace\",\"path\":\"/e\",\"value\":1.000000000000000000000000000001}]",
        "{\"a\":12345678901234567890123,\"b\":1e999,\"c\":0.10,\"d\":-0,\"e\":1.000000000000000000000000000001}");
    assert_patch_refused("{\"a\":12345678901234567890}",
                         "[{\"op\":\"test\",\"path\":\"/a\",\"value\":12345678901234567891}]", JSON_TEST_FAILED,
                         "operation 0 (test /a): the value is 12345678901234567890, not 12345678901234567891");
}

static void a_test_tells_what_it_found(void **state)
{
    (void)state;
    static const struct {
        const char *path, *value, *text;
    } cases[] = {
        {"/a", "[1,3]", "the two arrays differ"},
        {"/o", "{}", "the two objects differ"},
        {"/a", "{}", "the value is an array, not an object"},
        {"/n", "false", "the value is null, not false"},
        {"/x", "null", "there is no /x"},
        {"/x/y", "null", "there is no /x"},
        {"/a/2", "null", "there is no /a/2"},
        {"/a/01", "2", "there is no /a/01: elements of an array are 0, 1, 2 and so on, without leading zeros, or -"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char patch[128], text[256];
        snprintf(patch, sizeof patch, "[{\"op\":\"test\",\"path\":\"%s\",\"value\":%s}]", cases[i].path,
                 cases[i].value);
        snprintf(text, sizeof text, "operation 0 (test %s): %s", cases[i].path, cases[i].text);
        assert_patch_refused("{\"a\":[1,2],\"o\":{\"k\":1},\"n\":null}", patch, JSON_TEST_FAILED, text);
    }
}

static void an_error_tells_the_operation_and_its_place(void **state)
{
    (void)state;
    struct json_error error = assert_patch_refused("{\"a\":{}}",
                                                   "[\n  {\"op\": \"add\", \"path\": \"/b\", \"value\": 1},\n"
                                                   "  {\"op\": \"remove\", \"path\": \"/a/x\"}\n]",
                                                   JSON_NOT_FOUND, "operation 1 (remove /a/x): there is no /a/x");
    assert_int_equal(error.operation, 1);
    assert_int_equal(error.line, 3);
    assert_int_equal(error.column, 3);
    assert_int_equal(error.offset, 47);
}

static void what_is_not_there_is_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *patch, *text;
    } cases[] = {
        {"{\"op\":\"remove\",\"path\":\"/x\"}", "(remove /x): there is no /x"},
        {"{\"op\":\"remove\",\"path\":\"/l/2\"}", "(remove /l/2): there is no /l/2"},
        {"{\"op\":\"remove\",\"path\":\"/l/-\"}", "(remove /l/-): there is no /l/-"},
        {"{\"op\":\"replace\",\"path\":\"/x\",\"value\":1}", "(replace /x): there is no /x"},
        {"{\"op\":\"replace\",\"path\":\"/l/-\",\"value\":1}", "(replace /l/-): there is no /l/-"},
        {"{\"op\":\"add\",\"path\":\"/l/3\",\"value\":1}", "(add /l/3): there is no /l/3: the array has 2 elements"},
        {"{\"op\":\"add\",\"path\":\"/n/x\",\"value\":1}",
         "(add /n/x): there is no /n/x: what should hold it is a number"},
        {"{\"op\":\"move\",\"from\":\"/x\",\"path\":\"/y\"}", "(move /x to /y): there is no /x"},
        {"{\"op\":\"move\",\"from\":\"/x\",\"path\":\"/x\"}", "(move /x to /x): there is no /x"},
        {"{\"op\":\"move\",\"from\":\"/n\",\"path\":\"/x/y\"}", "(move /n to /x/y): there is no /x"},
        {"{\"op\":\"move\",\"from\":\"/l/0\",\"path\":\"/l/2\"}",
         "(move /l/0 to /l/2): there is no /l/2: the array has 1 element"},
        {"{\"op\":\"copy\",\"from\":\"/l/-\",\"path\":\"/y\"}", "(copy /l/- to /y): there is no /l/-"},
        {"{\"op\":\"copy\",\"from\":\"/n\",\"path\":\"/x/y\"}", "(copy /n to /x/y): there is no /x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char patch[160], text[160];
        snprintf(patch, sizeof patch, "[%s]", cases[i].patch);
        snprintf(text, sizeof text, "operation 0 %s", cases[i].text);
        assert_patch_refused("{\"l\":[1,2],\"n\":3}", patch, JSON_NOT_FOUND, text);
    }
}

static void malformed_patches_are_refused_before_anything_else(void **state)
{
    (void)state;
    static const struct {
        const char *patch, *text;
    } cases[] = {
        {"1", "operation 1: it must be an object, not a number"},
        {"{}", "operation 1: \"op\" is missing"},
        {"{\"op\":1}", "operation 1: \"op\" must be a string, not a number"},
        {"{\"op\":\"spam\",\"path\":\"/a\",\"value\":1}",
         "operation 1: \"op\" must be add, remove, replace, move, copy or test, not \"spam\""},
        {"{\"op\":\"Add\",\"path\":\"/a\",\"value\":1}",
         "operation 1: \"op\" must be add, remove, replace, move, copy or test, not \"Add\""},
        {"{\"op\":\"add\",\"value\":1}", "operation 1 (add): \"path\" is missing"},
        {"{\"op\":\"add\",\"path\":null,\"value\":1}", "operation 1 (add): \"path\" must be a string, not null"},
        {"{\"op\":\"add\",\"path\":\"a\",\"value\":1}", "operation 1 (add a): a path is empty or begins with '/'"},
        {"{\"op\":\"add\",\"path\":\"/~2\",\"value\":1}",
         "operation 1 (add /~2): in a path '~' is spelled ~0, and '/' ~1"},
        {"{\"op\":\"add\",\"path\":\"/a\"}", "operation 1 (add /a): \"value\" is missing"},
        {"{\"op\":\"replace\",\"path\":\"/a\"}", "operation 1 (replace /a): \"value\" is missing"},
        {"{\"op\":\"test\",\"path\":\"/a\"}", "operation 1 (test /a): \"value\" is missing"},
        {"{\"op\":\"move\",\"path\":\"/a\"}", "operation 1 (move /a): \"from\" is missing"},
        {"{\"op\":\"copy\",\"path\":\"/a\"}", "operation 1 (copy /a): \"from\" is missing"},
        {"{\"op\":\"copy\",\"path\":\"/a\",\"from\":[]}",
         "operation 1 (copy /a): \"from\" must be a string, not an array"},
        {"{\"op\":\"copy\",\"path\":\"/a\",\"from\":\"b\"}",
         "operation 1 (copy b to /a): a path is empty or begins with '/'"},
        {"{\"op\":\"remove\",\"path\":\"\"}", "operation 1 (remove the whole): the whole document cannot be removed"},
        {"{\"op\":\"remove\",\"path\":\"/a\",\"path\":\"/b\"}", "operation 1 (remove): \"path\" is there twice"},
        {"{\"op\":\"add\",\"path\":\"/a\",\"value\":1,\"value\":1}", "operation 1 (add /a): \"value\" is there twice"},
        {"{\"op\":\"copy\",\"path\":\"/a\",\"from\":\"/b\",\"from\":\"/b\"}",
         "operation 1 (copy /a): \"from\" is there twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char patch[256];
        snprintf(patch, sizeof patch, "[{\"op\":\"test\",\"path\":\"/x\",\"value\":1},%s]", cases[i].patch);
        struct json_error error = assert_patch_refused("{}", patch, JSON_MALFORMED_PATCH, cases[i].text);
        assert_int_equal(error.operation, 1);
    }
    assert_patch_refused("{}", "{\"op\":\"add\",\"path\":\"/a\",\"value\":1}", JSON_MALFORMED_PATCH,
                         "line 1, column 1: a JSON patch is an array of operations, not an object");
    assert_patch_refused("no JSON", "[{}]", JSON_MALFORMED_PATCH, "operation 0: \"op\" is missing");
}

static void texts_that_are_no_json_are_told_apart(void **state)
{
    (void)state;
    assert_patch_refused("{\"a\":}", "[]", JSON_BAD_DOCUMENT, "line 1, column 6: not a value");
    assert_patch_refused("{}", "[\n", JSON_BAD_PATCH, "line 2, column 1: the text ends where a value should be");
}

static void what_is_ignored_may_be_anything(void **state)
{
    (void)state;
    assert_patched("{\"a\":1}",
                   "[{\"op\":\"\\u0072emove\",\"path\":\"/a\",\"value\":1,\"value\":2,\"from\":3,\"x\":0,\"x\":1}]",
                   "{}");
}

static void a_key_that_is_there_twice_is_not_edited(void **state)
{
    (void)state;
    static const char document[] = "{\"a\":{\"x\":1},\"b\":2,\"a\":{\"x\":3}}";
    static const struct {
        const char *operation, *what;
    } cases[] = {
        {"\"op\":\"add\",\"path\":\"/a\",\"value\":1", "(add /a): /a"},
        {"\"op\":\"add\",\"path\":\"/a/y\",\"value\":1", "(add /a/y): /a/y"},
        {"\"op\":\"replace\",\"path\":\"/a\",\"value\":1", "(replace /a): /a"},
        {"\"op\":\"replace\",\"path\":\"/a/x\",\"value\":1", "(replace /a/x): /a/x"},
        {"\"op\":\"remove\",\"path\":\"/a\"", "(remove /a): /a"},
        {"\"op\":\"move\",\"from\":\"/a\",\"path\":\"/c\"", "(move /a to /c): /a"},
        {"\"op\":\"move\",\"from\":\"/b\",\"path\":\"/a\"", "(move /b to /a): /a"},
        {"\"op\":\"copy\",\"from\":\"/b\",\"path\":\"/a/x\"", "(copy /b to /a/x): /a/x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char patch[128], text[160];
        snprintf(patch, sizeof patch, "[{%s}]", cases[i].operation);
        snprintf(text, sizeof text, "operation 0 %s is ambiguous: a key on the way is in its object twice",
                 cases[i].what);
        assert_patch_refused(document, patch, JSON_AMBIGUOUS, text);
    }
    /* To read, it is the last one; beside it, all may be edited. */
    assert_patched(
        document,
        "[{\"op\":\"test\",\"path\":\"/a/x\",\"value\":3},{\"op\":\"copy\",\"from\":\"/a/x\",\"path\":\"/b\"}]",
        "{\"a\":{\"x\":1},\"b\":3,\"a\":{\"x\":3}}");
}

static void a_patch_that_doubles_and_doubles_ends_in_an_error(void **state)
{
    (void)state;
    struct buffer patch = {0}, result = {0};
    struct json_error error;
    buffer_append_u8(&patch, '[');
    for (unsigned i = 0; i < 40; i++) {
        char operation[80];
        snprintf(operation, sizeof operation, "%s{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/a/-\"}", i ? "," : "");
        buffer_append(&patch, SLICE_STRING(operation));
    }
    buffer_append_u8(&patch, ']');
    assert_error(json_patch_apply(SLICE_STRING("{\"a\":[]}"), buffer_slice(&patch), &result, &error), ERR_INVAL);
    assert_int_equal(error.kind, JSON_TOO_BIG);
    assert_in_range(error.operation, 15, 25);
    assert_null(result.data);
    buffer_release(&patch);
}

/* Many small values take far more memory than text, and all of them may come with the patch. */
static void a_large_patch_of_a_small_document_is_no_bomb(void **state)
{
    (void)state;
    struct buffer patch = {0}, result = {0}, value = {0};
    struct json_error error;
    for (unsigned i = 0; i < 1500000; i++)
        buffer_append(&value, SLICE(i ? ",1" : "[1", 2));
    buffer_append_u8(&value, ']');
    buffer_append(&patch, SLICE_STRING("[{\"op\":\"add\",\"path\":\"\",\"value\":"));
    buffer_append(&patch, buffer_slice(&value));
    buffer_append(&patch, SLICE_STRING("}]"));
    assert_success(json_patch_apply(SLICE_STRING("{}"), buffer_slice(&patch), &result, &error));
    assert_text(buffer_slice(&result), buffer_slice(&value));
    buffer_release(&patch);
    buffer_release(&result);
    buffer_release(&value);
}

static void a_result_beyond_the_limit_of_texts_is_refused(void **state)
{
    (void)state;
    struct buffer document = {0}, result = {0};
    struct json_error error;
    static const char patch[] = "[{\"op\":\"copy\",\"from\":\"/0\",\"path\":\"/-\"}]";
    buffer_append(&document, SLICE("[\"", 2));
    memset(buffer_extend(&document, JSON_TEXT_MAX / 2), 'x', JSON_TEXT_MAX / 2);
    buffer_append(&document, SLICE("\"]", 2));
    assert_error(json_patch_apply(buffer_slice(&document), SLICE_STRING(patch), &result, &error), ERR_INVAL);
    assert_int_equal(error.kind, JSON_TOO_BIG);
    assert_string_equal(error.text, "line 1, column 1: the result would be larger than 64 MiB");
    buffer_release(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_rfc),
        cmocka_unit_test(an_empty_patch_changes_no_byte),
        cmocka_unit_test(add_puts_a_value_where_the_path_says),
        cmocka_unit_test(operations_see_what_those_before_them_did),
        cmocka_unit_test(move_takes_a_value_elsewhere),
        cmocka_unit_test(a_value_is_not_moved_into_itself),
        cmocka_unit_test(a_copy_is_independent_of_what_was_copied),
        cmocka_unit_test(numbers_of_any_size_stay_as_they_are),
        cmocka_unit_test(a_test_tells_what_it_found),
        cmocka_unit_test(an_error_tells_the_operation_and_its_place),
        cmocka_unit_test(what_is_not_there_is_an_error),
        cmocka_unit_test(malformed_patches_are_refused_before_anything_else),
        cmocka_unit_test(texts_that_are_no_json_are_told_apart),
        cmocka_unit_test(what_is_ignored_may_be_anything),
        cmocka_unit_test(a_key_that_is_there_twice_is_not_edited),
        cmocka_unit_test(a_patch_that_doubles_and_doubles_ends_in_an_error),
        cmocka_unit_test(a_large_patch_of_a_small_document_is_no_bomb),
        cmocka_unit_test(a_result_beyond_the_limit_of_texts_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
