/* SPDX-License-Identifier: Apache-2.0 */
#include "next_commit.h"

#include <stdlib.h>

void next_commit_clear(struct next_commit *next)
{
    next_commit_unclaim(next);
    free(next->message);
    next->message = NULL;
}

void next_commit_unclaim(struct next_commit *next)
{
    free(next->request);
    free(next->resolves);
    next->request = NULL;
    next->resolves = NULL;
}
