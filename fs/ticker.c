/* SPDX-License-Identifier: Apache-2.0 */
#include "ticker.h"

#include "appending.h"
#include "clock.h"
#include "filesystem.h"
#include "live_file.h"
#include "log.h"
#include "request_id.h"

static bool tick_wait(struct ticker *ticker)
{
    int64_t next = clock_monotonic_ns() + NS_PER_S;
    MUTEX_GUARD(&ticker->lock);
    while (!ticker->stopping && mutex_wait_until(&ticker->lock, &ticker->wake, next))
        continue;
    return !ticker->stopping;
}

static void expire_requests(struct filesystem *fs)
{
    if (fs->options.read_only) return;
    int error = request_id_expire(fs->store);
    if (error) log_warning("notes of old requests are not removed: %s", error_text(error));
}

static void *ticker_thread(void *argument)
{
    struct ticker *ticker = argument;
    while (tick_wait(ticker)) {
        live_file_tick(ticker->fs);
        appending_tick(ticker->fs);
        reaper_run(&ticker->fs->reaper);
        access_tick(ticker->fs);
        reads_tick(&ticker->fs->reads);
        armed_tick(&ticker->fs->armed);
        expire_requests(ticker->fs);
    }
    return NULL;
}

int ticker_start(struct ticker *ticker, struct filesystem *fs)
{
    *ticker = (struct ticker){.fs = fs};
    mutex_init(&ticker->lock);
    condition_init(&ticker->wake);
    int failed = pthread_create(&ticker->thread, NULL, ticker_thread, ticker);
    return failed ? error_from_errno(failed) : 0;
}

void ticker_stop(struct ticker *ticker)
{
    mutex_lock(&ticker->lock);
    ticker->stopping = true;
    pthread_cond_signal(&ticker->wake);
    mutex_unlock(&ticker->lock);
    pthread_join(ticker->thread, NULL);
}
