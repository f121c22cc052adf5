/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "content_same.h"
#include "occ_fixture.h"

enum { MIB = 1024 * 1024 };

static bool same(struct store *store, const char *a, const char *b)
{
    struct version left = file_head(store, a), right = file_head(store, b);
    bool result;
    assert_success(content_same(store, &left, &right, &result));
    return result;
}

/* A file of a size, zeros but for these bytes at an offset. */
static void put_at(struct store *store, const char *name, uint64_t size, uint64_t offset, struct slice bytes)
{
    struct opened opened;
    file_create(store, name);
    opened_init(&opened, store, name, 7);
    assert_success(draft_truncate(&opened.draft, size));
    if (bytes.size > 0) opened_write(&opened, offset, bytes);
    assert_commit(&opened, COMMIT_DONE);
    opened_release(&opened);
}

static void contents_of_every_kind_are_compared(void **state)
{
    struct store *store = ((struct occ_fixture *)*state)->store;
    uint8_t *bytes = bytes_of_seed(1, 3 * MIB);
    file_create(store, "empty");
    put_at(store, "small", 100, 0, SLICE(bytes, 100));
    put_at(store, "small too", 100, 0, SLICE(bytes, 100));
    put_at(store, "small other", 100, 1, SLICE(bytes, 99));
    put_at(store, "sparse", MIB, 0, SLICE(NULL, 0));
    put_at(store, "sparse too", MIB, 0, SLICE(NULL, 0));
    put_at(store, "large", 3 * MIB, 0, SLICE(bytes, 3 * MIB));
    put_at(store, "large too", 3 * MIB, 0, SLICE(bytes, 3 * MIB));
    put_at(store, "large longer", 3 * MIB + 1, 0, SLICE(bytes, 3 * MIB));
    bytes[MIB] ^= 1;
    put_at(store, "large other", 3 * MIB, 0, SLICE(bytes, 3 * MIB));
    static const char *const names[] = {"empty", "small",        "small other", "sparse",
                                        "large", "large longer", "large other"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        for (size_t j = 0; j < sizeof names / sizeof names[0]; j++)
            assert_int_equal(same(store, names[i], names[j]), i == j);
    assert_true(same(store, "small", "small too"));
    assert_true(same(store, "sparse", "sparse too"));
    assert_true(same(store, "large", "large too"));
    free(bytes);
}

static void huge_sparse_files_are_compared_by_what_is_in_them(void **state)
{
    struct store *store = ((struct occ_fixture *)*state)->store;
    const uint64_t size = 1ULL << 62;
    put_at(store, "a", size, size / 3, SLICE_STRING("needle"));
    put_at(store, "b", size, size / 3, SLICE_STRING("needle"));
    put_at(store, "c", size, size / 3 + 1, SLICE_STRING("needle"));
    assert_true(same(store, "a", "b"));
    assert_false(same(store, "a", "c"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OCC(contents_of_every_kind_are_compared),
        WITH_OCC(huge_sparse_files_are_compared_by_what_is_in_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
