/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_SEQUENCE_H
#define MODEL_SEQUENCE_H

#include <stddef.h>

#include "operation.h"

/* Operations in order; a script is the text of one. Owns its operations. */
struct sequence {
    struct operation *operations;
    size_t count;
    size_t capacity;
};

/* Takes the operation over. */
void sequence_add(struct sequence *sequence, struct operation operation);
void sequence_release(struct sequence *sequence);

/* The operations for which keep[i] is true; all of them if keep is NULL. */
struct sequence sequence_copy(const struct sequence *sequence, const bool *keep);

void sequence_print(const struct sequence *sequence, FILE *out);

/* Reads a script: a line an operation, '#' begins a comment line. Tells a wrong line on standard error; false then. */
bool sequence_read(const char *path, struct sequence *ret_sequence);

#endif
