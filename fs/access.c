/* SPDX-License-Identifier: Apache-2.0 */
#include "access.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <uthash.h>

#include "attributes.h"
#include "clock.h"
#include "filesystem.h"
#include "log.h"

enum { NOTED_MAX = 4096, DAY_S = 24 * 60 * 60 };

struct access {
    uint64_t ino;
    struct timespec time;
    UT_hash_handle hh;
};

void accesses_init(struct accesses *accesses)
{
    *accesses = (struct accesses){0};
    mutex_init(&accesses->lock);
}

static void remove_locked(struct accesses *accesses, struct access *access)
{
    mutex_assert_held(&accesses->lock);
    HASH_DEL(accesses->by_ino, access);
    free(access);
}

void accesses_release(struct accesses *accesses)
{
    mutex_lock(&accesses->lock);
    while (accesses->by_ino)
        remove_locked(accesses, accesses->by_ino);
    mutex_unlock(&accesses->lock);
    mutex_release(&accesses->lock);
}

static struct access *find_locked(struct accesses *accesses, uint64_t ino)
{
    struct access *access;
    HASH_FIND(hh, accesses->by_ino, &ino, sizeof ino, access);
    return access;
}

static bool is_due(const struct stat *shown, const struct timespec *now)
{
    return !clock_before(&shown->st_mtim, &shown->st_atim) || !clock_before(&shown->st_ctim, &shown->st_atim) ||
           shown->st_atim.tv_sec < now->tv_sec - DAY_S;
}

/* Without memory, or when too many wait, the read goes unnoted. */
static bool note(struct accesses *accesses, uint64_t ino, struct timespec now)
{
    MUTEX_GUARD(&accesses->lock);
    struct access *access = find_locked(accesses, ino);
    if (!access && HASH_COUNT(accesses->by_ino) < NOTED_MAX) {
        access = calloc(1, sizeof *access);
        if (!access) return false;
        if (!accesses->by_ino) accesses->first_ns = clock_monotonic_ns();
        access->ino = ino;
        HASH_ADD(hh, accesses->by_ino, ino, sizeof access->ino, access);
    }
    if (access) access->time = now;
    return access;
}

/* By what the node shows: what a writer reads of his draft may be newer than what is stored. */
static bool note_if_due(struct filesystem *fs, uint64_t nodeid)
{
    struct stat shown;
    double timeout;
    struct timespec now = clock_now();
    if (view_attributes(fs, nodeid, &shown, &timeout) != 0) return false;
    return is_due(&shown, &now) && note(&fs->accesses, shown.st_ino, now);
}

void access_note(struct filesystem *fs, uint64_t nodeid)
{
    if (fs->options.noatime || fs->options.read_only) return;
    struct file *file = file_hold_node(&fs->views, nodeid);
    if (!file) return;
    if (note_if_due(fs, nodeid)) {
        struct expiry expiry;
        expiry_init(&expiry, fs);
        file_tell_views(&fs->views, file, 0, &expiry);
        expiry_run(&expiry);
    }
    file->read_noted_ns = clock_monotonic_ns();
    file_drop(fs, file);
}

bool access_is_noted(const struct filesystem *fs, const struct file *file)
{
    if (fs->options.noatime || fs->options.read_only) return true;
    int64_t noted = file->read_noted_ns;
    return noted != 0 && clock_monotonic_ns() - noted < DAY_S * NS_PER_S;
}

void access_apply(struct filesystem *fs, struct inode *inode)
{
    MUTEX_GUARD(&fs->accesses.lock);
    const struct access *access = find_locked(&fs->accesses, inode->ino);
    if (access && clock_before(&inode->atime, &access->time)) inode->atime = access->time;
}

void access_forget(struct filesystem *fs, uint64_t ino)
{
    MUTEX_GUARD(&fs->accesses.lock);
    struct access *access = find_locked(&fs->accesses, ino);
    if (access) remove_locked(&fs->accesses, access);
}

/* ---- to the store ---- */

static size_t some(struct accesses *accesses, struct access_time batch[ACCESS_BATCH_MAX])
{
    MUTEX_GUARD(&accesses->lock);
    size_t count = 0;
    for (const struct access *access = accesses->by_ino; access && count < ACCESS_BATCH_MAX; access = access->hh.next)
        batch[count++] = (struct access_time){.ino = access->ino, .time = access->time};
    return count;
}

/* They are shown from the table until the store has them. */
static void written(struct accesses *accesses, const struct access_time *batch, size_t count)
{
    MUTEX_GUARD(&accesses->lock);
    for (size_t i = 0; i < count; i++) {
        struct access *access = find_locked(accesses, batch[i].ino);
        if (access && !clock_before(&batch[i].time, &access->time)) remove_locked(accesses, access);
    }
}

static void write_all(struct filesystem *fs)
{
    struct access_time batch[ACCESS_BATCH_MAX];
    size_t count;
    while ((count = some(&fs->accesses, batch)) > 0) {
        int error = attributes_note_accesses(fs->store, batch, count);
        if (error) log_warning("times of access are lost: %s", error_text(error));
        written(&fs->accesses, batch, count);
    }
}

void access_tick(struct filesystem *fs)
{
    mutex_lock(&fs->accesses.lock);
    bool due = fs->accesses.by_ino && clock_monotonic_ns() - fs->accesses.first_ns > ACCESS_DELAY_S * NS_PER_S;
    fs->accesses.first_ns = due ? clock_monotonic_ns() : fs->accesses.first_ns; /* what comes meanwhile waits as long */
    mutex_unlock(&fs->accesses.lock);
    if (due) write_all(fs);
}

void access_end(struct filesystem *fs)
{
    write_all(fs);
}
