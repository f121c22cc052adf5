/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_JSON_ERROR_H
#define OCC_JSON_ERROR_H

#include "buffer.h"
#include "error.h"

/*
 * What is wrong, and where. Functions with a `ret_error` fill it when they return ERR_INVAL, and leave it alone when they
 * return anything else (ERR_NOMEM).
 */
enum json_error_kind {
    JSON_BAD_DOCUMENT, /* the document is no JSON, or beyond the limits of json_tree.h; the place is in the document */
    JSON_BAD_PATCH,    /* the patch is no JSON, or beyond the limits; this and all further places are in the patch */
    JSON_MALFORMED_PATCH, /* it is JSON, but no patch that could be applied to any document */
    JSON_NOT_FOUND,       /* a path leads nowhere in the document */
    JSON_AMBIGUOUS,       /* a path to be edited leads through a key that its object has more than once */
    JSON_TEST_FAILED,     /* an operation "test" found another value: an answer, nothing is wrong with the patch */
    JSON_TOO_BIG,         /* the result would be beyond the limits */
};

#define JSON_NO_OPERATION SIZE_MAX

struct json_error {
    enum json_error_kind kind;
    size_t offset;       /* in bytes from 0 */
    size_t line, column; /* from 1; columns are characters; a byte order mark is none */
    size_t operation;    /* of a JSON patch, from 0; else JSON_NO_OPERATION */
    /* The whole for people, with the operation and its path, or with line and column; control characters are '?'. */
    char text[512];
};

/* Sets everything; the text is "line L, column C: " and the formatted one. Returns ERR_INVAL. */
__attribute__((format(printf, 5, 6))) int json_error_at(struct json_error *error, enum json_error_kind kind,
                                                        struct slice text, size_t offset, const char *format, ...);

/* As json_error_at, but the text is the formatted one alone, and no place is set. */
__attribute__((format(printf, 3, 4))) int json_error_say(struct json_error *error, enum json_error_kind kind,
                                                         const char *format, ...);

/* The place of `offset` in `text`. */
void json_error_locate(struct json_error *error, struct slice text, size_t offset);

/* For "%.*s" with what may be long: how much of it to show. Ends on a character's boundary. */
int json_error_width(struct slice shown);

#endif
