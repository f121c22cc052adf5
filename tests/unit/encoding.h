/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_ENCODING_H
#define OCC_ENCODING_H

#include "record.h"

/* Decodes a value that stands under `key` and returns what the decoder did. */
typedef int encoding_decode(void *context, const struct record_key *key, struct slice value);

/*
 * Takes a sound value of a record and asserts what every record promises: it decodes; a value that was cut off at any
 * place, or has any bit flipped, or was written for another key is ERR_DAMAGED, and so is one with a right checksum
 * whose fields are too few or too many; one of a newer encoding is ERR_NEWER_FORMAT.
 */
void assert_encoding_is_guarded(const struct record_key *key, struct slice value, encoding_decode *decode,
                                void *context);

/* Asserts that an out-structure still is what ENCODING_UNTOUCHED made of it. */
enum { ENCODING_UNTOUCHED = 0xa5 };
void assert_untouched(const void *structure, size_t size);

#endif
