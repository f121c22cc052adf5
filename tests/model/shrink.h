/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_SHRINK_H
#define MODEL_SHRINK_H

#include "session.h"

struct shrunk {
    struct sequence sequence;
    struct complaint complaint; /* of its last replay */
    unsigned failed,
        replayed; /* how often the whole sequence failed when it was replayed, before anything was left out */
};

/*
 * Leaves out operations and makes numbers smaller as long as the same complaint comes of what is left (delta
 * debugging: Zeller, Hildebrandt 2002), for `seconds` at most. `sequence` ends with the operation that failed;
 * a sequence that does not fail again is handed back as it was. The caller releases ret_shrunk->sequence.
 */
void shrink(const struct place *place, const char *name, const struct sequence *sequence,
            const struct complaint *complaint, double seconds, struct shrunk *ret_shrunk);

#endif
