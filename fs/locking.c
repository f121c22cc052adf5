/* SPDX-License-Identifier: Apache-2.0 */

/* Requests for locks. */

#include "locking.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>

#include "bases.h"
#include "handle.h"
#include "operations.h"

/* So many ranges and waiters bound the memory of all locks to some 25 MiB. */
enum { LOCKS_MAX = 128 * 1024 };

void locking_init(struct locking *locking)
{
    mutex_init(&locking->lock);
    file_locks_init(&locking->table, LOCKS_MAX);
}

/* Answers those whose wait has ended; not under the lock. */
static void answer_settled(struct lock_waiter *settled)
{
    while (settled) {
        struct lock_waiter *waiter = settled;
        settled = waiter->next;
        reply_error(waiter->requester, waiter->result);
        free(waiter);
    }
}

void locking_release(struct locking *locking)
{
    struct lock_waiter *settled = NULL;
    mutex_lock(&locking->lock);
    file_locks_release(&locking->table, &settled);
    mutex_unlock(&locking->lock);
    answer_settled(settled);
    mutex_release(&locking->lock);
}

void locking_end(struct locking *locking, const struct locks_end *end)
{
    struct lock_waiter *settled = NULL;
    mutex_lock(&locking->lock);
    if (end->handle) file_locks_drop_handle(&locking->table, end->ino, end->handle, &settled);
    else file_locks_drop_owner(&locking->table, end->ino, end->owner, &settled);
    mutex_unlock(&locking->lock);
    answer_settled(settled);
}

/* ---- setting ---- */

/* libfuse calls this when the kernel interrupts the request, from the thread that reads that, or at once from
 * fuse_req_interrupt_func; in that case the request is not in the table yet. Whoever takes it out of the table answers it. */
static void locking_interrupted(fuse_req_t request, void *argument)
{
    struct locking *locking = argument;
    mutex_lock(&locking->lock);
    bool waited = file_locks_cancel(&locking->table, request);
    mutex_unlock(&locking->lock);
    if (waited) reply_error(request, ERR_INTR);
}

static void set(fuse_req_t request, const struct lock_request *wanted, bool waits)
{
    struct locking *locking = &filesystem_of(request)->locking;
    struct lock_waiter *settled = NULL;
    int outcome = ERR_INTR;
    /* First: once it waits it may be answered, and gone, at any time. */
    if (waits) fuse_req_interrupt_func(request, locking_interrupted, locking);
    mutex_lock(&locking->lock);
    /* An interrupt that came before found nobody waiting; one that comes from now on waits for the lock. */
    if (!waits || !fuse_req_interrupted(request))
        outcome = file_locks_set(&locking->table, wanted, waits ? request : NULL, &settled);
    mutex_unlock(&locking->lock);
    if (outcome == LOCK_BUSY) outcome = ERR_LOCKED;
    if (outcome != LOCK_QUEUED) reply_error(request, outcome);
    answer_settled(settled);
}

/* From now on who opens the file tells its closes. */
static void note_record_locked(struct filesystem *fs, struct file *file)
{
    MUTEX_GUARD(&fs->views.lock);
    file->record_locked = true;
}

static enum lock_mode mode_of(int type)
{
    return type == F_WRLCK ? LOCK_EXCLUSIVE : type == F_RDLCK ? LOCK_SHARED : LOCK_NONE;
}

/* Who locks a file to change it will see what others did before it had the lock; what it read earlier does not count. */
static void forget_reads(fuse_req_t request, const struct lock_request *wanted, const struct handle *handle)
{
    struct filesystem *fs = filesystem_of(request);
    if (wanted->range.mode != LOCK_EXCLUSIVE) return;
    bases_forget(fs, fuse_req_ctx(request)->pid, handle->file->ino);
}

/* libfuse gives the kernel's first and last byte as start and length, 0 for the end of all files. */
static struct lock_request record_request(const struct fuse_file_info *file_info, const struct flock *lock)
{
    const struct handle *handle = handle_of(file_info);
    uint64_t start = (uint64_t)lock->l_start;
    return (struct lock_request){
        .ino = handle->file->ino,
        .kind = LOCK_RECORD,
        .range = {.start = start,
                  .end = lock->l_len == 0 ? LOCK_END : start + (uint64_t)lock->l_len - 1,
                  .mode = mode_of(lock->l_type),
                  .pid = lock->l_pid,
                  .owner = file_info->lock_owner,
                  .handle = handle->number},
    };
}

void op_setlk(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file_info, struct flock *lock, int waits)
{
    (void)node;
    const struct lock_request wanted = record_request(file_info, lock);
    if (wanted.range.mode != LOCK_NONE) note_record_locked(filesystem_of(request), handle_of(file_info)->file);
    forget_reads(request, &wanted, handle_of(file_info));
    set(request, &wanted, waits);
}

void op_flock(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file_info, int operation)
{
    (void)node;
    const struct handle *handle = handle_of(file_info);
    const struct lock_request wanted = {
        .ino = handle->file->ino,
        .kind = LOCK_FLOCK,
        .range = {.start = 0,
                  .end = LOCK_END,
                  .mode = operation & LOCK_EX   ? LOCK_EXCLUSIVE
                          : operation & LOCK_SH ? LOCK_SHARED
                                                : LOCK_NONE,
                  .pid = fuse_req_ctx(request)->pid,
                  .owner = file_info->lock_owner,
                  .handle = handle->number},
    };
    forget_reads(request, &wanted, handle);
    set(request, &wanted, !(operation & LOCK_NB));
}

/* ---- asking ---- */

void op_getlk(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file_info, struct flock *lock)
{
    (void)node;
    struct locking *locking = &filesystem_of(request)->locking;
    const struct lock_request wanted = record_request(file_info, lock);
    struct lock_range holder;
    mutex_lock(&locking->lock);
    bool excluded = file_locks_test(&locking->table, &wanted, &holder);
    mutex_unlock(&locking->lock);
    struct flock answer = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    if (excluded) {
        answer.l_type = holder.mode == LOCK_EXCLUSIVE ? F_WRLCK : F_RDLCK;
        answer.l_start = (off_t)holder.start;
        answer.l_len = holder.end == LOCK_END ? 0 : (off_t)(holder.end - holder.start + 1);
        answer.l_pid = holder.pid;
    }
    fuse_reply_lock(request, &answer);
}
