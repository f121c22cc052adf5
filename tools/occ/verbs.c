/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "verb.h"

/* The verbs, in the order in which they are listed. */
#define VERBS(X)                                                                                                       \
    X(annotate)                                                                                                        \
    X(cat)                                                                                                             \
    X(conflicts)                                                                                                       \
    X(diff)                                                                                                            \
    X(edit)                                                                                                            \
    X(help)                                                                                                            \
    X(log)                                                                                                             \
    X(mounts)                                                                                                          \
    X(patch)                                                                                                           \
    X(policy)                                                                                                          \
    X(put)                                                                                                             \
    X(resolve)                                                                                                         \
    X(restore)                                                                                                         \
    X(run)                                                                                                             \
    X(status)                                                                                                          \
    X(undelete)                                                                                                        \
    X(update)                                                                                                          \
    X(complete)

#define DECLARE(name) extern const struct verb verb_of_##name;
VERBS(DECLARE)

#define ENTRY(name) &verb_of_##name,
const struct verb *const verbs[] = {VERBS(ENTRY) NULL};

const struct verb *verb_running;

const struct verb *verb_find(const char *name)
{
    for (const struct verb *const *verb = verbs; *verb; verb++)
        if (strcmp((*verb)->name, name) == 0) return *verb;
    return NULL;
}

enum { NAME_SIZE = 16, NEAR = 2 };

/* Levenshtein's distance, a row at a time. Names of verbs are short. */
static size_t distance(const char *a, const char *b)
{
    size_t row[NAME_SIZE + 1], length = strlen(b);
    if (length > NAME_SIZE || strlen(a) > NAME_SIZE) return NAME_SIZE;
    for (size_t i = 0; i <= length; i++)
        row[i] = i;
    for (; *a; a++) {
        size_t diagonal = row[0]++;
        for (size_t i = 1; i <= length; i++) {
            size_t changed = diagonal + (*a != b[i - 1]);
            diagonal = row[i];
            if (row[i - 1] < row[i]) row[i] = row[i - 1];
            row[i]++;
            if (changed < row[i]) row[i] = changed;
        }
    }
    return row[length];
}

const struct verb *verb_nearest(const char *name)
{
    const struct verb *nearest = NULL;
    size_t least = NEAR + 1;
    for (const struct verb *const *verb = verbs; *verb; verb++) {
        size_t far = (*verb)->summary ? distance(name, (*verb)->name) : least;
        if (far >= least) continue;
        least = far;
        nearest = *verb;
    }
    return nearest;
}
