/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_FILL_H
#define MODEL_FILL_H

#include <stddef.h>
#include <stdint.h>

/* What is written: bytes that follow from the fill number, so that scripts are short. 0 gives zeros. */
void fill_bytes(uint8_t *bytes, size_t size, int64_t fill);

#endif
