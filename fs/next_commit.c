/* SPDX-License-Identifier: Apache-2.0 */
#include "next_commit.h"

#include <stdlib.h>

void next_commit_clear(struct next_commit *next)
{
    free(next->message);
    *next = (struct next_commit){0};
}
