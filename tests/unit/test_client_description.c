/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "description.h"
#include "unit.h"

static const char version_text[] = "{\"token\":\"3.1.abc.def\",\"ordinal\":3,\"parents\":[\"2.1.a.b\",\"1.2.c.d\"],"
                                   "\"operation\":\"resolve\",\"uid\":1000,"
                                   "\"gid\":4294967295,\"pid\":77,\"command\":\"cat\",\"time\":\"2026-11-24T14:58:55."
                                   "047978470Z\",\"size\":9223372036854775807,"
                                   "\"hash\":\"0123456789abcdef0123456789abcdef\",\"message\":\"two\\nlines \\u00e9\"}";

static const char conflict_text[] = "{\"target\":\"f\",\"operation\":\"write\",\"base\":\"1.1.a.b\",\"head\":\"2.1.c."
                                    "d\",\"writer\":{\"uid\":1,\"gid\":2,\"pid\":3,"
                                    "\"command\":\"tee\"},\"time\":\"1969-12-31T23:59:59.000000001Z\",\"size\":5,"
                                    "\"hash\":\"0123456789abcdef0123456789abcdef\","
                                    "\"retry_after_ms\":20,\"sibling\":\"f.conflict\"}";

static void a_version_has_all_its_members(void **state)
{
    struct occfs_version version;
    (void)state;
    assert_int_equal(description_version(version_text, &version), 0);
    assert_string_equal(version.token, "3.1.abc.def");
    assert_int_equal(version.ordinal, 3);
    assert_int_equal(version.parent_count, 2);
    assert_string_equal(version.parents[0], "2.1.a.b");
    assert_string_equal(version.parents[1], "1.2.c.d");
    assert_string_equal(version.operation, "resolve");
    assert_int_equal(version.writer.uid, 1000);
    assert_int_equal(version.writer.gid, UINT32_MAX);
    assert_int_equal(version.writer.pid, 77);
    assert_string_equal(version.writer.command, "cat");
    assert_int_equal(version.time.tv_sec, 1795532335);
    assert_int_equal(version.time.tv_nsec, 47978470);
    assert_true(version.size == INT64_MAX);
    assert_string_equal(version.hash, "0123456789abcdef0123456789abcdef");
    assert_string_equal(version.message, "two\nlines \xc3\xa9");
    occfs_version_release(&version);
    assert_null(version.message);
    occfs_version_release(&version);
}

static void a_conflict_has_all_its_members(void **state)
{
    struct occfs_conflict conflict;
    (void)state;
    assert_int_equal(description_conflict(conflict_text, &conflict), 0);
    assert_string_equal(conflict.target, "f");
    assert_string_equal(conflict.operation, "write");
    assert_string_equal(conflict.base, "1.1.a.b");
    assert_string_equal(conflict.head, "2.1.c.d");
    assert_int_equal(conflict.writer.uid, 1);
    assert_int_equal(conflict.writer.gid, 2);
    assert_int_equal(conflict.writer.pid, 3);
    assert_string_equal(conflict.writer.command, "tee");
    assert_int_equal(conflict.time.tv_sec, -1);
    assert_int_equal(conflict.time.tv_nsec, 1);
    assert_int_equal(conflict.size, 5);
    assert_string_equal(conflict.hash, "0123456789abcdef0123456789abcdef");
    assert_int_equal(conflict.retry_after_ms, 20);
    assert_string_equal(conflict.sibling, "f.conflict");
    occfs_conflict_release(&conflict);
    assert_null(conflict.sibling);
}

/* ---- what is none ---- */

/* -EPROTO, and the out-parameter untouched. */
static void assert_no_version(const char *text)
{
    struct occfs_version version, before;
    memset(&version, 0x5a, sizeof version);
    before = version;
    int error = description_version(text, &version);
    if (error != -EPROTO) fail_msg("%d: %s", error, text);
    assert_memory_equal(&version, &before, sizeof version);
}

static void assert_no_conflict(const char *text)
{
    struct occfs_conflict conflict, before;
    memset(&conflict, 0x5a, sizeof conflict);
    before = conflict;
    int error = description_conflict(text, &conflict);
    if (error != -EPROTO) fail_msg("%d: %s", error, text);
    assert_memory_equal(&conflict, &before, sizeof conflict);
}

static void a_text_that_is_cut_short_is_none(void **state)
{
    char text[sizeof version_text];
    (void)state;
    for (size_t size = 0; size < sizeof version_text - 1; size++) {
        memcpy(text, version_text, size);
        text[size] = '\0';
        assert_no_version(text);
    }
    for (size_t size = 0; size < sizeof conflict_text - 1; size++) {
        memcpy(text, conflict_text, size);
        text[size] = '\0';
        assert_no_conflict(text);
    }
}

static void other_json_is_none(void **state)
{
    static const char *const texts[] = {"null", "[]", "{}", "3", "\"x\"", "{} {}", "{\"token\": \"\\u0000\"}"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_no_version(texts[i]);
        assert_no_conflict(texts[i]);
    }
}

/* The object with one member changed: to that JSON value, or removed where that is NULL. Freed by the caller. */
static char *changed(const char *text, const char *outer, const char *key, const char *value)
{
    json_t *object = json_loads(text, 0, NULL), *in = outer ? json_object_get(object, outer) : object;
    if (value) assert_int_equal(json_object_set_new(in, key, json_loads(value, JSON_DECODE_ANY, NULL)), 0);
    else assert_int_equal(json_object_del(in, key), 0);
    char *result = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    assert_non_null(result);
    return result;
}

static void refused(bool of_version, const char *outer, const char *key, const char *value)
{
    char *text = changed(of_version ? version_text : conflict_text, outer, key, value);
    if (of_version) assert_no_version(text);
    else assert_no_conflict(text);
    free(text);
}

static void a_member_that_is_absent_or_of_another_type_makes_it_none(void **state)
{
    static const char *const of_version[] = {"token", "ordinal", "parents", "operation", "uid",  "gid",
                                             "pid",   "command", "time",    "size",      "hash", NULL};
    static const char *const of_conflict[] = {"target", "operation", "base", "head",           "writer",
                                              "time",   "size",      "hash", "retry_after_ms", NULL};
    static const char *const of_writer[] = {"uid", "gid", "pid", "command", NULL};
    static const char *const values[] = {NULL, "null", "true", "{}", "-1", "1.5"};
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        for (const char *const *key = of_version; *key; key++)
            refused(true, NULL, *key, values[i]);
        for (const char *const *key = of_conflict; *key; key++)
            refused(false, NULL, *key, values[i]);
        for (const char *const *key = of_writer; *key; key++)
            refused(false, "writer", *key, values[i]);
    }
    refused(true, NULL, "message", "3");
    refused(false, NULL, "sibling", "[]");
    refused(true, NULL, "parents", "[1]");
    refused(true, NULL, "parents", "[\"a\", \"b\", \"c\"]");
}

static void what_is_too_long_or_too_large_makes_it_none(void **state)
{
    char text[400];
    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text, "\"", 1);
    memcpy(text + 300, "\"", 2);
    refused(true, NULL, "token", text);
    refused(true, NULL, "operation", text);
    refused(true, NULL, "hash", text);
    refused(true, NULL, "command", text);
    refused(true, NULL, "time", text);
    refused(false, NULL, "target", text);
    refused(false, NULL, "base", text);
    refused(true, NULL, "uid", "4294967296");
    refused(true, NULL, "pid", "2147483648");
    refused(false, NULL, "retry_after_ms", "4294967296");
    snprintf(text, sizeof text, "[\"%064d\", \"%065d\"]", 0, 0);
    refused(true, NULL, "parents", text);
}

static void a_time_has_nine_digits_and_ends_with_z(void **state)
{
    static const char *const wrong[] = {"\"2026-11-24T14:58:55.5Z\"",          "\"2026-11-24T14:58:55.0000000000Z\"",
                                        "\"2026-11-24T14:58:55.-12345678Z\"",  "\"2026-11-24T14:58:55.123456789\"",
                                        "\"2026-11-24T14:58:55.123456789Zx\"", "\"2026-13-24T14:58:55.123456789Z\"",
                                        "\"2026-11-24 14:58:55.123456789Z\"",  "\"\""};
    struct occfs_version version;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        refused(true, NULL, "time", wrong[i]);
    char *text = changed(version_text, NULL, "time", "\"2026-11-24T14:58:55Z\"");
    assert_int_equal(description_version(text, &version), 0);
    assert_int_equal(version.time.tv_nsec, 0);
    occfs_version_release(&version);
    free(text);
}

static void a_time_is_in_utc_whatever_the_local_zone(void **state)
{
    static const time_t days[] = {0,     58,    59,    60,    364,     365, 789,    11016,
                                  11017, 19782, 20785, 47482, 2932896, -1,  -25509, -719162};
    (void)state;
    setenv("TZ", "Asia/Kolkata", 1);
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        const time_t expected = days[i] * 86400 + 4321;
        struct occfs_version version;
        struct tm parts;
        char date[64];
        assert_non_null(gmtime_r(&expected, &parts));
        strftime(date, sizeof date, "\"%Y-%m-%dT%H:%M:%S.000000007Z\"", &parts);
        char *text = changed(version_text, NULL, "time", date);
        assert_int_equal(description_version(text, &version), 0);
        if (version.time.tv_sec != expected) fail_msg("%s: %lld", date, (long long)version.time.tv_sec);
        occfs_version_release(&version);
        free(text);
    }
}

static void message_and_sibling_may_be_absent_or_null(void **state)
{
    struct occfs_version version;
    struct occfs_conflict conflict;
    (void)state;
    for (int absent = 0; absent < 2; absent++) {
        char *text = changed(version_text, NULL, "message", absent ? NULL : "null");
        assert_int_equal(description_version(text, &version), 0);
        assert_null(version.message);
        free(text);
        text = changed(conflict_text, NULL, "sibling", absent ? NULL : "null");
        assert_int_equal(description_conflict(text, &conflict), 0);
        assert_null(conflict.sibling);
        free(text);
    }
}

static void members_that_are_not_known_are_passed_over(void **state)
{
    struct occfs_version version;
    (void)state;
    char *text = changed(version_text, NULL, "colour", "{\"a\": [1]}");
    assert_int_equal(description_version(text, &version), 0);
    occfs_version_release(&version);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_version_has_all_its_members),
        cmocka_unit_test(a_conflict_has_all_its_members),
        cmocka_unit_test(a_text_that_is_cut_short_is_none),
        cmocka_unit_test(other_json_is_none),
        cmocka_unit_test(a_member_that_is_absent_or_of_another_type_makes_it_none),
        cmocka_unit_test(what_is_too_long_or_too_large_makes_it_none),
        cmocka_unit_test(a_time_has_nine_digits_and_ends_with_z),
        cmocka_unit_test(a_time_is_in_utc_whatever_the_local_zone),
        cmocka_unit_test(message_and_sibling_may_be_absent_or_null),
        cmocka_unit_test(members_that_are_not_known_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
