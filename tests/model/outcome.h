/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_OUTCOME_H
#define MODEL_OUTCOME_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "complaint.h"

enum { OUTCOME_MAX = 512 * 1024 };

/* What came of an operation on one side. */
struct outcome {
    int64_t result;
    int error;       /* errno where result is negative, else 0 */
    bool has_status; /* status is what the call gave */
    bool is_text;    /* the data is for people: told whole in a complaint */
    struct stat status;
    size_t size;   /* of the data */
    uint8_t *data; /* OUTCOME_MAX bytes */
};

bool outcome_init(struct outcome *outcome);
void outcome_release(struct outcome *outcome);
void outcome_clear(struct outcome *outcome);

/* Notes what a call returned; errno must be the call's. */
void outcome_set(struct outcome *outcome, int64_t result);
/* Adds a line of text to the data. */
void outcome_say(struct outcome *outcome, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Whether both sides gave the same result, error and data. */
bool outcome_same(const struct outcome *plain, const struct outcome *mount, struct complaint *complaint);

#endif
