/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kv_fixture.h"
#include "unit.h"

static int append(void *context, struct slice bytes)
{
    buffer_append(context, bytes);
    return 0;
}

static void assert_blob(struct blobs *blobs, uint64_t id, struct slice bytes)
{
    struct buffer got = {0};
    assert_success(blob_get(blobs, id, append, &got));
    assert_true(slice_equal(buffer_slice(&got), bytes));
    buffer_release(&got);
}

static void assert_no_blob(struct blobs *blobs, uint64_t id)
{
    struct buffer got = {0};
    assert_error(blob_get(blobs, id, append, &got), ERR_NOT_FOUND);
    assert_int_equal(got.size, 0);
    buffer_release(&got);
}

static void put_numbered(struct blobs *blobs, uint64_t first, uint64_t count)
{
    for (uint64_t id = first; id < first + count; id++)
        assert_success(blob_put(blobs, id, SLICE(&id, sizeof id)));
}

static int add_id(void *context, uint64_t id)
{
    char text[32];
    snprintf(text, sizeof text, " %llu", (unsigned long long)id);
    buffer_append(context, SLICE_STRING(text));
    return 0;
}

static void assert_list(struct blobs *blobs, uint64_t first, const char *ids)
{
    struct buffer got = {0};
    assert_success(blob_list(blobs, first, add_id, &got));
    buffer_append_u8(&got, '\0');
    assert_string_equal((const char *)got.data, ids);
    buffer_release(&got);
}

static void what_was_put_is_got(void **state)
{
    struct blobs *blobs = ((struct kv_fixture *)*state)->blobs;
    char text[] = "some content";
    assert_success(blob_put(blobs, 7, SLICE_STRING(text)));
    memset(text, 'x', sizeof text); /* it was copied */
    assert_blob(blobs, 7, SLICE_STRING("some content"));
    assert_no_blob(blobs, 6);
    assert_no_blob(blobs, 8);
}

static void the_smallest_and_the_largest_are_kept(void **state)
{
    struct blobs *blobs = ((struct kv_fixture *)*state)->blobs;
    static uint8_t bytes[BLOB_MAX];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * i >> 7);
    assert_success(blob_put(blobs, 1, SLICE(NULL, 0)));
    assert_success(blob_put(blobs, UINT64_MAX - 1, SLICE(bytes, sizeof bytes)));
    assert_blob(blobs, 1, SLICE(NULL, 0));
    assert_blob(blobs, UINT64_MAX - 1, SLICE(bytes, sizeof bytes));
}

static void they_survive_a_reopen(void **state)
{
    struct kv_fixture *fixture = *state;
    put_numbered(fixture->blobs, 1, 3);
    assert_success(blob_delete_range(fixture->blobs, 2, 1));
    kv_fixture_reopen(fixture);
    assert_list(fixture->blobs, 1, " 1 3");
    uint64_t id = 3;
    assert_blob(fixture->blobs, 3, SLICE(&id, sizeof id));
}

static int answer(void *context, struct slice bytes)
{
    (void)bytes;
    return *(int *)context;
}

static void the_visitors_result_is_passed_on(void **state)
{
    struct blobs *blobs = ((struct kv_fixture *)*state)->blobs;
    put_numbered(blobs, 1, 1);
    int results[] = {0, 5, ERR_FBIG};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(blob_get(blobs, 1, answer, &results[i]), results[i]);
}

static void a_list_is_ascending_and_begins_where_told(void **state)
{
    struct blobs *blobs = ((struct kv_fixture *)*state)->blobs;
    assert_list(blobs, 0, "");
    put_numbered(blobs, 300, 2);
    put_numbered(blobs, 9, 2);
    put_numbered(blobs, 1ULL << 40, 1);
    assert_list(blobs, 0, " 9 10 300 301 1099511627776");
    assert_list(blobs, 10, " 10 300 301 1099511627776");
    assert_list(blobs, 11, " 300 301 1099511627776");
    assert_list(blobs, 1ULL << 41, "");
}

struct stopping {
    int left;
    int result;
};

static int stop_after(void *context, uint64_t id)
{
    struct stopping *stopping = context;
    (void)id;
    return --stopping->left == 0 ? stopping->result : 0;
}

static void a_visitor_ends_or_fails_the_list(void **state)
{
    struct blobs *blobs = ((struct kv_fixture *)*state)->blobs;
    put_numbered(blobs, 1, 5);
    struct stopping ends = {.left = 2, .result = 1}, fails = {.left = 3, .result = ERR_FBIG};
    assert_success(blob_list(blobs, 1, stop_after, &ends));
    assert_int_equal(ends.left, 0);
    assert_error(blob_list(blobs, 1, stop_after, &fails), ERR_FBIG);
    assert_int_equal(fails.left, 0);
}

static void a_range_is_deleted_and_nothing_beside_it(void **state)
{
    struct blobs *blobs = ((struct kv_fixture *)*state)->blobs;
    put_numbered(blobs, 1, 6);
    assert_success(blob_delete_range(blobs, 3, 2));
    assert_list(blobs, 0, " 1 2 5 6");
    assert_no_blob(blobs, 3);
    assert_success(blob_delete_range(blobs, 2, 3)); /* some are absent */
    assert_list(blobs, 0, " 1 5 6");
    assert_success(blob_delete_range(blobs, 100, 5)); /* all are */
    assert_success(blob_delete_range(blobs, 1, 0));
    assert_list(blobs, 0, " 1 5 6");
}

static void a_large_range_is_deleted(void **state)
{
    struct blobs *blobs = ((struct kv_fixture *)*state)->blobs;
    put_numbered(blobs, 1, 300);
    assert_success(blob_delete_range(blobs, 3, 296));
    assert_list(blobs, 0, " 1 2 299 300");
    assert_success(blob_delete_range(blobs, 2, 1ULL << 40));
    assert_list(blobs, 0, " 1");
}

struct misuse {
    struct blobs *blobs;
    uint64_t id;
    size_t size;
};

static void put_misused(void *context)
{
    static uint8_t bytes[BLOB_MAX + 1];
    const struct misuse *misuse = context;
    blob_put(misuse->blobs, misuse->id, SLICE(bytes, misuse->size));
}

static void the_limits_are_asserted(void **state)
{
    struct blobs *blobs = ((struct kv_fixture *)*state)->blobs;
    struct misuse misuses[] = {{blobs, .id = 0, .size = 1}, {blobs, .id = 1, .size = BLOB_MAX + 1}};
    for (size_t i = 0; i < 2; i++)
        assert_aborts(put_misused, &misuses[i]);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        WITH_ENGINES(what_was_put_is_got),
        WITH_ENGINES(the_smallest_and_the_largest_are_kept),
        WITH_ENGINES(they_survive_a_reopen),
        WITH_ENGINES(the_visitors_result_is_passed_on),
        WITH_ENGINES(a_list_is_ascending_and_begins_where_told),
        WITH_ENGINES(a_visitor_ends_or_fails_the_list),
        WITH_ENGINES(a_range_is_deleted_and_nothing_beside_it),
        WITH_ENGINES(a_large_range_is_deleted),
        WITH_ENGINES(the_limits_are_asserted),
    };
    return RUN_ON_STACK(argc, argv, tests);
}
