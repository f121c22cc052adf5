/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "mutex.h"
#include "unit.h"

/* The signal that ends a process which does this; 0 if none does. */
static int ends_by(void (*act)(struct mutex *mutex), struct mutex *mutex)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit no_core = {0};
        setrlimit(RLIMIT_CORE, &no_core);
        act(mutex);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void *assert_in_thread(void *mutex)
{
    mutex_assert_held(mutex);
    return NULL;
}

static void assert_held_elsewhere(struct mutex *mutex)
{
    pthread_t thread;
    pthread_create(&thread, NULL, assert_in_thread, mutex);
    pthread_join(thread, NULL);
}

static void a_holder_may_assert_that_it_holds(void **state)
{
    struct mutex mutex;
    (void)state;
    mutex_init(&mutex);
    mutex_lock(&mutex);
    assert_int_equal(ends_by(mutex_assert_held, &mutex), 0);
    mutex_unlock(&mutex);
    mutex_release(&mutex);
}

static void nobody_else_may(void **state)
{
    struct mutex mutex;
    (void)state;
    mutex_init(&mutex);
    assert_int_equal(ends_by(mutex_assert_held, &mutex), SIGABRT);
    mutex_lock(&mutex);
    assert_int_equal(ends_by(assert_held_elsewhere, &mutex), SIGABRT);
    mutex_unlock(&mutex);
    assert_int_equal(ends_by(mutex_assert_held, &mutex), SIGABRT);
    mutex_release(&mutex);
}

static void an_unlock_by_who_does_not_hold_aborts(void **state)
{
    struct mutex mutex;
    (void)state;
    mutex_init(&mutex);
    assert_int_equal(ends_by(mutex_unlock, &mutex), SIGABRT);
    mutex_release(&mutex);
}

static void lock_in_block(struct mutex *mutex)
{
    {
        MUTEX_GUARD(mutex);
        mutex_assert_held(mutex);
    }
    mutex_lock(mutex); /* would wait for ever if the guard still held */
    mutex_unlock(mutex);
}

static int leave_early(struct mutex *mutex)
{
    MUTEX_GUARD(mutex);
    return 7;
}

static void a_guard_holds_to_the_end_of_its_block(void **state)
{
    struct mutex mutex;
    (void)state;
    mutex_init(&mutex);
    lock_in_block(&mutex);
    assert_int_equal(leave_early(&mutex), 7);
    lock_in_block(&mutex);
    mutex_release(&mutex);
}

struct counter {
    struct mutex mutex;
    pthread_cond_t changed;
    int count; /* guarded by mutex */
};

static void *count_up(void *argument)
{
    struct counter *counter = argument;
    for (int i = 0; i < 10000; i++) {
        MUTEX_GUARD(&counter->mutex);
        counter->count++;
    }
    MUTEX_GUARD(&counter->mutex);
    pthread_cond_broadcast(&counter->changed);
    return NULL;
}

static void counter_init(struct counter *counter)
{
    mutex_init(&counter->mutex);
    condition_init(&counter->changed);
    counter->count = 0;
}

static void counter_release(struct counter *counter)
{
    pthread_cond_destroy(&counter->changed);
    mutex_release(&counter->mutex);
}

static void holders_exclude_each_other_and_a_wait_lets_go(void **state)
{
    struct counter counter;
    pthread_t threads[3];
    (void)state;
    counter_init(&counter);
    mutex_lock(&counter.mutex);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_up, &counter), 0);
    while (counter.count < 30000)
        mutex_wait(&counter.mutex, &counter.changed);
    mutex_assert_held(&counter.mutex); /* again */
    assert_int_equal(counter.count, 30000);
    mutex_unlock(&counter.mutex);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    counter_release(&counter);
}

static void a_wait_ends_at_its_deadline_and_holds_again(void **state)
{
    struct counter counter;
    (void)state;
    counter_init(&counter);
    mutex_lock(&counter.mutex);
    long long deadline = clock_monotonic_ns() + NS_PER_S / 50;
    while (mutex_wait_until(&counter.mutex, &counter.changed, deadline))
        continue; /* woken by nobody */
    assert_true(clock_monotonic_ns() >= deadline);
    mutex_assert_held(&counter.mutex);
    mutex_unlock(&counter.mutex);
    counter_release(&counter);
}

static void a_wait_that_is_woken_before_its_deadline_says_so(void **state)
{
    struct counter counter;
    pthread_t thread;
    bool in_time = true;
    (void)state;
    counter_init(&counter);
    mutex_lock(&counter.mutex);
    assert_int_equal(pthread_create(&thread, NULL, count_up, &counter), 0);
    long long deadline = clock_monotonic_ns() + 30 * NS_PER_S;
    while (counter.count < 10000 && in_time)
        in_time = mutex_wait_until(&counter.mutex, &counter.changed, deadline);
    assert_true(in_time);
    mutex_unlock(&counter.mutex);
    pthread_join(thread, NULL);
    counter_release(&counter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_holder_may_assert_that_it_holds),
        cmocka_unit_test(nobody_else_may),
        cmocka_unit_test(an_unlock_by_who_does_not_hold_aborts),
        cmocka_unit_test(a_guard_holds_to_the_end_of_its_block),
        cmocka_unit_test(holders_exclude_each_other_and_a_wait_lets_go),
        cmocka_unit_test(a_wait_ends_at_its_deadline_and_holds_again),
        cmocka_unit_test(a_wait_that_is_woken_before_its_deadline_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
