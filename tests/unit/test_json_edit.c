/* SPDX-License-Identifier: Apache-2.0 */
#include "json_edit.h"

#include <string.h>

#include "json_pointer.h"
#include "json_text.h"

/* One edit of a text, at a path. The value is a text of its own. */
enum edit_kind { INSERT, APPEND, REPLACE, REMOVE, RENAME, MOVE_TO_END };

static struct json_node *at_path(struct json_tree *tree, const char *path)
{
    struct json_pointer pointer;
    struct json_place place;
    struct json_error error;
    const char *problem;
    assert_success(json_pointer_parse(&pointer, SLICE_STRING(path), &problem));
    assert_success(json_pointer_find(&pointer, tree->root, &place, &error));
    json_pointer_release(&pointer);
    assert_non_null(place.node);
    return place.node;
}

/* NULL for what is behind the last one. */
static struct json_node *element_at(const struct json_node *array, unsigned index)
{
    struct json_node *node = array->first;
    for (; index > 0; index--)
        node = node->next;
    return node;
}

static int edit(struct json_tree *tree, enum edit_kind kind, const char *path, const char *key,
                const struct json_node *value)
{
    struct json_node *node = at_path(tree, path), *copy = NULL;
    if (value) assert_success(json_tree_copy(tree, value, &copy));
    switch (kind) {
    case INSERT:
        return json_edit_insert(tree, node, element_at(node, (unsigned)(key[0] - '0')), copy);
    case APPEND:
        return json_edit_append(tree, node, SLICE_STRING(key), SLICE(NULL, 0), copy);
    case REPLACE:
        return json_edit_replace(tree, node, copy);
    case REMOVE:
        json_edit_remove(node);
        return 0;
    case RENAME:
        return json_edit_rename(tree, node, SLICE_STRING(key));
    case MOVE_TO_END:
        copy = node->parent;
        json_edit_remove(node);
        return json_edit_insert(tree, copy, NULL, node);
    }
    return ERR_INVAL;
}

static void assert_edited(const char *text, enum edit_kind kind, const char *path, const char *key, const char *value,
                          const char *expected)
{
    struct json_tree tree, new_value = {0};
    struct json_error error;
    struct buffer written = {0};
    assert_success(json_tree_parse(&tree, SLICE_STRING(text), &error));
    if (value) assert_success(json_tree_parse(&new_value, SLICE_STRING(value), &error));
    assert_success(edit(&tree, kind, path, key, new_value.root));
    assert_success(json_tree_write(&tree, &written));
    assert_text(buffer_slice(&written), SLICE_STRING(expected));
    buffer_release(&written);
    json_tree_release(&tree);
    json_tree_release(&new_value);
}

static void a_new_member_is_spaced_as_its_siblings(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"{\"a\":1}", "{\"a\":1,\"k\":0}"},
        {"{\"a\": 1}", "{\"a\": 1, \"k\": 0}"},
        {"{ \"a\": 1 }\n", "{ \"a\": 1, \"k\": 0 }\n"},
        {"{ \"a\" : 1 , \"b\" : 2 }", "{ \"a\" : 1 , \"b\" : 2 , \"k\" : 0 }"},
        {"{\"a\":1, \"b\":2}", "{\"a\":1, \"b\":2, \"k\":0}"},
        {"{\n  \"a\": 1\n}\n", "{\n  \"a\": 1,\n  \"k\": 0\n}\n"},
        {"{\n  \"a\": 1,\n  \"b\": 2\n}", "{\n  \"a\": 1,\n  \"b\": 2,\n  \"k\": 0\n}"},
        {"{\r\n\t\"a\": 1\r\n}\r\n", "{\r\n\t\"a\": 1,\r\n\t\"k\": 0\r\n}\r\n"},
        {"\xef\xbb\xbf{\n\t\"a\":\t1\n}", "\xef\xbb\xbf{\n\t\"a\":\t1,\n\t\"k\":\t0\n}"},
        {"{ \"a\": 1\n, \"b\": 2\n}", "{ \"a\": 1\n, \"b\": 2\n, \"k\": 0\n}"},
        {"{\n  \"a\": 1,\n\n  \"b\": 2\n\n}", "{\n  \"a\": 1,\n\n  \"b\": 2,\n  \"k\": 0\n\n}"},
        {"{\n\"a\": 1\n}", "{\n\"a\": 1,\n\"k\": 0\n}"},
        {"{\n  \"a\":\n    1\n}", "{\n  \"a\":\n    1,\n  \"k\": 0\n}"},
        {"{\n  \"a\": {\"x\":1}\n}", "{\n  \"a\": {\"x\":1},\n  \"k\": 0\n}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_edited(cases[i].text, APPEND, "", "k", "0", cases[i].expected);
}

static void a_new_element_is_spaced_as_its_siblings(void **state)
{
    (void)state;
    static const struct {
        const char *text, *index, *expected;
    } cases[] = {
        {"[1]", "0", "[0,1]"},
        {"[1]", "1", "[1,0]"},
        {"[ 1 ]", "0", "[ 0, 1 ]"},
        {"[ 1 ]", "1", "[ 1, 0 ]"},
        {"[1, 2]", "0", "[0, 1, 2]"},
        {"[1, 2]", "1", "[1, 0, 2]"},
        {"[1, 2]", "2", "[1, 2, 0]"},
        {"[1 ,2]", "0", "[0 ,1 ,2]"},
        {"[1 ,2]", "1", "[1 ,0 ,2]"},
        {"[1 ,2]", "2", "[1 ,2 ,0]"},
        {"[\n\t1\n]", "0", "[\n\t0,\n\t1\n]"},
        {"[\n\t1\n]", "1", "[\n\t1,\n\t0\n]"},
        {"[\n\t1,\n\t2\n]", "0", "[\n\t0,\n\t1,\n\t2\n]"},
        {"[\n\t1,\n\t2\n]", "1", "[\n\t1,\n\t0,\n\t2\n]"},
        {"[\n\t1,\n\t2\n]", "2", "[\n\t1,\n\t2,\n\t0\n]"},
        {"[\n  1, 2,\n  3, 4\n]", "4", "[\n  1, 2,\n  3, 4, 0\n]"},
        {"[\n  1, 2,\n  3, 4\n]", "3", "[\n  1, 2,\n  3, 0, 4\n]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_edited(cases[i].text, INSERT, "", cases[i].index, "0", cases[i].expected);
    assert_edited("[\n  1, 2,\n  3\n]", INSERT, "", "1", "0", "[\n  1, 0, 2,\n  3\n]");
    assert_edited("{\"a\": [1,2]}", INSERT, "/a", "2", "0", "{\"a\": [1,2,0]}");
    assert_edited("{\"a\": [1]}", INSERT, "/a", "1", "2", "{\"a\": [1, 2]}");
    assert_edited("{\"a\":[1]}", INSERT, "/a", "1", "2", "{\"a\":[1,2]}");
}

static void what_was_empty_is_opened_where_its_neighbours_have_lines_of_their_own(void **state)
{
    (void)state;
    assert_edited("{}", APPEND, "", "k", "0", "{\"k\":0}");
    assert_edited("{ }\n", APPEND, "", "k", "0", "{ \"k\":0 }\n");
    assert_edited("{\n}", APPEND, "", "k", "0", "{\n  \"k\": 0\n}");
    assert_edited("[]", INSERT, "", "0", "0", "[0]");
    assert_edited("[\r\n]\r\n", INSERT, "", "0", "0", "[\r\n  0\r\n]\r\n");
    assert_edited("{\"a\":{}}", APPEND, "/a", "k", "0", "{\"a\":{\"k\":0}}");
    assert_edited("{\"a\": {}}", APPEND, "/a", "k", "0", "{\"a\": {\"k\": 0}}");
    assert_edited("{\"a\": [ ]}", INSERT, "/a", "0", "0", "{\"a\": [ 0 ]}");
    assert_edited("{\n    \"a\": {}\n}\n", APPEND, "/a", "k", "0", "{\n    \"a\": {\n        \"k\": 0\n    }\n}\n");
    assert_edited("{\r\n\t\"a\": {\r\n\t\t\"b\": []\r\n\t}\r\n}", INSERT, "/a/b", "0", "0",
                  "{\r\n\t\"a\": {\r\n\t\t\"b\": [\r\n\t\t\t0\r\n\t\t]\r\n\t}\r\n}");
    assert_edited("{\n  \"a\": {\n  }\n}\n", APPEND, "/a", "k", "0", "{\n  \"a\": {\n    \"k\": 0\n  }\n}\n");
    assert_edited("{\n\"a\": {}\n}\n", APPEND, "/a", "k", "0", "{\n\"a\": {\n\"k\": 0\n}\n}\n");
    assert_edited("[\n  {\"a\": {}}\n]", APPEND, "/0/a", "k", "0", "[\n  {\"a\": {\"k\": 0}}\n]");
}

static void removal_takes_its_comma_along(void **state)
{
    (void)state;
    static const struct {
        const char *text, *path, *expected;
    } cases[] = {
        {"[1]", "/0", "[]"},
        {"[ 1 ]", "/0", "[]"},
        {"[1, 2, 3]", "/0", "[2, 3]"},
        {"[1, 2, 3]", "/1", "[1, 3]"},
        {"[1, 2, 3]", "/2", "[1, 2]"},
        {"[ 1 , 2 ]", "/1", "[ 1 ]"},
        {"[ 1 , 2 ]", "/0", "[ 2 ]"},
        {"{\n  \"a\": 1\n}\n", "/a", "{}\n"},
        {"{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n", "/a", "{\n  \"b\": 2,\n  \"c\": 3\n}\n"},
        {"{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n", "/b", "{\n  \"a\": 1,\n  \"c\": 3\n}\n"},
        {"{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n", "/c", "{\n  \"a\": 1,\n  \"b\": 2\n}\n"},
        {"{\r\n\t\"a\": 1,\r\n\t\"b\": 2\r\n}", "/b", "{\r\n\t\"a\": 1\r\n}"},
        {"{ \"a\": 1\n, \"b\": 2\n}", "/b", "{ \"a\": 1\n}"},
        {"{ \"a\": 1\n, \"b\": 2\n}", "/a", "{ \"b\": 2\n}"},
        {"{\"x\": [ {\"a\":1, \"b\" : 2} , 1.50 ]}", "/x/0/b", "{\"x\": [ {\"a\":1} , 1.50 ]}"},
        {"{\"a\":1,\"b\":{\"c\":[1e400]}}", "/b/c/0", "{\"a\":1,\"b\":{\"c\":[]}}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_edited(cases[i].text, REMOVE, cases[i].path, NULL, NULL, cases[i].expected);
}

static void replacing_leaves_all_around_as_it_was(void **state)
{
    (void)state;
    static const char text[] = "\xef\xbb\xbf\r\n{ \"a\"  :\t1.0e0 ,\r\n\r\n \"a\":2,\"b\" :[ 3 ] }\r\n\r\n";
    assert_edited(text, REPLACE, "", NULL, " 0\n", "\xef\xbb\xbf\r\n0\r\n\r\n");
    assert_edited(text, REPLACE, "/a", NULL, "\"\\u0041\"",
                  "\xef\xbb\xbf\r\n{ \"a\"  :\t1.0e0 ,\r\n\r\n \"a\":\"\\u0041\",\"b\" :[ 3 ] }\r\n\r\n");
    assert_edited(text, REPLACE, "/b", NULL, "{\"x\" :0}",
                  "\xef\xbb\xbf\r\n{ \"a\"  :\t1.0e0 ,\r\n\r\n \"a\":2,\"b\" :{\"x\" :0} }\r\n\r\n");
    assert_edited(text, REPLACE, "/b/0", NULL, "-0",
                  "\xef\xbb\xbf\r\n{ \"a\"  :\t1.0e0 ,\r\n\r\n \"a\":2,\"b\" :[ -0 ] }\r\n\r\n");
}

static void lines_of_a_value_are_indented_to_where_it_comes(void **state)
{
    (void)state;
    static const char value[] = "{\n  \"x\": [\n    1,\n\n    \"a\\nb\"\n  ]\n}";
    assert_edited("{\n\t\"a\": 1\n}\n", APPEND, "", "k", value,
                  "{\n\t\"a\": 1,\n\t\"k\": {\n\t  \"x\": [\n\t    1,\n\n\t    \"a\\nb\"\n\t  ]\n\t}\n}\n");
    assert_edited("{\r\n \"a\": 1\r\n}\r\n", REPLACE, "/a", NULL, value,
                  "{\r\n \"a\": {\r\n   \"x\": [\r\n     1,\r\n\r\n     \"a\\nb\"\r\n   ]\r\n }\r\n}\r\n");
    /* On a single line there is nothing to go by: the lines stay. */
    assert_edited("{\"a\":1}", REPLACE, "/a", NULL, value, "{\"a\":{\n  \"x\": [\n    1,\n\n    \"a\\nb\"\n  ]\n}}");
    assert_edited("{\"a\":1}\r\n", REPLACE, "/a", NULL, "{\n  \"x\": 1\n}", "{\"a\":{\r\n  \"x\": 1\r\n}}\r\n");
    /* From deep within something. */
    assert_edited("{\n  \"a\": 1\n}\n", REPLACE, "/a", NULL, "      {\r\n        \"x\": 1\r\n      }",
                  "{\n  \"a\": {\n    \"x\": 1\n  }\n}\n");
    /* Its last line does not tell how deep it was: it stays. */
    assert_edited("{\n    \"a\": 1\n}\n", REPLACE, "/a", NULL, "[\n  1,\n  2]", "{\n    \"a\": [\n  1,\n  2]\n}\n");
    /* Written on one line it stays on one line. */
    assert_edited("{\n  \"a\": 1\n}\n", REPLACE, "/a", NULL, "{ \"x\":1 }", "{\n  \"a\": { \"x\":1 }\n}\n");
}

static void what_is_moved_keeps_its_bytes_and_takes_on_the_place(void **state)
{
    (void)state;
    assert_edited("[ 1.0, 2,3 ]", MOVE_TO_END, "/0", NULL, NULL, "[ 2,3,1.0 ]");
    assert_edited("[\n  {\n    \"a\": 1e0\n  },\n  2\n]\n", MOVE_TO_END, "/0", NULL, NULL,
                  "[\n  2,\n  {\n    \"a\": 1e0\n  }\n]\n");
    assert_edited("[\n  1\n]", MOVE_TO_END, "/0", NULL, NULL, "[\n  1\n]");
    assert_edited("[ {\"a\" : 1} , 2 ]", RENAME, "/0/a", "\"\n", NULL, "[ {\"\\\"\\n\" : 1} , 2 ]");
}

static void what_would_be_nested_too_deep_is_refused(void **state)
{
    (void)state;
    struct buffer text = {0};
    struct json_tree tree;
    struct json_error error;
    struct json_node *copy, *deepest;
    for (unsigned i = 0; i < JSON_DEPTH_MAX; i++)
        buffer_append(&text, SLICE("[", 1));
    for (unsigned i = 0; i < JSON_DEPTH_MAX; i++)
        buffer_append(&text, SLICE("]", 1));
    assert_success(json_tree_parse(&tree, buffer_slice(&text), &error));
    for (deepest = tree.root; deepest->first; deepest = deepest->first)
        ;
    assert_success(json_tree_copy(&tree, deepest, &copy));
    assert_error(json_edit_insert(&tree, deepest, NULL, copy), ERR_TOOBIG);
    assert_success(json_edit_insert(&tree, deepest->parent, NULL, copy));
    assert_success(json_tree_copy(&tree, tree.root, &copy));
    assert_error(json_edit_insert(&tree, tree.root, tree.root->first, copy), ERR_TOOBIG);
    assert_error(json_edit_replace(&tree, tree.root->first, copy), ERR_TOOBIG);
    assert_success(json_edit_replace(&tree, tree.root, copy));
    json_tree_release(&tree);
    buffer_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_member_is_spaced_as_its_siblings),
        cmocka_unit_test(a_new_element_is_spaced_as_its_siblings),
        cmocka_unit_test(what_was_empty_is_opened_where_its_neighbours_have_lines_of_their_own),
        cmocka_unit_test(removal_takes_its_comma_along),
        cmocka_unit_test(replacing_leaves_all_around_as_it_was),
        cmocka_unit_test(lines_of_a_value_are_indented_to_where_it_comes),
        cmocka_unit_test(what_is_moved_keeps_its_bytes_and_takes_on_the_place),
        cmocka_unit_test(what_would_be_nested_too_deep_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
