/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_MUTEX_H
#define OCC_MUTEX_H

#include <pthread.h>
#include <stdbool.h>

/* A mutex that knows its owner, so that `_locked` functions can assert their promise. */
struct mutex {
    pthread_mutex_t lock;
    pthread_t owner; /* valid while held; guarded by lock */
    bool held;       /* guarded by lock; read by its owner only */
};

void mutex_init(struct mutex *mutex);
void mutex_release(struct mutex *mutex);
void mutex_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);
/* Aborts unless the calling thread holds the mutex. */
void mutex_assert_held(struct mutex *mutex);
/* pthread_cond_wait / _timedwait (CLOCK_MONOTONIC deadline in ns) that keep the ownership right. */
void mutex_wait(struct mutex *mutex, pthread_cond_t *condition);
/* false when the deadline passed. The condition must use CLOCK_MONOTONIC (condition_init). */
bool mutex_wait_until(struct mutex *mutex, pthread_cond_t *condition, long long deadline_ns);
void condition_init(pthread_cond_t *condition);

/* Scope lock: MUTEX_GUARD(&m); is released at the end of the block. */
#define MUTEX_GUARD_NAME_(line) mutex_guarded_##line
#define MUTEX_GUARD_AT_(which, line)                                                                                   \
    __attribute__((unused, cleanup(mutex_guard_cleanup_))) struct mutex *MUTEX_GUARD_NAME_(line) = mutex_guard_(which)
#define MUTEX_GUARD_LINE_(which, line) MUTEX_GUARD_AT_(which, line)
#define MUTEX_GUARD(which) MUTEX_GUARD_LINE_(which, __LINE__)

static inline struct mutex *mutex_guard_(struct mutex *mutex)
{
    mutex_lock(mutex);
    return mutex;
}

static inline void mutex_guard_cleanup_(struct mutex **mutex)
{
    mutex_unlock(*mutex);
}

#endif
