/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_READS_H
#define OCC_READS_H

#include "inode.h"
#include "processes.h"

/*
 * Which version of which file each process has read last by the file's name: base rule 6. What a process commits it knows as well.
 * Files are told by their lineage, so that saves by rename and files created anew do not make anybody forget.
 *
 * Memory is bounded: beyond READS_MAX pairs those go that were noted longest ago; of a process that has ended all go.
 */
enum { READS_MAX = 1 << 20 };

struct read_pair;
struct reader_process;

/* A version that a process read once more, and what it had read before. */
struct reread {
    uint64_t lineage; /* 0: none */
    struct version_id before, now;
};

struct reads {
    struct mutex lock; /* leaf, but for processes.lock */
    struct processes *processes;
    struct read_pair *pairs;           /* guarded by lock */
    struct read_pair *oldest, *newest; /* guarded by lock: all pairs */
    struct reader_process *readers;    /* guarded by lock */
    struct reader_thread *threads;     /* guarded by lock: threads that do not lead their process, as seen last */
};

void reads_init(struct reads *reads, struct processes *processes);
void reads_release(struct reads *reads);

/* A thread has read that version by the file's name. Cheap: nothing is looked up in /proc but the process of a thread that is new. */
void reads_note(struct reads *reads, pid_t tid, uint64_t lineage, const struct version_id *version);
/* A process has committed it, or found it equal to what it would have committed. */
void reads_know(struct reads *reads, pid_t process, uint64_t lineage, const struct version_id *version);

/* What the process remembers of that lineage. false: nothing. */
bool reads_recall(struct reads *reads, pid_t process, uint64_t lineage, struct version_id *ret_version);
/* Whether it remembers anything at all. */
bool reads_knows_any(struct reads *reads, pid_t process);

/* Who locks a file coordinates by the lock, not by what it read before. */
void reads_forget(struct reads *reads, pid_t tid, uint64_t lineage);

/* What the process has read again last; and that it has read it only to make a backup of it: then it remembers what it had read
 * before. */
bool reads_last_reread(struct reads *reads, pid_t process, struct reread *ret_reread);
void reads_undo_reread(struct reads *reads, pid_t process, const struct reread *reread);

/* Forgets processes that have ended. Called once a second. */
void reads_tick(struct reads *reads);

#endif
