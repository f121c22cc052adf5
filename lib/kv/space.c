/* SPDX-License-Identifier: Apache-2.0 */
#include "space.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "error.h"

enum { SMALL_WRITE = 4096 };

#define MARGIN_MAX (64LL * 1024 * 1024)
#define BUDGET_MAX (16LL * 1024 * 1024)

int space_init(struct space *space, const char *directory, int64_t (*pending)(void *context), void *context)
{
    int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return error_from_errno(errno);
    *space = (struct space){.directory = descriptor, .pending = pending, .context = context};
    mutex_init(&space->lock);
    return 0;
}

void space_release(struct space *space)
{
    close(space->directory);
    mutex_release(&space->lock);
}

uint64_t space_of_disk(const struct space *space)
{
    struct statvfs disk;
    return fstatvfs(space->directory, &disk) == 0 ? (uint64_t)disk.f_blocks * disk.f_frsize : 0;
}

static int look_locked(struct space *space, int64_t bytes)
{
    struct statvfs disk;
    mutex_assert_held(&space->lock);
    if (fstatvfs(space->directory, &disk) != 0) return 0; /* then the engine will see */
    int64_t total = (int64_t)disk.f_blocks * (int64_t)disk.f_frsize;
    int64_t margin = total / 32 < MARGIN_MAX ? total / 32 : MARGIN_MAX;
    int64_t left = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize - space->pending(space->context) - margin;
    /* Each byte goes to the log first and to its place later. */
    if (left + (bytes <= SMALL_WRITE ? margin / 2 : 0) < 2 * bytes) {
        space->budget = 0;
        return ERR_NOSPC;
    }
    int64_t budget = left > 0 ? left / 4 : 0;
    space->budget = budget < BUDGET_MAX ? budget : BUDGET_MAX;
    return 0;
}

int space_take(struct space *space, size_t bytes)
{
    int64_t wanted = (int64_t)bytes;
    if (atomic_fetch_sub(&space->budget, wanted) >= wanted) return 0;
    MUTEX_GUARD(&space->lock);
    return look_locked(space, wanted);
}
