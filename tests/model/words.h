/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_WORDS_H
#define MODEL_WORDS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The names that scripts have for flags and the like; everything else is a number. */

/* Prints the value of an argument of that letter. */
void word_print(char letter, int64_t value, FILE *out);

/* Reads what word_print wrote: words and numbers joined by '|'. */
bool word_parse(char letter, const char *text, int64_t *ret_value);

/* The xattr names that 'x' arguments number, and how many there are. */
enum { XATTR_NAMES = 7, XATTR_TRUSTED = 5, XATTR_SECURITY = 6 };
const char *xattr_name(int64_t number);

#endif
