/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_JSON_PATCH_H
#define OCC_JSON_PATCH_H

#include "json_error.h"

/*
 * JSON Patch (RFC 6902): an array of operations, applied one after the other, all or none.
 *
 * Where the RFC leaves a choice: an operation that has "op", "path", "from" or "value" twice is malformed; removing the
 * whole document is, too. A "test" of what is not there has failed. A member moved to another key of its own object keeps
 * its place. All operations are checked for form before the first one is applied.
 */

/* On success *ret_document, an initialised buffer, has the result in place of what it held. Operations that change nothing
 * give the very bytes of the document. ERR_NOMEM; ERR_INVAL, and *ret_error says why. */
int json_patch_apply(struct slice document, struct slice patch, struct buffer *ret_document,
                     struct json_error *ret_error);

#endif
