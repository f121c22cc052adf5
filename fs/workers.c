/* SPDX-License-Identifier: Apache-2.0 */
#include "workers.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "connection.h"
#include "filesystem.h"
#include "log.h"
#include "operations.h"

/* Whether the calling thread counts among `readers`. */
static __thread bool reading;

static void event_signal(int event)
{
    eventfd_write(event, 1); /* cannot fail: the counter is far from its end */
}

/* Waits until this thread may read. false: stop. */
static bool reading_begin(struct workers *workers)
{
    if (reading) return true;
    MUTEX_GUARD(&workers->lock);
    while (workers->readers >= workers->readers_max && !workers->stopping)
        mutex_wait(&workers->lock, &workers->parked);
    if (workers->stopping) return false;
    workers->readers++;
    reading = true;
    return true;
}

static void reading_end_locked(struct workers *workers)
{
    mutex_assert_held(&workers->lock);
    if (!reading) return;
    reading = false;
    workers->readers--;
    pthread_cond_signal(&workers->parked);
}

void workers_about_to_block(struct workers *workers)
{
    if (!reading) return;
    MUTEX_GUARD(&workers->lock);
    reading_end_locked(workers);
}

bool workers_may_wait(struct workers *workers)
{
    MUTEX_GUARD(&workers->lock);
    if (workers->waiting + 1 >= workers->count) return false;
    workers->waiting++;
    reading_end_locked(workers);
    return true;
}

void workers_waited(struct workers *workers)
{
    MUTEX_GUARD(&workers->lock);
    workers->waiting--;
}

static void *worker(void *argument)
{
    struct workers *workers = argument;
    struct fuse_session *session = workers->fs->session;
    struct fuse_buf request = {0};
    while (reading_begin(workers)) {
        int got = fuse_session_receive_buf(session, &request);
        if (got == -EINTR) continue;
        if (got <= 0) break; /* unmounted, or told to stop */
        fuse_session_process_buf(session, &request);
    }
    free(request.mem);
    read_buffer_release();

    mutex_lock(&workers->lock);
    reading_end_locked(workers);
    workers->stopping = true;
    pthread_cond_broadcast(&workers->parked);
    mutex_unlock(&workers->lock);
    event_signal(workers->done_event);
    return NULL;
}

int workers_start(struct workers *workers, struct filesystem *fs)
{
    *workers = (struct workers){.fs = fs, .count = fs->options.workers};
    mutex_init(&workers->lock);
    condition_init(&workers->parked);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    workers->readers_max = processors > 2 ? (unsigned)processors / 2 : 1;
    workers->stop_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    workers->done_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    workers->threads = calloc(workers->count, sizeof *workers->threads);
    if (workers->stop_event < 0 || workers->done_event < 0 || !workers->threads) return ERR_NOMEM;
    connection_set_stop_event(workers->stop_event);
    for (unsigned i = 0; i < workers->count; i++) {
        int failed = pthread_create(&workers->threads[i], NULL, worker, workers);
        if (failed && i < 2) return error_from_errno(failed);
        if (failed) { /* fewer will do */
            log_warning("only %u of %u workers could be started", i, workers->count);
            workers->count = i;
        }
    }
    return 0;
}

void workers_stop(struct workers *workers)
{
    mutex_lock(&workers->lock);
    workers->stopping = true;
    pthread_cond_broadcast(&workers->parked);
    mutex_unlock(&workers->lock);
    event_signal(workers->stop_event);
    for (unsigned i = 0; i < workers->count; i++)
        pthread_join(workers->threads[i], NULL);
    free(workers->threads);
    close(workers->stop_event);
    close(workers->done_event);
}
