/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_SESSION_H
#define MODEL_SESSION_H

#include "complaint.h"
#include "inodes.h"
#include "outcome.h"
#include "rules.h"
#include "sequence.h"
#include "side.h"

/* Where sequences run. */
struct place {
    const char *directories[SIDES];
    bool shared;     /* several descriptors of a file, one of them writing (live files) */
    bool fine_times; /* moves of mtime and ctime can be told (abilities.h) */
};

/* One run of operations, in lockstep, on a fresh subtree of both sides. */
struct session {
    const struct place *place;
    char name[64]; /* of the subtree */
    struct side sides[SIDES];
    struct outcome outcomes[SIDES];
    struct rules rules;
    struct inodes inodes;
};

/* `name`: of the subtree, below both directories; made if `make` says so, else it must be there. The umask is 022 then. */
bool session_begin(struct session *session, const struct place *place, const char *name, bool make);
/* Closes what is open; removes the subtrees unless they are to be kept. */
void session_end(struct session *session, bool keep);

/* Does an operation on both sides. false: they differ. *ret_done: whether the rules allowed it. */
bool session_do(struct session *session, const struct operation *operation, bool *ret_done,
                struct complaint *complaint);

/* Closes every slot and compares the trees. */
bool session_finish(struct session *session, struct complaint *complaint);

/*
 * Runs a sequence from the start. true: there is no difference. Otherwise the complaint says which, and *ret_at the
 * operation that showed it (the count if it was the end).
 */
bool session_replay(const struct place *place, const char *name, const struct sequence *sequence, size_t *ret_at,
                    struct complaint *complaint);

#endif
