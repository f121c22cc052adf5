/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_JSON_VALUE_H
#define OCC_JSON_VALUE_H

#include "json_tree.h"

/*
 * Equality as RFC 6902, section 4.6, has it: strings by what they stand for, numbers by value (exactly, however large),
 * arrays element by element, objects by keys whatever their order. Of a key that is there twice the last one counts.
 * ERR_NOMEM.
 */
int json_value_equal(const struct json_node *a, const struct json_node *b, bool *ret_equal);

#endif
