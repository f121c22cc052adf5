/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_WORKERS_H
#define OCC_WORKERS_H

#include <pthread.h>
#include <stdbool.h>

#include "mutex.h"

struct filesystem;

/*
 * The threads that serve requests.
 *
 * Waking a sleeping thread is most of a request's round trip. So only `readers` threads (one on a small machine) wait for
 * requests; each serves what it has read itself and reads on, polling for a moment before it sleeps. The others are parked. A
 * thread that is about to do something slow gives its reading away first (workers_about_to_block), and a parked one takes
 * over; when it is done it parks or reads again. So a slow request delays nobody, and a quick one wakes nobody.
 */
struct workers {
    struct filesystem *fs;
    struct mutex lock;
    pthread_cond_t parked;
    unsigned count;       /* threads; immutable after start */
    unsigned readers_max; /* immutable after start */
    unsigned readers;     /* guarded by lock: threads that read or serve quick requests */
    unsigned waiting;     /* guarded by lock: threads that wait for a lock in the kernel (workers_may_wait) */
    bool stopping;        /* guarded by lock */
    int stop_event;       /* readable when threads shall stop; written by workers_stop */
    int done_event;       /* written when the connection has ended by itself; others may still finish requests */
    pthread_t *threads;
};

/* After fuse_session_mount. Starts `options.workers` threads. */
int workers_start(struct workers *workers, struct filesystem *fs);

/* Makes the threads finish what they are at and end, and waits for them. */
void workers_stop(struct workers *workers);

/* The calling worker will be slow now: lets another one read requests meanwhile. Cheap when it already has. */
void workers_about_to_block(struct workers *workers);

/* Asks to wait for a lock that another request may hold in the kernel: true while at least one worker remains for that
 * request; then workers_waited afterwards. Implies workers_about_to_block. */
bool workers_may_wait(struct workers *workers);
void workers_waited(struct workers *workers);

#endif
