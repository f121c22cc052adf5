/* SPDX-License-Identifier: Apache-2.0 */
#include "space.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "error.h"

enum { SMALL_WRITE = 4096, FLUSH_MIN = 1024 * 1024 };

#define MARGIN_MAX (64LL * 1024 * 1024)
#define BUDGET_MAX (16LL * 1024 * 1024)

int space_init(struct space *space, const char *directory, const struct space_engine *engine)
{
    int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return error_from_errno(errno);
    *space = (struct space){.directory = descriptor, .engine = *engine};
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

/* What may be written, of the disk and of what is pending. */
struct room {
    int64_t left;
    int64_t margin;
    int64_t pending;
};

static bool measure(const struct space *space, struct room *ret_room)
{
    struct statvfs disk;
    if (fstatvfs(space->directory, &disk) != 0) return false; /* then the engine will see */
    int64_t total = (int64_t)disk.f_blocks * (int64_t)disk.f_frsize;
    ret_room->pending = space->engine.pending(space->engine.context);
    ret_room->margin = total / 32 < MARGIN_MAX ? total / 32 : MARGIN_MAX;
    ret_room->left = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize - ret_room->pending - ret_room->margin;
    return true;
}

static bool fits(const struct room *room, int64_t bytes)
{
    /* Each byte goes to the log first and to its place later. */
    return room->left + (bytes <= SMALL_WRITE ? room->margin / 2 : 0) >= 2 * bytes;
}

static int look_locked(struct space *space, int64_t bytes)
{
    struct room room;
    mutex_assert_held(&space->lock);
    if (!measure(space, &room)) return 0;
    /* What is being written out counts twice meanwhile, and its log goes when that is done. */
    if (!fits(&room, bytes) && room.pending >= FLUSH_MIN && room.left + room.margin > 0) {
        space->engine.flush(space->engine.context);
        if (!measure(space, &room)) return 0;
    }
    if (!fits(&room, bytes)) {
        space->budget = 0;
        return ERR_NOSPC;
    }
    int64_t budget = room.left > 0 ? room.left / 4 : 0;
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
