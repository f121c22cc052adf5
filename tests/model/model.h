/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_H
#define MODEL_H

#include "abilities.h"
#include "session.h"

struct model {
    struct place place;
    struct abilities abilities;
    uint64_t seed;
    unsigned operations; /* of one sequence */
    unsigned processes;
    double seconds; /* 0: one sequence each */
    double shrink_seconds;
    bool keep;
};

/* Random sequences, each on a subtree of its own, until the time is over; the first failure is shrunk and told. */
bool explore(const struct model *model, unsigned process);

#endif
