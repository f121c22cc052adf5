/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "conflict.h"
#include "random_numbers.h"
#include "token.h"
#include "unit.h"

static struct store store; /* of which only the key is used */

static struct conflict_record ordinary(void)
{
    struct conflict_record record = {.target_lineage = 3,
                                     .sibling = 9,
                                     .operation = VERSION_WRITE,
                                     .base = {3, 4, 5},
                                     .head = {3, 6, 7},
                                     .writer = {1001, 100, 4711, "vim"},
                                     .time = {1700000000, 12345678},
                                     .size = 10,
                                     .retry_after_ms = 10,
                                     .target = "notes.txt",
                                     .name = "notes.txt.conflict"};
    memset(record.hash.bytes, 0xab, sizeof record.hash.bytes);
    return record;
}

/* The description, read back by a strict parser; the caller releases it. */
static json_t *describe(const struct conflict_record *record)
{
    char *text;
    json_error_t error;
    assert_success(conflict_describe(&store, record, &text));
    assert_null(strchr(text, '\n'));
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!object) fail_msg("%s: %s", error.text, text);
    assert_int_equal(json_object_size(object), 9);
    free(text);
    return object;
}

static void assert_text(json_t *object, const char *key, const char *expected)
{
    assert_string_equal(json_string_value(json_object_get(object, key)), expected);
}

static void the_record_is_one_object_that_says_everything(void **state)
{
    (void)state;
    struct conflict_record record = ordinary();
    char base[TOKEN_TEXT_SIZE], head[TOKEN_TEXT_SIZE];
    token_mint(&store, &record.base, base);
    token_mint(&store, &record.head, head);
    json_t *object = describe(&record), *writer = json_object_get(object, "writer");
    assert_text(object, "target", "notes.txt");
    assert_text(object, "operation", "write");
    assert_text(object, "base", base);
    assert_text(object, "head", head);
    assert_text(object, "time", "2023-11-14T22:13:20.012345678Z");
    assert_text(object, "hash", "abababababababababababababababab");
    assert_int_equal(json_integer_value(json_object_get(object, "size")), 10);
    assert_int_equal(json_integer_value(json_object_get(object, "retry_after_ms")), 10);
    assert_int_equal(json_integer_value(json_object_get(writer, "uid")), 1001);
    assert_int_equal(json_integer_value(json_object_get(writer, "gid")), 100);
    assert_int_equal(json_integer_value(json_object_get(writer, "pid")), 4711);
    assert_text(writer, "command", "vim");
    json_decref(object);
}

static void each_operation_has_a_word(void **state)
{
    (void)state;
    static const struct {
        uint8_t operation;
        const char *word;
    } rows[] = {{VERSION_WRITE, "write"}, {VERSION_TRUNCATE, "truncate"}, {VERSION_RENAME, "rename"}, {99, "write"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct conflict_record record = ordinary();
        record.operation = rows[i].operation;
        json_t *object = describe(&record);
        assert_text(object, "operation", rows[i].word);
        json_decref(object);
    }
}

static void the_largest_numbers_are_told_right(void **state)
{
    (void)state;
    struct conflict_record record = ordinary();
    record.size = INT64_MAX;
    record.writer.uid = record.writer.gid = record.writer.pid = UINT32_MAX;
    record.retry_after_ms = UINT32_MAX;
    json_t *object = describe(&record), *writer = json_object_get(object, "writer");
    assert_int_equal(json_integer_value(json_object_get(object, "size")), INT64_MAX);
    assert_int_equal(json_integer_value(json_object_get(writer, "uid")), UINT32_MAX);
    json_decref(object);
}

static void names_in_any_language_are_told_as_they_are(void **state)
{
    (void)state;
    struct conflict_record record = ordinary();
    strcpy(record.target, "Grüße \"\\\t 日本 \U0001F600");
    json_t *object = describe(&record);
    assert_text(object, "target", record.target);
    json_decref(object);
}

static void what_is_not_utf8_becomes_question_marks(void **state)
{
    (void)state;
    struct conflict_record record = ordinary();
    strcpy(record.target, "a\xff\x80z");
    json_t *object = describe(&record);
    assert_text(object, "target", "a??z");
    json_decref(object);
}

static void any_bytes_give_valid_json(void **state)
{
    (void)state;
    struct random_numbers numbers = {17};
    for (unsigned round = 0; round < 5000; round++) {
        struct conflict_record record = ordinary();
        size_t size = random_next(&numbers) % sizeof record.target;
        for (size_t i = 0; i < size; i++) /* never NUL; often what begins a character or is special in JSON */
            record.target[i] = (char)(round % 2 ? 1 + random_next(&numbers) % 255 : 0xc0 + random_next(&numbers) % 64);
        record.target[size] = '\0';
        for (size_t i = 0; i < sizeof record.writer.command - 1; i++)
            record.writer.command[i] = (char)(1 + random_next(&numbers) % 255);
        json_decref(describe(&record));
    }
}

static void each_byte_alone_gives_valid_json(void **state)
{
    (void)state;
    for (int byte = 1; byte < 256; byte++) {
        struct conflict_record record = ordinary();
        record.target[4] = (char)byte;
        json_decref(describe(&record));
    }
}

static void a_time_beyond_any_calendar_gives_valid_json(void **state)
{
    (void)state;
    static const time_t seconds[] = {0, -1, INT32_MIN, UINT32_MAX, 253402300800, INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
        struct conflict_record record = ordinary();
        record.time.tv_sec = seconds[i];
        json_decref(describe(&record));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_record_is_one_object_that_says_everything),
        cmocka_unit_test(each_operation_has_a_word),
        cmocka_unit_test(the_largest_numbers_are_told_right),
        cmocka_unit_test(names_in_any_language_are_told_as_they_are),
        cmocka_unit_test(what_is_not_utf8_becomes_question_marks),
        cmocka_unit_test(any_bytes_give_valid_json),
        cmocka_unit_test(each_byte_alone_gives_valid_json),
        cmocka_unit_test(a_time_beyond_any_calendar_gives_valid_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
