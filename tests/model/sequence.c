/* SPDX-License-Identifier: Apache-2.0 */
#include "sequence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void sequence_add(struct sequence *sequence, struct operation operation)
{
    if (sequence->count == sequence->capacity) {
        sequence->capacity = sequence->capacity ? sequence->capacity * 2 : 64;
        sequence->operations = realloc(sequence->operations, sequence->capacity * sizeof *sequence->operations);
        if (!sequence->operations) abort();
    }
    sequence->operations[sequence->count++] = operation;
}

void sequence_release(struct sequence *sequence)
{
    for (size_t i = 0; i < sequence->count; i++)
        operation_release(&sequence->operations[i]);
    free(sequence->operations);
    *sequence = (struct sequence){0};
}

struct sequence sequence_copy(const struct sequence *sequence, const bool *keep)
{
    struct sequence copy = {0};
    for (size_t i = 0; i < sequence->count; i++)
        if (!keep || keep[i]) sequence_add(&copy, operation_copy(&sequence->operations[i]));
    return copy;
}

void sequence_print(const struct sequence *sequence, FILE *out)
{
    for (size_t i = 0; i < sequence->count; i++)
        operation_print(&sequence->operations[i], out);
}

bool sequence_read(const char *path, struct sequence *ret_sequence)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        fprintf(stderr, "model: %s: %s\n", path, strerror(errno));
        return false;
    }
    struct sequence sequence = {0};
    char *line = NULL;
    size_t size = 0;
    bool good = true;
    for (unsigned number = 1; good && getline(&line, &size, file) > 0; number++) {
        struct operation operation;
        const char *text = line + strspn(line, " \t\n");
        if (!*text || *text == '#') continue;
        good = operation_parse(text, &operation);
        if (good) sequence_add(&sequence, operation);
        else fprintf(stderr, "model: %s:%u: not an operation: %s", path, number, line);
    }
    free(line);
    fclose(file);
    if (good) *ret_sequence = sequence;
    else sequence_release(&sequence);
    return good;
}
