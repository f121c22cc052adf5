/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_FILE_H
#define OCC_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <uthash.h>

#include "commit.h"
#include "next_commit.h"
#include "watch.h"

/*
 * What the daemon knows of a file while the kernel knows it: its nodes, the names under which they were handed out, and the
 * drafts that are open. Nothing here is a copy of what the store holds but for versions that views show.
 */
struct node;

/* A name that the kernel may hold in its cache for this file. */
struct handed_name {
    uint64_t directory; /* ino */
    char *name;
    struct handed_name *next;
};

struct file {
    uint64_t ino;
    unsigned holds;         /* requests at work on it */
    struct node *published; /* regular: the view of the head, if handed out; else the only node */
    struct node *nodes;     /* all of them, list by next_of_file */
    struct handed_name *names;
    struct open_draft *drafts;  /* list by next_of_file; private ones */
    bool live;                  /* live_file.h; decided anew while nobody has it open */
    struct open_draft *shared;  /* of a live file, while somebody has it open */
    uint8_t own_policy;         /* enum policy: as last read from its inode */
    uint8_t policy;             /* enum policy: of a directory, what it hands down ... */
    uint64_t policy_generation; /* ... as of this generation of fs->policy_generation */
    uint64_t lineage;           /* as its inode says; 0: not read yet */
    struct version_id newest;   /* the head, as far as it was told of (view_committed); lineage 0: never yet */
    uint64_t commits;           /* head changes seen; a LOOKUP that read the inode before one reads it again */
    unsigned expiring;          /* expiries of its names under way: answer lookups with timeout zero */
    int64_t changed_ns;         /* monotonic: when a commit or an expiry of its names was last told of */
    /* Revalidations that were answered with a timeout; their answers may be on their way. */
    pid_t revalidated_tid;        /* who asked last; 0: not known, or the answer has arrived */
    int64_t revalidated_ns;       /* monotonic: when the last was answered, or the last that has not arrived */
    int64_t revalidated_other_ns; /* the same of those by other threads than the last */
    _Atomic int64_t
        read_noted_ns;  /* monotonic: when a read was noted (access.h), 0 since attributes changed; without the lock */
    bool record_locked; /* somebody has set a record lock: closes must be told (FLUSH) */
    bool unlinked;      /* no name is left: reap when the kernel forgets it */
    pid_t unlinked_by;  /* the process that removed or replaced the last name */
    UT_hash_handle hh;
}; /* all guarded by views->lock */

/* Where a draft was opened, once its file has been moved elsewhere: another file may get that name. */
struct moved_from {
    uint64_t directory;
    char name[256]; /* empty: it was not moved */
    pid_t by;       /* the process that moved it first */
};

/* The record of a conflict (conflict_record.h) that a draft was told of. */
struct found_conflict {
    uint64_t target; /* lineage; 0: none */
    uint64_t sibling;
};

/*
 * A draft with those who have it open. What stands before commit_lock is guarded by views->lock; commit_lock serialises
 * attempts to commit and guards what follows it; it is taken before the draft's own lock and never under views->lock.
 */
struct open_draft {
    struct draft draft;
    struct file *file;
    struct open_draft *next_of_file;
    unsigned handles;
    unsigned writers;                  /* of a shared one: handles for writing */
    struct open_draft *next_shared;    /* in views->shared */
    struct open_draft *next_appending; /* in views->appending: of a private one that was opened with O_APPEND */
    int64_t append_tried_ns;           /* monotonic: when appending.h last tried to commit it */
    struct node *node;                 /* of a private one: through which it was opened; its handles keep it */
    int64_t versioned_ns;              /* of a shared one, monotonic: when it was opened or last became a version */
    pid_t opener;                      /* process; 0 if it could not be seen */
    uint32_t opener_uid;
    struct timespec since; /* when it was opened */
    uint64_t look;         /* views->looks of the last one that came by it */
    uint64_t directory;    /* where its file was named when it was opened, or moved to since */
    char name[256];
    struct moved_from moved_from;
    struct version_id remembered; /* what the opener had read before */
    struct version_id
        named; /* the version of its history by whose name it was opened; lineage 0: none. By commit_lock */
    struct version_id opened;           /* the head when it was opened, or what it last committed */
    bool unwritten;                     /* the file had no version then, and this has committed none */
    uint64_t shown_ino;                 /* the number that its descriptors show in /proc */
    bool holds_file;                    /* no node of the file keeps it: a hold is dropped with the draft */
    uint64_t watches[WATCHES_OF_DRAFT]; /* who watches its opener (watch.h): numbers, 0 for none; immutable */
    struct found_conflict conflict;     /* what its last attempt to commit met */
    bool committed;                     /* it has, once */
    bool made;                          /* and the last time made a version: its content was not there already */

    struct mutex commit_lock;
    struct version_id descriptor_token;
    struct next_commit next;
    atomic_bool conflicted; /* written under the lock, like `finished` */
    atomic_bool finished;   /* abandoned: nothing is committed any more */
    atomic_bool
        end_moved; /* by a commit, or since its writer took back what was written: the kernel may know another end */
    atomic_uint privileges;    /* enum privileges: what its file may still have to lose by a change */
    struct writer last_writer; /* who closed last: speaks for it at release */
    atomic_bool read_first;    /* it was read before it was first changed */
};

struct handed_name *handed_name_find(const struct file *file, uint64_t directory, const char *name);
/* Remembers the name; out of memory: false, and the caller must not give it a timeout. */
bool handed_name_add(struct file *file, uint64_t directory, const char *name);
void handed_name_remove(struct file *file, uint64_t directory, const char *name);
void handed_names_free(struct file *file);

#endif
