/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_JSON_OPERATION_H
#define OCC_JSON_OPERATION_H

#include "json_pointer.h"

/* One operation of a JSON patch, as it is spelled there. */
enum json_operation_kind { JSON_ADD, JSON_REMOVE, JSON_REPLACE, JSON_MOVE, JSON_COPY, JSON_TEST };

struct json_path {
    bool known;         /* the text is */
    struct buffer text; /* decoded; what the pointer points into */
    struct json_pointer pointer;
};

struct json_operation {
    enum json_operation_kind kind;
    const char *name;     /* of the kind; NULL as long as it is not known */
    size_t index, offset; /* which one in the patch, and where in its text it begins */
    struct slice patch;   /* the patch's text */
    struct json_path path;
    struct json_path from;         /* of move and copy */
    const struct json_node *value; /* of add, replace and test; in the patch's tree */
};

/* JSON_MALFORMED_PATCH, and the error of json_operation_wrong. To be released after failures, too. */
int json_operation_init(struct json_operation *operation, const struct json_tree *patch, const struct json_node *node,
                        size_t index, struct json_error *ret_error);
void json_operation_release(struct json_operation *operation);

/* Makes an error of the operation: "operation 0 (add /a/b): " and the formatted text. Returns ERR_INVAL. */
__attribute__((format(printf, 4, 5))) int json_operation_wrong(const struct json_operation *operation,
                                                               struct json_error *error, enum json_error_kind kind,
                                                               const char *format, ...);

#endif
