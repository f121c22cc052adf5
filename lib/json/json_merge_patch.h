/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_JSON_MERGE_PATCH_H
#define OCC_JSON_MERGE_PATCH_H

#include "json_error.h"

/*
 * JSON Merge Patch (RFC 7386): a patch that looks as the document does, with what is to be changed; null removes.
 *
 * Only what differs is touched: a value that equals the patch's (json_value.h) keeps its spelling. New members come at the
 * end of their object, in the patch's order. An object of the patch that has a key twice is malformed.
 *
 * On success *ret_document, an initialised buffer, has the result in place of what it held. ERR_NOMEM; ERR_INVAL, and
 * *ret_error says why.
 */
int json_merge_patch_apply(struct slice document, struct slice patch, struct buffer *ret_document,
                           struct json_error *ret_error);

#endif
