/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_NEXT_COMMIT_H
#define OCC_NEXT_COMMIT_H

/*
 * What a writer has said of its draft's next commit. It holds until a commit succeeds: one that fails, or is a conflict, can be tried
 * again as it was meant. All of it is owned; NULL: nothing was said. Guarded by the draft's commit_lock, but that whether a conflict is
 * resolved may be asked without it.
 */
struct resolution;

struct next_commit {
    char *message; /* goes into the version */
    char *request; /* its id (request_id.h) */
    _Atomic(struct resolution *)
        resolves; /* what conflict the version resolves: then it commits even if nothing was written */
};

void next_commit_clear(struct next_commit *next);

/* Of what a killed writer has not finished nothing can be claimed. */
void next_commit_unclaim(struct next_commit *next);

#endif
