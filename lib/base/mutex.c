/* SPDX-License-Identifier: Apache-2.0 */
#include "mutex.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "clock.h"

/* Failures here are misuse (a lock twice, an unlock by another): the only sane answer is to stop. */
static void must_be_zero(int result)
{
    if (result != 0) abort();
}

void mutex_init(struct mutex *mutex)
{
    pthread_mutex_init(&mutex->lock, NULL);
    mutex->held = false;
}

void mutex_release(struct mutex *mutex)
{
    must_be_zero(pthread_mutex_destroy(&mutex->lock));
}

static void taken(struct mutex *mutex)
{
    mutex->owner = pthread_self();
    mutex->held = true;
}

void mutex_lock(struct mutex *mutex)
{
    must_be_zero(pthread_mutex_lock(&mutex->lock));
    taken(mutex);
}

void mutex_unlock(struct mutex *mutex)
{
    mutex_assert_held(mutex);
    mutex->held = false;
    must_be_zero(pthread_mutex_unlock(&mutex->lock));
}

void mutex_assert_held(struct mutex *mutex)
{
    if (!mutex->held || !pthread_equal(mutex->owner, pthread_self())) abort();
}

void mutex_wait(struct mutex *mutex, pthread_cond_t *condition)
{
    mutex_assert_held(mutex);
    mutex->held = false;
    must_be_zero(pthread_cond_wait(condition, &mutex->lock));
    taken(mutex);
}

bool mutex_wait_until(struct mutex *mutex, pthread_cond_t *condition, long long deadline_ns)
{
    const struct timespec deadline = {.tv_sec = deadline_ns / NS_PER_S, .tv_nsec = deadline_ns % NS_PER_S};
    mutex_assert_held(mutex);
    mutex->held = false;
    int result = pthread_cond_timedwait(condition, &mutex->lock, &deadline);
    taken(mutex);
    if (result == ETIMEDOUT) return false;
    must_be_zero(result);
    return true;
}

void condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    must_be_zero(pthread_condattr_init(&attributes));
    must_be_zero(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC));
    must_be_zero(pthread_cond_init(condition, &attributes));
    pthread_condattr_destroy(&attributes);
}
