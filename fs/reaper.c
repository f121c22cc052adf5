/* SPDX-License-Identifier: Apache-2.0 */
#include "reaper.h"

#include <inttypes.h>
#include <stdlib.h>

#include "log.h"
#include "namespace.h"

void reaper_init(struct reaper *reaper, struct store *store)
{
    *reaper = (struct reaper){.store = store};
    mutex_init(&reaper->lock);
}

void reaper_release(struct reaper *reaper)
{
    free(reaper->inos);
    mutex_release(&reaper->lock);
}

void reaper_add(struct reaper *reaper, uint64_t ino)
{
    MUTEX_GUARD(&reaper->lock);
    if (reaper->count == reaper->capacity) {
        size_t capacity = reaper->capacity ? reaper->capacity * 2 : 64;
        uint64_t *inos = realloc(reaper->inos, capacity * sizeof *inos);
        if (!inos) return;
        reaper->inos = inos;
        reaper->capacity = capacity;
    }
    reaper->inos[reaper->count++] = ino;
}

void reaper_run(struct reaper *reaper)
{
    mutex_lock(&reaper->lock);
    uint64_t *inos = reaper->inos;
    size_t count = reaper->count;
    reaper->inos = NULL;
    reaper->count = reaper->capacity = 0;
    mutex_unlock(&reaper->lock);
    for (size_t i = 0; i < count; i++) {
        int error = namespace_reap(reaper->store, inos[i]);
        if (error && error != ERR_NOENT)
            log_warning("inode %" PRIu64 " stays until the next mount: %s", inos[i], error_text(error));
    }
    free(inos);
}
