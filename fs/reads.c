/* SPDX-License-Identifier: Apache-2.0 */
#include "reads.h"

#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utlist.h>

#include "caller.h"

enum { THREADS_MAX = 16384 };

struct read_key {
    uint64_t process; /* its number */
    uint64_t lineage;
};

struct read_pair {
    struct read_key key;
    struct version_id version;
    struct reader_process *reader;
    struct read_pair *older, *newer; /* of all, by when they were noted */
    struct read_pair *prev_of_process, *next_of_process;
    UT_hash_handle hh;
};

struct reader_process {
    pid_t pid;
    struct process *process;
    struct read_pair *pairs; /* list by next_of_process */
    struct reread reread;
    UT_hash_handle hh;
};

struct reader_thread {
    pid_t tid, process;
    UT_hash_handle hh;
};

void reads_init(struct reads *reads, struct processes *processes)
{
    *reads = (struct reads){.processes = processes};
    mutex_init(&reads->lock);
}

/* ---- pairs ---- */

static void chain_locked(struct reads *reads, struct read_pair *pair)
{
    pair->older = reads->newest;
    pair->newer = NULL;
    if (reads->newest) reads->newest->newer = pair;
    else reads->oldest = pair;
    reads->newest = pair;
}

static void unchain_locked(struct reads *reads, struct read_pair *pair)
{
    if (pair->older) pair->older->newer = pair->newer;
    else reads->oldest = pair->newer;
    if (pair->newer) pair->newer->older = pair->older;
    else reads->newest = pair->older;
}

static void pair_free_locked(struct reads *reads, struct read_pair *pair)
{
    mutex_assert_held(&reads->lock);
    unchain_locked(reads, pair);
    DL_DELETE2(pair->reader->pairs, pair, prev_of_process, next_of_process);
    HASH_DEL(reads->pairs, pair);
    free(pair);
}

static struct read_pair *pair_find_locked(struct reads *reads, const struct reader_process *reader, uint64_t lineage)
{
    const struct read_key key = {.process = reader->process->number, .lineage = lineage};
    struct read_pair *pair;
    HASH_FIND(hh, reads->pairs, &key, sizeof key, pair);
    return pair;
}

/* ---- processes ---- */

static void reader_free_locked(struct reads *reads, struct reader_process *reader)
{
    while (reader->pairs)
        pair_free_locked(reads, reader->pairs);
    HASH_DEL(reads->readers, reader);
    process_drop(reads->processes, reader->process);
    free(reader);
}

/* The process that has the pid now, if anything is known of it. */
static struct reader_process *reader_find_locked(struct reads *reads, pid_t pid)
{
    struct reader_process *reader;
    HASH_FIND_INT(reads->readers, &pid, reader);
    if (reader && !process_lives(reader->process)) {
        reader_free_locked(reads, reader);
        reader = NULL;
    }
    return reader;
}

static struct reader_process *reader_get_locked(struct reads *reads, pid_t pid)
{
    struct reader_process *reader = reader_find_locked(reads, pid);
    if (reader) return reader;
    struct process *process = process_hold(reads->processes, pid);
    reader = process ? calloc(1, sizeof *reader) : NULL;
    if (!reader) {
        process_drop(reads->processes, process);
        return NULL;
    }
    reader->pid = pid;
    reader->process = process;
    HASH_ADD_INT(reads->readers, pid, reader);
    return reader;
}

static void threads_clear_locked(struct reads *reads)
{
    struct reader_thread *thread, *next;
    HASH_ITER(hh, reads->threads, thread, next)
    {
        HASH_DEL(reads->threads, thread);
        free(thread);
    }
}

void reads_release(struct reads *reads)
{
    struct reader_process *reader, *next;
    mutex_lock(&reads->lock);
    HASH_ITER(hh, reads->readers, reader, next)
    {
        reader_free_locked(reads, reader);
    }
    threads_clear_locked(reads);
    mutex_unlock(&reads->lock);
    mutex_release(&reads->lock);
}

/* As caller_process; threads that do not lead their process are looked up in /proc once. */
static pid_t process_of(struct reads *reads, pid_t tid)
{
    struct reader_thread *thread;
    if (tid <= 0) return 0;
    if (syscall(SYS_tgkill, tid, tid, 0) == 0) return tid;
    mutex_lock(&reads->lock);
    HASH_FIND_INT(reads->threads, &tid, thread);
    pid_t process = thread ? thread->process : 0;
    mutex_unlock(&reads->lock);
    if (process != 0 && syscall(SYS_tgkill, process, tid, 0) == 0) return process;

    process = caller_process(tid);
    MUTEX_GUARD(&reads->lock);
    HASH_FIND_INT(reads->threads, &tid, thread);
    if (!thread && HASH_COUNT(reads->threads) >= THREADS_MAX) threads_clear_locked(reads);
    if (!thread) {
        thread = calloc(1, sizeof *thread);
        if (!thread) return process;
        thread->tid = tid;
        HASH_ADD_INT(reads->threads, tid, thread);
    }
    thread->process = process;
    return process;
}

/* ---- what is noted ---- */

/* NULL without memory: then the rule does not apply to what it was. */
static struct read_pair *pair_make_locked(struct reads *reads, struct reader_process *reader, uint64_t lineage)
{
    struct read_pair *pair = calloc(1, sizeof *pair);
    if (!pair) return NULL;
    pair->key = (struct read_key){.process = reader->process->number, .lineage = lineage};
    pair->reader = reader;
    HASH_ADD(hh, reads->pairs, key, sizeof pair->key, pair);
    DL_APPEND2(reader->pairs, pair, prev_of_process, next_of_process);
    chain_locked(reads, pair);
    if (HASH_COUNT(reads->pairs) > READS_MAX) pair_free_locked(reads, reads->oldest);
    return pair;
}

static void set_locked(struct reads *reads, struct reader_process *reader, uint64_t lineage,
                       const struct version_id *version, bool by_reading)
{
    struct read_pair *pair = pair_find_locked(reads, reader, lineage);
    if (pair) {
        if (by_reading) reader->reread = (struct reread){.lineage = lineage, .before = pair->version, .now = *version};
        unchain_locked(reads, pair);
        chain_locked(reads, pair);
    } else {
        pair = pair_make_locked(reads, reader, lineage);
    }
    if (pair) pair->version = *version;
}

void reads_note(struct reads *reads, pid_t tid, uint64_t lineage, const struct version_id *version)
{
    pid_t process = process_of(reads, tid);
    if (process == 0) return;
    MUTEX_GUARD(&reads->lock);
    struct reader_process *reader = reader_get_locked(reads, process);
    if (reader) set_locked(reads, reader, lineage, version, true);
}

void reads_know(struct reads *reads, pid_t process, uint64_t lineage, const struct version_id *version)
{
    MUTEX_GUARD(&reads->lock);
    struct reader_process *reader = process > 0 ? reader_get_locked(reads, process) : NULL;
    if (reader) set_locked(reads, reader, lineage, version, false);
}

void reads_forget(struct reads *reads, pid_t tid, uint64_t lineage)
{
    pid_t process = process_of(reads, tid);
    MUTEX_GUARD(&reads->lock);
    struct reader_process *reader = reader_find_locked(reads, process);
    struct read_pair *pair = reader ? pair_find_locked(reads, reader, lineage) : NULL;
    if (pair) pair_free_locked(reads, pair);
}

/* ---- what is asked ---- */

bool reads_knows_any(struct reads *reads, pid_t process)
{
    MUTEX_GUARD(&reads->lock);
    const struct reader_process *reader = reader_find_locked(reads, process);
    return reader && reader->pairs;
}

bool reads_recall(struct reads *reads, pid_t process, uint64_t lineage, struct version_id *ret_version)
{
    MUTEX_GUARD(&reads->lock);
    const struct reader_process *reader = reader_find_locked(reads, process);
    if (!reader) return false;
    const struct read_pair *pair = pair_find_locked(reads, reader, lineage);
    if (!pair) return false;
    *ret_version = pair->version;
    return true;
}

bool reads_last_reread(struct reads *reads, pid_t process, struct reread *ret_reread)
{
    MUTEX_GUARD(&reads->lock);
    const struct reader_process *reader = reader_find_locked(reads, process);
    if (!reader || reader->reread.lineage == 0) return false;
    *ret_reread = reader->reread;
    return true;
}

void reads_undo_reread(struct reads *reads, pid_t process, const struct reread *reread)
{
    MUTEX_GUARD(&reads->lock);
    struct reader_process *reader = reader_find_locked(reads, process);
    if (!reader) return;
    struct read_pair *pair = pair_find_locked(reads, reader, reread->lineage);
    if (pair && version_id_equal(&pair->version, &reread->now)) pair->version = reread->before;
    reader->reread = (struct reread){0};
}

void reads_tick(struct reads *reads)
{
    struct reader_process *reader, *next;
    MUTEX_GUARD(&reads->lock);
    HASH_ITER(hh, reads->readers, reader, next)
    {
        if (!process_lives(reader->process)) reader_free_locked(reads, reader);
    }
}
