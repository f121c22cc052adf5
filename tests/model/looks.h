/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_LOOKS_H
#define MODEL_LOOKS_H

#include "complaint.h"
#include "facts.h"
#include "operation.h"
#include "side.h"

struct session;

/*
 * The attributes, on both sides, of what an operation names: its paths, the directories that these are in, its slots. Taken
 * before and after it, so that it shows what the operation did, and whether a cache was left behind.
 */
enum { LOOKS_MAX = 3 * PATHS_MAX };

struct looks {
    struct facts facts[LOOKS_MAX][SIDES];
    char objects[LOOKS_MAX][300]; /* for people */
    bool taken[LOOKS_MAX];        /* on both sides */
    bool by_path[LOOKS_MAX];
};

void looks_take(struct looks *looks, const struct session *session, const struct operation *operation);

/* Whether both sides agree after the operation, and in what it has moved. */
bool looks_agree(const struct looks *before, const struct looks *after, struct session *session,
                 const struct operation *operation, struct complaint *complaint);

#endif
