/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_JSON_TEXT_H
#define OCC_JSON_TEXT_H

#include <stdio.h>
#include <string.h>

#include "json_error.h"
#include "unit.h"

/* As fail_msg, which cuts what is long. */
#define fail_showing(...) (fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), fail())

/* What the tests of patches have in common: texts in, text or error out. */
typedef int json_apply(struct slice document, struct slice patch, struct buffer *ret_document,
                       struct json_error *ret_error);

static inline void assert_text(struct slice got, struct slice expected)
{
    if (!slice_equal(got, expected))
        fail_showing("got\n%.*s\nand not\n%.*s", (int)got.size, (const char *)got.data, (int)expected.size,
                     (const char *)expected.data);
}

static inline void assert_applied(json_apply *apply, const char *document, const char *patch, const char *expected)
{
    struct buffer result = {0};
    struct json_error error = {.text = ""};
    if (apply(SLICE_STRING(document), SLICE_STRING(patch), &result, &error) != 0)
        fail_showing("%s applied to\n%s\n%s", patch, document, error.text);
    assert_text(buffer_slice(&result), SLICE_STRING(expected));
    buffer_release(&result);
}

/* Fails as it should, with this text, and leaves the result's buffer alone. */
static inline struct json_error assert_refused(json_apply *apply, const char *document, const char *patch,
                                               enum json_error_kind kind, const char *text)
{
    struct buffer result = {0};
    struct json_error error;
    buffer_append(&result, SLICE("before", 6));
    assert_error(apply(SLICE_STRING(document), SLICE_STRING(patch), &result, &error), ERR_INVAL);
    assert_string_equal(error.text, text);
    assert_int_equal(error.kind, kind);
    assert_text(buffer_slice(&result), SLICE("before", 6));
    buffer_release(&result);
    return error;
}

#endif
