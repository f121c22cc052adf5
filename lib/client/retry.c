/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "occfs.h"

/* The numbers are those of Kubernetes' client-go, package util/retry: DefaultRetry and DefaultBackoff. */
const struct occfs_retry occfs_retry_default = {.tries = 5, .delay_ms = 10, .factor = 1, .jitter = 0.1};
const struct occfs_retry occfs_retry_backoff = {.tries = 4, .delay_ms = 10, .factor = 5, .jitter = 0.1};

enum { LONGEST_MS = 1000000000 };

/* From 0 to 1, exclusive. */
static double by_chance(void)
{
    return (double)arc4random() / 4294967296.0;
}

long occfs_retry_delay(const struct occfs_retry *retry, unsigned tries, unsigned long elapsed_ms)
{
    const double longest = retry->max_ms ? retry->max_ms : LONGEST_MS;
    double delay = retry->delay_ms;
    if (tries >= retry->tries) return -1;
    for (unsigned i = 1; i < tries && delay < longest; i++)
        delay *= retry->factor;
    if (retry->full_jitter) delay = by_chance() * (delay < longest ? delay : longest);
    else delay += delay * retry->jitter * by_chance();
    if (delay > longest) delay = longest;
    if (retry->deadline_ms && (double)elapsed_ms + delay > retry->deadline_ms) return -1;
    return (long)delay;
}
