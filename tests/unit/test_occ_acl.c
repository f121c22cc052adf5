/* SPDX-License-Identifier: Apache-2.0 */
#include "acl.h"

#include "error.h"
#include "unit.h"

/* A list from (tag, permissions, id) triples. */
static struct slice list_of(struct buffer *value, const uint32_t (*entries)[3], size_t count)
{
    buffer_clear(value);
    buffer_append(value, SLICE("\2\0\0\0", 4));
    for (size_t i = 0; i < count; i++) {
        const uint8_t bytes[8] = {(uint8_t)entries[i][0],         (uint8_t)(entries[i][0] >> 8),
                                  (uint8_t)entries[i][1],         0,
                                  (uint8_t)entries[i][2],         (uint8_t)(entries[i][2] >> 8),
                                  (uint8_t)(entries[i][2] >> 16), (uint8_t)(entries[i][2] >> 24)};
        buffer_append(value, SLICE(bytes, sizeof bytes));
    }
    return buffer_slice(value);
}

#define LIST(value, ...)                                                                                               \
    list_of(value, (const uint32_t[][3]){__VA_ARGS__}, sizeof((const uint32_t[][3]){__VA_ARGS__}) / sizeof(uint32_t[3]))
#define ANY 0xffffffffu

static void a_list_survives_its_encoding(void **state)
{
    (void)state;
    struct buffer value = {0}, again = {0};
    struct acl acl;
    struct slice list = LIST(&value, {ACL_USER_OBJ, 7, ANY}, {ACL_USER, 5, 1000}, {ACL_USER, 6, 70000},
                             {ACL_GROUP_OBJ, 5, ANY}, {ACL_GROUP, 1, 5}, {ACL_MASK, 4, ANY}, {ACL_OTHER, 0, ANY});
    assert_int_equal(acl_parse(list, &acl), 0);
    assert_int_equal(acl.count, 7);
    assert_int_equal(acl.entries[2].id, 70000);
    assert_int_equal(acl_permissions(&acl), 0740);
    assert_false(acl_is_minimal(&acl));
    acl_encode(&acl, &again);
    assert_true(slice_equal(list, buffer_slice(&again)));
    acl_release(&acl);
    buffer_release(&value);
    buffer_release(&again);
}

static void what_is_no_valid_list_is_refused(void **state)
{
    (void)state;
    struct buffer value = {0};
    struct acl acl;
    assert_int_equal(acl_parse(SLICE("", 0), &acl), ERR_INVAL);
    assert_int_equal(acl_parse(SLICE("\2\0\0\0", 4), &acl), ERR_INVAL); /* no entry */
    /* one is missing */
    assert_int_equal(acl_parse(LIST(&value, {ACL_USER_OBJ, 7, ANY}, {ACL_OTHER, 7, ANY}), &acl), ERR_INVAL);
    /* out of order */
    assert_int_equal(
        acl_parse(LIST(&value, {ACL_GROUP_OBJ, 7, ANY}, {ACL_USER_OBJ, 7, ANY}, {ACL_OTHER, 7, ANY}), &acl), ERR_INVAL);
    /* twice */
    assert_int_equal(acl_parse(LIST(&value, {ACL_USER_OBJ, 7, ANY}, {ACL_USER_OBJ, 7, ANY}, {ACL_GROUP_OBJ, 7, ANY},
                                    {ACL_OTHER, 7, ANY}),
                               &acl),
                     ERR_INVAL);
    /* a name without a mask, and without an id */
    assert_int_equal(
        acl_parse(LIST(&value, {ACL_USER_OBJ, 7, ANY}, {ACL_USER, 7, 5}, {ACL_GROUP_OBJ, 7, ANY}, {ACL_OTHER, 7, ANY}),
                  &acl),
        ERR_INVAL);
    assert_int_equal(acl_parse(LIST(&value, {ACL_USER_OBJ, 7, ANY}, {ACL_USER, 7, ANY}, {ACL_GROUP_OBJ, 7, ANY},
                                    {ACL_MASK, 7, ANY}, {ACL_OTHER, 7, ANY}),
                               &acl),
                     ERR_INVAL);
    /* permissions and tags that there are not */
    assert_int_equal(
        acl_parse(LIST(&value, {ACL_USER_OBJ, 8, ANY}, {ACL_GROUP_OBJ, 7, ANY}, {ACL_OTHER, 7, ANY}), &acl), ERR_INVAL);
    assert_int_equal(acl_parse(LIST(&value, {3, 7, ANY}, {ACL_GROUP_OBJ, 7, ANY}, {ACL_OTHER, 7, ANY}), &acl),
                     ERR_INVAL);
    struct slice good = LIST(&value, {ACL_USER_OBJ, 7, ANY}, {ACL_GROUP_OBJ, 7, ANY}, {ACL_OTHER, 7, ANY});
    for (size_t size = 0; size < good.size; size++)
        assert_int_equal(acl_parse(SLICE(good.data, size), &acl), ERR_INVAL);
    ((uint8_t *)value.data)[0] = 1;
    assert_int_equal(acl_parse(good, &acl), ERR_INVAL);
    buffer_release(&value);
}

static void chmod_changes_the_mask_where_there_is_one(void **state)
{
    (void)state;
    struct buffer value = {0};
    struct acl acl;
    assert_int_equal(acl_parse(LIST(&value, {ACL_USER_OBJ, 7, ANY}, {ACL_USER, 7, 5}, {ACL_GROUP_OBJ, 6, ANY},
                                    {ACL_MASK, 7, ANY}, {ACL_OTHER, 7, ANY}),
                               &acl),
                     0);
    acl_chmod(&acl, 0641);
    assert_int_equal(acl_permissions(&acl), 0641);
    assert_int_equal(acl.entries[2].permissions, 6); /* the group's own entry stays */
    acl_release(&acl);
    assert_int_equal(
        acl_parse(LIST(&value, {ACL_USER_OBJ, 7, ANY}, {ACL_GROUP_OBJ, 6, ANY}, {ACL_OTHER, 7, ANY}), &acl), 0);
    assert_true(acl_is_minimal(&acl));
    acl_chmod(&acl, 0123);
    assert_int_equal(acl.entries[1].permissions, 2);
    acl_release(&acl);
    buffer_release(&value);
}

static void a_new_file_gets_what_both_its_mode_and_the_default_grant(void **state)
{
    (void)state;
    struct buffer value = {0};
    struct acl acl;
    assert_int_equal(acl_parse(LIST(&value, {ACL_USER_OBJ, 7, ANY}, {ACL_USER, 7, 5}, {ACL_GROUP_OBJ, 5, ANY},
                                    {ACL_MASK, 7, ANY}, {ACL_OTHER, 4, ANY}),
                               &acl),
                     0);
    acl_create(&acl, 0666);
    assert_int_equal(acl_permissions(&acl), 0664);
    assert_int_equal(acl.entries[1].permissions, 7); /* under the mask */
    acl_release(&acl);
    buffer_release(&value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_survives_its_encoding),
        cmocka_unit_test(what_is_no_valid_list_is_refused),
        cmocka_unit_test(chmod_changes_the_mask_where_there_is_one),
        cmocka_unit_test(a_new_file_gets_what_both_its_mode_and_the_default_grant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
