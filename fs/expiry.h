/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_EXPIRY_H
#define OCC_EXPIRY_H

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>
#include <pthread.h>
#include <stdbool.h>

#include "locking.h"
#include "mutex.h"

struct filesystem;

/*
 * What the kernel must be told before a request is answered, and the answer.
 *
 * Expiring a name takes the parent directory's lock in the kernel. Somebody may hold it and wait for a request of his own
 * (CREATE, RENAME, ...), so not all request workers may wait for it at once: expiry_run does it in the calling worker
 * only while another worker is left for such requests (workers_may_wait), else on the notifier's own thread. Handlers whose
 * own request holds a directory's lock (CREATE, RENAME, UNLINK, LINK, MKNOD, LOOKUP) must not name names at all.
 *
 * FSYNC, SETATTR and SETXATTR come with their inode's lock, and who removes or replaces a name holds the directory's while he waits for that of the
 * inode that the name leads him to. So no answer may wait for a name that leads to the very node of the request: it comes first.
 *
 * Telling an inode (attributes or pages) takes no lock and is done at once.
 *
 * Locks that end with a close are given up in between: whoever gets them next sees what was committed.
 */
struct expiry_name {
    fuse_ino_t parent;
    char *name;
};

enum reply_kind { REPLY_NONE, REPLY_ERROR, REPLY_OPEN, REPLY_ATTR };

struct reply {
    enum reply_kind kind;
    fuse_req_t request;
    int error; /* positive errno; 0 is success */
    struct fuse_file_info file_info;
    struct stat attributes;
    double timeout;
};

struct expiry {
    struct filesystem *fs;
    struct expiry_name *names;
    size_t name_count;
    fuse_ino_t *inodes; /* attributes to be dropped */
    size_t inode_count;
    fuse_ino_t *directories; /* cached listings to be dropped, with the attributes */
    size_t directory_count;
    uint64_t *files; /* inos whose `expiring` is lowered afterwards */
    size_t file_count;
    bool again;                 /* an answer may be on its way to the cache: expire the names twice before the reply */
    struct locks_end locks_end; /* of the close that is answered */
    struct reply reply;
    bool answer_first; /* before names are expired: one of them may lead to the node of the request */

    struct expiry *next; /* in the notifier's queue */
    int64_t due_ns;      /* of a second round: monotonic */
};

/* Adding never fails to the caller: without memory the entry's finite timeout remains as the last bound, and a
 * warning is logged. */
void expiry_init(struct expiry *expiry, struct filesystem *fs);
void expiry_add_name(struct expiry *expiry, fuse_ino_t parent, const char *name);
void expiry_add_inode(struct expiry *expiry, fuse_ino_t inode);
void expiry_add_directory(struct expiry *expiry, fuse_ino_t directory);
/* A file whose names are among those: false without memory. */
bool expiry_add_file(struct expiry *expiry, uint64_t ino);

/* Tells what takes no lock at once. What holds a directory's lock is answered then, and the rest told with expiry_run. */
void expiry_tell_inodes(struct expiry *expiry);

/* Tells the kernel, then answers. Takes over everything in `expiry`, which lives on the caller's stack. */
void expiry_run(struct expiry *expiry);

struct notifier {
    struct filesystem *fs;
    struct mutex lock;
    pthread_cond_t wake;
    struct expiry *first, *last; /* guarded by lock */
    struct expiry *later;        /* guarded by lock: second rounds, earliest first */
    bool stopping;               /* guarded by lock */
    pthread_t thread;
};

int notifier_start(struct notifier *notifier, struct filesystem *fs);
/* Finishes what is queued. */
void notifier_stop(struct notifier *notifier);

#endif
