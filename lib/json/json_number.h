/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_JSON_NUMBER_H
#define OCC_JSON_NUMBER_H

#include "buffer.h"

/* Numbers as JSON spells them. No size, no precision and no exponent is too large: nothing is converted. */

/* NULL, and *ret_end behind the number that begins at `at`; or what is wrong with it, and *ret_end where. */
const char *json_number_scan(const uint8_t *at, const uint8_t *end, const uint8_t **ret_end);

/* Whether two that were scanned have the same value: 1, 1.0, 10e-1; 0 and -0. */
bool json_number_equal(struct slice a, struct slice b);

#endif
