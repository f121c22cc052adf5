/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_JSON_APPLY_H
#define OCC_JSON_APPLY_H

#include "json_tree.h"

/* What a patch does with the tree of a document. Returns an error number; ERR_INVAL when `error` says why. */
typedef int json_change(struct json_tree *tree, const struct json_tree *patch, struct json_error *error);

/* Makes the document into what the change leaves of it: on success *ret_document, an initialised buffer, has that in place of what it held.
 * ERR_TOOBIG: the result or the memory for it would be too large, of which ret_error does not tell. */
int json_apply(struct slice document, const struct json_tree *patch, json_change *change, struct buffer *ret_document,
               struct json_error *ret_error);

#endif
