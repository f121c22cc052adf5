/* SPDX-License-Identifier: Apache-2.0 */
#include "json_pointer.h"

#include <string.h>

#include "json_text.h"

static int find(struct json_tree *tree, const char *path, struct json_place *ret_place, struct json_error *ret_error)
{
    struct json_pointer pointer;
    const char *problem;
    assert_success(json_pointer_parse(&pointer, SLICE_STRING(path), &problem));
    int error = json_pointer_find(&pointer, tree->root, ret_place, ret_error);
    json_pointer_release(&pointer);
    return error;
}

/* RFC 6901, section 5. */
static void the_examples_of_the_rfc(void **state)
{
    (void)state;
    static const char document[] = "{\n"
                                   "   \"foo\": [\"bar\", \"baz\"],\n"
                                   "   \"\": 0,\n"
                                   "   \"a/b\": 1,\n"
                                   "   \"c%d\": 2,\n"
                                   "   \"e^f\": 3,\n"
                                   "   \"g|h\": 4,\n"
                                   "   \"i\\\\j\": 5,\n"
                                   "   \"k\\\"l\": 6,\n"
                                   "   \" \": 7,\n"
                                   "   \"m~n\": 8\n"
                                   "}";
    static const struct {
        const char *path, *value;
    } cases[] = {
        {"", document},
        {"/foo", "[\"bar\", \"baz\"]"},
        {"/foo/0", "\"bar\""},
        {"/foo/1", "\"baz\""},
        {"/", "0"},
        {"/a~1b", "1"},
        {"/c%d", "2"},
        {"/e^f", "3"},
        {"/g|h", "4"},
        {"/i\\j", "5"},
        {"/k\"l", "6"},
        {"/ ", "7"},
        {"/m~0n", "8"},
    };
    struct json_tree tree;
    struct json_error error;
    assert_success(json_tree_parse(&tree, SLICE_STRING(document), &error));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct json_place place;
        struct buffer path = {0};
        assert_success(find(&tree, cases[i].path, &place, &error));
        assert_text(place.node->text, SLICE_STRING(cases[i].value));
        json_pointer_write(place.node, &path);
        assert_text(buffer_slice(&path), SLICE_STRING(cases[i].path));
        buffer_release(&path);
    }
    json_tree_release(&tree);
}

static void what_is_no_pointer_is_refused(void **state)
{
    (void)state;
    static const char slash[] = "a path is empty or begins with '/'",
                      tilde[] = "in a path '~' is spelled ~0, and '/' ~1";
    static const struct {
        const char *path, *problem;
    } cases[] = {{"a", slash},   {"a/b", slash},  {"#/a", slash},   {" /a", slash},  {"/~", tilde}, {"/a~", tilde},
                 {"/~2", tilde}, {"/~/0", tilde}, {"/a/~a", tilde}, {"/~~0", tilde}, {"~0", slash}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct json_pointer pointer;
        const char *problem = "";
        assert_error(json_pointer_parse(&pointer, SLICE_STRING(cases[i].path), &problem), ERR_INVAL);
        assert_string_equal(problem, cases[i].problem);
        json_pointer_release(&pointer);
    }
}

static void escapes_are_undone_once(void **state)
{
    (void)state;
    struct json_pointer pointer;
    const char *problem;
    assert_success(json_pointer_parse(&pointer, SLICE_STRING("/~01/~00/~1~0/~10//x"), &problem));
    static const char *const tokens[] = {"~1", "~0", "/~", "/0", "", "x"};
    assert_int_equal(pointer.count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_text(pointer.tokens[i], SLICE_STRING(tokens[i]));
    json_pointer_release(&pointer);
}

static void a_place_may_be_empty(void **state)
{
    (void)state;
    struct json_tree tree;
    struct json_error error;
    struct json_place place;
    assert_success(json_tree_parse(&tree, SLICE_STRING("{\"a\":[1,2,3,4,5],\"b\":{}}"), &error));
    struct json_pointer pointer;
    const char *problem;
    assert_success(json_pointer_parse(&pointer, SLICE_STRING("/b/0"), &problem));
    assert_success(json_pointer_find(&pointer, tree.root, &place, &error));
    assert_null(place.node);
    assert_text(place.parent->text, SLICE("{}", 2));
    assert_text(place.key, SLICE("0", 1));
    json_pointer_release(&pointer);
    static const char *const ends[] = {"/a/5", "/a/-"};
    for (size_t i = 0; i < 2; i++) {
        assert_success(find(&tree, ends[i], &place, &error));
        assert_null(place.node);
        assert_int_equal(place.index, 5);
    }
    for (uint32_t i = 0; i < 5; i++) {
        char path[8] = "/a/0";
        path[3] = (char)('0' + i);
        assert_success(find(&tree, path, &place, &error));
        assert_int_equal(place.index, i);
        assert_int_equal(*(const char *)place.node->text.data, '1' + (char)i);
    }
    json_tree_release(&tree);
}

static void what_leads_nowhere_is_not_found(void **state)
{
    (void)state;
    static const char index[] = ": elements of an array are 0, 1, 2 and so on, without leading zeros, or -";
    static const struct {
        const char *path, *text, *more;
    } cases[] = {
        {"/x/y", "there is no /x", ""},
        {"/x/y/z", "there is no /x", ""},
        {"/s/y", "there is no /s/y: what should hold it is a string", ""},
        {"/n/0", "there is no /n/0: what should hold it is null", ""},
        {"/a/4", "there is no /a/4: the array has 3 elements", ""},
        {"/a/4294967296", "there is no /a/4294967296: the array has 3 elements", ""},
        {"/a/99999999999999999999999", "there is no /a/99999999999999999999999: the array has 3 elements", ""},
        {"/o/2", "there is no /o/2: the array has 1 element", ""},
        {"/a/-/x", "there is no /a/-", ""},
        {"/a/3/x", "there is no /a/3", ""},
        {"/a/00", "there is no /a/00", index},
        {"/a/01", "there is no /a/01", index},
        {"/a/-1", "there is no /a/-1", index},
        {"/a/+1", "there is no /a/+1", index},
        {"/a/1e0", "there is no /a/1e0", index},
        {"/a/", "there is no /a/", index},
        {"/a/ 1", "there is no /a/ 1", index},
        {"/a/0x1", "there is no /a/0x1", index},
    };
    struct json_tree tree;
    struct json_error error;
    assert_success(json_tree_parse(&tree, SLICE_STRING("{\"a\":[1,2,3],\"o\":[1],\"s\":\"t\",\"n\":null}"), &error));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct json_place place;
        char text[200];
        assert_error(find(&tree, cases[i].path, &place, &error), ERR_INVAL);
        assert_int_equal(error.kind, JSON_NOT_FOUND);
        strcpy(text, cases[i].text);
        assert_string_equal(error.text, strcat(text, cases[i].more));
    }
    json_tree_release(&tree);
}

static void a_pointer_contains_what_it_begins(void **state)
{
    (void)state;
    static const struct {
        const char *outer, *inner;
        bool contains;
    } cases[] = {{"", "", true},       {"", "/a", true},      {"/a", "/a", true},    {"/a", "/a/b", true},
                 {"/a", "/ab", false}, {"/a/b", "/a", false}, {"/a", "/b/a", false}, {"/a~1b", "/a/b", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct json_pointer outer, inner;
        const char *problem;
        assert_success(json_pointer_parse(&outer, SLICE_STRING(cases[i].outer), &problem));
        assert_success(json_pointer_parse(&inner, SLICE_STRING(cases[i].inner), &problem));
        assert_int_equal(json_pointer_contains(&outer, &inner), cases[i].contains);
        json_pointer_release(&outer);
        json_pointer_release(&inner);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_rfc),         cmocka_unit_test(what_is_no_pointer_is_refused),
        cmocka_unit_test(escapes_are_undone_once),         cmocka_unit_test(a_place_may_be_empty),
        cmocka_unit_test(what_leads_nowhere_is_not_found), cmocka_unit_test(a_pointer_contains_what_it_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
