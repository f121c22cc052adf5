/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_TICKER_H
#define OCC_TICKER_H

#include <pthread.h>
#include <stdbool.h>

#include "mutex.h"

struct filesystem;

/* A thread that does once a second what has become due without a request. */
struct ticker {
    struct filesystem *fs;
    struct mutex lock;
    pthread_cond_t wake;
    bool stopping; /* guarded by lock */
    pthread_t thread;
};

int ticker_start(struct ticker *ticker, struct filesystem *fs);
void ticker_stop(struct ticker *ticker);

#endif
