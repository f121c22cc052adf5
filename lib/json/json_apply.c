/* SPDX-License-Identifier: Apache-2.0 */
#include "json_apply.h"

int json_apply(struct slice document, const struct json_tree *patch, json_change *change, struct buffer *ret_document,
               struct json_error *ret_error)
{
    struct json_tree tree;
    struct buffer result = {0};
    int error = json_tree_parse(&tree, document, ret_error);
    if (error) return error;
    json_arena_announce(&tree.arena, patch->text.size);
    error = change(&tree, patch, ret_error);
    if (!error) error = json_tree_write(&tree, &result);
    json_tree_release(&tree);
    if (error) {
        buffer_release(&result);
        return error;
    }
    buffer_release(ret_document);
    *ret_document = result;
    return 0;
}
