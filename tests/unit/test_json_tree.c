/* SPDX-License-Identifier: Apache-2.0 */
#include "json_tree.h"

#include <stdlib.h>
#include <string.h>

#include "json_members.h"
#include "json_text.h"

static struct json_tree parse(struct slice text)
{
    struct json_tree tree;
    struct json_error error = {.text = ""};
    if (json_tree_parse(&tree, text, &error) != 0)
        fail_showing("%.*s: %s", (int)text.size, (char *)text.data, error.text);
    return tree;
}

static bool parses(struct slice text, struct json_error *ret_error)
{
    struct json_tree tree;
    int error = json_tree_parse(&tree, text, ret_error);
    if (error) {
        assert_error(error, ERR_INVAL);
        assert_int_equal(ret_error->kind, JSON_BAD_DOCUMENT);
        return false;
    }
    json_tree_release(&tree);
    return true;
}

static void assert_written_as_read(struct slice text)
{
    struct json_tree tree = parse(text);
    struct buffer written = {0};
    assert_success(json_tree_write(&tree, &written));
    assert_text(buffer_slice(&written), text);
    buffer_clear(&written);
    /* And piece by piece, as where something has changed. */
    for (struct json_node *node = tree.root; node; node = node->last)
        node->changed = json_is_container(node);
    assert_success(json_tree_write(&tree, &written));
    if (!tree.root->last || tree.root->last->kind < JSON_ARRAY) assert_text(buffer_slice(&written), text);
    buffer_release(&written);
    json_tree_release(&tree);
}

static void values_of_all_kinds_are_read(void **state)
{
    (void)state;
    static const char text[] = " [ null,true ,\tfalse, -0.5e+3, \"\\u00e4\\\"\", [], {\"k\" : 1} ]\n";
    static const struct {
        enum json_kind kind;
        const char *text;
    } expected[] = {
        {JSON_NULL, "null"},
        {JSON_TRUE, "true"},
        {JSON_FALSE, "false"},
        {JSON_NUMBER, "-0.5e+3"},
        {JSON_STRING, "\"\\u00e4\\\"\""},
        {JSON_ARRAY, "[]"},
        {JSON_OBJECT, "{\"k\" : 1}"},
    };
    struct json_tree tree = parse(SLICE_STRING(text));
    assert_int_equal(tree.root->kind, JSON_ARRAY);
    assert_int_equal(tree.root->count, 7);
    assert_int_equal(json_node_offset(&tree, tree.root), 1);
    assert_text(tree.root->after, SLICE("\n", 1));
    const struct json_node *node = tree.root->first;
    for (size_t i = 0; i < 7; i++, node = node->next) {
        assert_int_equal(node->kind, expected[i].kind);
        assert_text(node->text, SLICE_STRING(expected[i].text));
        assert_int_equal(json_node_offset(&tree, node), strstr(text, expected[i].text) - text);
        assert_ptr_equal(node->parent, tree.root);
    }
    assert_null(node);
    const struct json_node *one = tree.root->last->first;
    assert_text(one->member->key, SLICE("k", 1));
    assert_text(one->member->key_text, SLICE("\"k\"", 3));
    assert_text(one->member->colon, SLICE(" : ", 3));
    assert_int_equal(json_node_depth(one), 2);
    assert_int_equal(json_node_height(one), 0);
    assert_int_equal(json_node_height(tree.root), 2);
    json_tree_release(&tree);
}

static void what_was_not_edited_is_written_as_it_was_read(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0",
        " \t\r\n-1.50E-0007 \r\n",
        "\xef\xbb\xbf{\r\n\t\"a\" : [ ] ,\r\n\t\"a\":{ }\r\n}\r\n",
        "[123456789012345678901234567890.000, 1e400, \"\\u0041\\/\", \"\xf0\x9f\x98\x80\"]",
        "{\"a\":[1,{\"b\":[ 2 , 3 ]}]}",
        "\"\"",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_written_as_read(SLICE_STRING(texts[i]));
}

static void keys_are_decoded(void **state)
{
    (void)state;
    static const char text[] =
        "{\"\\u0061\\n\\u0000\\/\":1,\"\\ud83d\\ude00\":2,\"\\ud83d\":3,\"\\uDE00\\uD83D\":4,\"\":5}";
    struct json_tree tree = parse(SLICE_STRING(text));
    static const struct slice expected[] = {
        {"a\n\0/", 4}, {"\xf0\x9f\x98\x80", 4}, {"\xed\xa0\xbd", 3}, {"\xed\xb8\x80\xed\xa0\xbd", 6}, {"", 0},
    };
    const struct json_node *node = tree.root->first;
    for (size_t i = 0; i < 5; i++, node = node->next)
        assert_text(node->member->key, expected[i]);
    json_tree_release(&tree);
}

static void of_keys_that_are_there_twice_the_last_is_found(void **state)
{
    (void)state;
    static const char text[] = "{\"b\":1,\"a\":2,\"\\u0062\":3,\"c\":4,\"b\":5,\"c\":6}";
    struct json_tree tree = parse(SLICE_STRING(text));
    struct json_members members;
    bool repeated;
    assert_int_equal(tree.root->count, 6);
    assert_text(json_object_find(tree.root, SLICE("b", 1), &repeated)->text, SLICE("5", 1));
    assert_true(repeated);
    assert_text(json_object_find(tree.root, SLICE("a", 1), &repeated)->text, SLICE("2", 1));
    assert_false(repeated);
    assert_null(json_object_find(tree.root, SLICE("d", 1), &repeated));

    assert_success(json_members_init(&members, tree.root));
    assert_int_equal(members.count, 3);
    assert_text(json_members_find(&members, SLICE("a", 1))->text, SLICE("2", 1));
    assert_text(json_members_find(&members, SLICE("b", 1))->text, SLICE("5", 1));
    assert_text(json_members_find(&members, SLICE("c", 1))->text, SLICE("6", 1));
    assert_null(json_members_find(&members, SLICE("", 0)));
    assert_false(json_members_repeats(&members, SLICE("a", 1)));
    assert_true(json_members_repeats(&members, SLICE("b", 1)));
    assert_true(json_members_repeats(&members, SLICE("c", 1)));
    json_members_release(&members);
    json_tree_release(&tree);
}

static void what_is_no_json_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
        size_t offset;
    } cases[] = {
        {"", "line 1, column 1: the text ends where a value should be", 0},
        {"  \n", "line 2, column 1: the text ends where a value should be", 3},
        {"nul", "line 1, column 1: not a value", 0},
        {"nulll", "line 1, column 5: something follows behind the value", 4},
        {"True", "line 1, column 1: not a value", 0},
        {"[1,]", "line 1, column 4: not a value", 3},
        {"[,1]", "line 1, column 2: not a value", 1},
        {"[1 2]", "line 1, column 4: a ',' or ']' is missing", 3},
        {"[1}", "line 1, column 3: a ',' or ']' is missing", 2},
        {"{\"a\":1,}", "line 1, column 8: a key in double quotes is missing", 7},
        {"{a:1}", "line 1, column 2: a key in double quotes is missing", 1},
        {"{'a':1}", "line 1, column 2: a key in double quotes is missing", 1},
        {"{\"a\" 1}", "line 1, column 6: a ':' is missing behind the key", 5},
        {"{\"a\":}", "line 1, column 6: not a value", 5},
        {"{\"a\":1]", "line 1, column 7: a ',' or '}' is missing", 6},
        {"{\"a\":1\r\n\"b\":2}", "line 2, column 1: a ',' or '}' is missing", 8},
        {"[\r1\r\r?", "line 4, column 1: a ',' or ']' is missing", 5},
        {"[\"\xc3\xa4\xc3\xb6\" x", "line 1, column 7: a ',' or ']' is missing", 8},
        {"\xef\xbb\xbf x", "line 1, column 2: not a value", 4},
        {"\xef\xbb\xbf\xef\xbb\xbf"
         "1",
         "line 1, column 1: not a value", 3},
        {"01", "line 1, column 1: a number has no leading zeros", 0},
        {"-01", "line 1, column 2: a number has no leading zeros", 1},
        {"-", "line 1, column 2: a number needs a digit here", 1},
        {"+1", "line 1, column 1: not a value", 0},
        {".5", "line 1, column 1: not a value", 0},
        {"1.", "line 1, column 3: a number needs a digit behind its point", 2},
        {"1.e1", "line 1, column 3: a number needs a digit behind its point", 2},
        {"1e", "line 1, column 3: a number needs a digit in its exponent", 2},
        {"1e+", "line 1, column 4: a number needs a digit in its exponent", 3},
        {"NaN", "line 1, column 1: not a value", 0},
        {"1 // one", "line 1, column 3: something follows behind the value", 2},
        {"\"a", "line 1, column 3: the string has no end", 2},
        {"\"a\tb\"", "line 1, column 3: a control character in a string (it must be escaped)", 2},
        {"\"\\x\"", "line 1, column 2: not an escape of JSON (\\\\, \\\", \\/, \\b, \\f, \\n, \\r, \\t, \\uXXXX)", 1},
        {"\"\\u12g4\"", "line 1, column 2: not an escape of JSON (\\\\, \\\", \\/, \\b, \\f, \\n, \\r, \\t, \\uXXXX)",
         1},
        {"\"\\u12", "line 1, column 2: not an escape of JSON (\\\\, \\\", \\/, \\b, \\f, \\n, \\r, \\t, \\uXXXX)", 1},
        {"[1,\xc2\xa0"
         "2]",
         "line 1, column 4: not a value", 3},
        {"\f1", "line 1, column 1: not a value", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct json_error error;
        assert_false(parses(SLICE_STRING(cases[i].text), &error));
        assert_string_equal(error.text, cases[i].error);
        assert_int_equal(error.offset, cases[i].offset);
        assert_int_equal(error.operation, JSON_NO_OPERATION);
    }
    struct json_error error;
    assert_false(parses(SLICE("1\0", 2), &error));
    assert_string_equal(error.text, "line 1, column 2: something follows behind the value");
    assert_false(parses(SLICE("\"\0\"", 3), &error));
    assert_false(parses(SLICE("\"\\\0\"", 4), &error));
}

/* All sequences of up to 4 bytes in which the first bytes are those at which UTF-8 changes. */
static void strings_are_utf_8(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        bool valid;
    } cases[] = {
        {"\x7f", true},
        {"\x80", false},
        {"\xbf", false},
        {"\xc0\x80", false},
        {"\xc1\xbf", false},
        {"\xc2\x80", true},
        {"\xc2\x7f", false},
        {"\xc2\xc0", false},
        {"\xdf\xbf", true},
        {"\xc2", false},
        {"\xe0\x9f\xbf", false},
        {"\xe0\xa0\x80", true},
        {"\xe0\xa0", false},
        {"\xe0\xa0\x7f", false},
        {"\xed\x9f\xbf", true},
        {"\xed\xa0\x80", false},
        {"\xed\xbf\xbf", false},
        {"\xee\x80\x80", true},
        {"\xef\xbf\xbf", true},
        {"\xf0\x8f\xbf\xbf", false},
        {"\xf0\x90\x80\x80", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\xf4\x90\x80\x80", false},
        {"\xf5\x80\x80\x80", false},
        {"\xf0\x90\x80", false},
        {"\xf0\x90\x80\xc0", false},
        {"\xff", false},
        {"\xfe", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer text = {0};
        struct json_error error;
        buffer_append_u8(&text, '"');
        buffer_append(&text, SLICE_STRING(cases[i].bytes));
        buffer_append_u8(&text, '"');
        assert_int_equal(parses(buffer_slice(&text), &error), cases[i].valid);
        if (!cases[i].valid) assert_string_equal(error.text, "line 1, column 2: not UTF-8");
        buffer_release(&text);
    }
}

/* In memory of its very size, so that a sanitizer sees a read beyond it. */
static void a_text_cut_at_any_byte_is_refused(void **state)
{
    (void)state;
    static const char text[] =
        "\xef\xbb\xbf [ {\"k\\u00e4\\\"\" : -1.5e+10 , \"l\" : [ ] } , true, false, null, \"\xe2\x82\xac\" , {} ]";
    for (size_t size = 0; size < sizeof text; size++) {
        struct json_error error;
        char *cut = malloc(size + !size);
        memcpy(cut, text, size);
        assert_int_equal(parses(SLICE(cut, size), &error), size == sizeof text - 1);
        if (size < sizeof text - 1) assert_true(error.offset <= size);
        free(cut);
        if (size == sizeof text - 1) break;
    }
}

static void fill(struct buffer *text, const char *piece, size_t times)
{
    for (size_t i = 0; i < times; i++)
        buffer_append(text, SLICE_STRING(piece));
}

static void what_is_nested_too_deep_is_refused(void **state)
{
    (void)state;
    struct buffer text = {0};
    struct json_error error;
    fill(&text, "[", JSON_DEPTH_MAX);
    fill(&text, "]", JSON_DEPTH_MAX);
    assert_true(parses(buffer_slice(&text), &error));
    assert_written_as_read(buffer_slice(&text));
    buffer_clear(&text);
    fill(&text, "[", JSON_DEPTH_MAX + 1);
    fill(&text, "]", JSON_DEPTH_MAX + 1);
    assert_false(parses(buffer_slice(&text), &error));
    assert_string_equal(error.text, "line 1, column 1001: nested deeper than 1000 arrays and objects");
    buffer_clear(&text);
    fill(&text, "{\"a\":", 1000000);
    assert_false(parses(buffer_slice(&text), &error));
    assert_string_equal(error.text, "line 1, column 5001: nested deeper than 1000 arrays and objects");
    buffer_release(&text);
}

static void what_is_too_large_is_refused(void **state)
{
    (void)state;
    struct json_error error;
    size_t size = JSON_TEXT_MAX + 1;
    char *text = malloc(size);
    memset(text, ' ', size);
    text[0] = '1';
    assert_false(parses(SLICE(text, size), &error));
    assert_string_equal(error.text, "line 1, column 1: larger than 64 MiB");
    assert_true(parses(SLICE(text, size - 1), &error));
    free(text);
}

static void long_errors_end_with_a_character(void **state)
{
    (void)state;
    struct json_error error;
    for (size_t shift = 0; shift < 4; shift++) {
        char text[800];
        memset(text, 'x', sizeof text);
        for (size_t i = shift; i + 4 <= sizeof text; i += 4)
            memcpy(text + i, "\xf0\x9f\x98\x80", 4);
        json_error_say(&error, JSON_NOT_FOUND, "\n%.*s", (int)sizeof text, text);
        size_t length = strlen(error.text);
        assert_in_range(length, sizeof error.text - 5, sizeof error.text - 1);
        assert_int_equal(error.text[0], '?');
        assert_int_equal((length - 1 - shift) % 4, 0);
        int width = json_error_width(SLICE(text, sizeof text));
        assert_in_range(width, 150, 160);
        assert_int_equal((width - (int)shift) % 4, 0);
    }
    assert_int_equal(json_error_width(SLICE("abc", 3)), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_all_kinds_are_read),
        cmocka_unit_test(what_was_not_edited_is_written_as_it_was_read),
        cmocka_unit_test(keys_are_decoded),
        cmocka_unit_test(of_keys_that_are_there_twice_the_last_is_found),
        cmocka_unit_test(what_is_no_json_is_refused_with_its_place),
        cmocka_unit_test(strings_are_utf_8),
        cmocka_unit_test(a_text_cut_at_any_byte_is_refused),
        cmocka_unit_test(what_is_nested_too_deep_is_refused),
        cmocka_unit_test(what_is_too_large_is_refused),
        cmocka_unit_test(long_errors_end_with_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
