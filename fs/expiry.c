/* SPDX-License-Identifier: Apache-2.0 */
#include "expiry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "filesystem.h"
#include "handle.h"
#include "log.h"

/* After so long a LOOKUP's answer that was on its way is in the kernel's cache. */
static const int64_t second_round_ns = ANSWER_ON_ITS_WAY_NS;

void expiry_init(struct expiry *expiry, struct filesystem *fs)
{
    *expiry = (struct expiry){.fs = fs};
}

static void release(struct expiry *expiry)
{
    for (size_t i = 0; i < expiry->name_count; i++)
        free(expiry->names[i].name);
    free(expiry->names);
    free(expiry->inodes);
    free(expiry->directories);
    free(expiry->files);
}

/* Room for one more element; arrays grow by doubling at powers of two. */
static void *array_grow(void *array, size_t count, size_t element)
{
    if (count & (count - 1)) return array;
    return realloc(array, (count ? count * 2 : 1) * element);
}

static void forgotten(const char *what)
{
    log_warning("out of memory: the kernel's cached %s lasts up to %.0f s", what, VIEW_TIMEOUT);
}

void expiry_add_name(struct expiry *expiry, fuse_ino_t parent, const char *name)
{
    struct expiry_name *names = array_grow(expiry->names, expiry->name_count, sizeof *names);
    if (names) expiry->names = names;
    char *copy = strdup(name);
    if (!names || !copy) {
        free(copy);
        forgotten("name");
        return;
    }
    expiry->names[expiry->name_count++] = (struct expiry_name){.parent = parent, .name = copy};
}

static bool add_number(uint64_t **numbers, size_t *count, uint64_t number, const char *what)
{
    uint64_t *grown = array_grow(*numbers, *count, sizeof **numbers);
    if (!grown) {
        forgotten(what);
        return false;
    }
    *numbers = grown;
    grown[(*count)++] = number;
    return true;
}

void expiry_add_inode(struct expiry *expiry, fuse_ino_t inode)
{
    add_number(&expiry->inodes, &expiry->inode_count, inode, "attributes");
}

void expiry_add_directory(struct expiry *expiry, fuse_ino_t directory)
{
    if (directory) add_number(&expiry->directories, &expiry->directory_count, directory, "attributes");
}

bool expiry_add_file(struct expiry *expiry, uint64_t ino)
{
    return add_number(&expiry->files, &expiry->file_count, ino, "name");
}

/* ---- telling and answering ---- */

/* A rename that held the directory's lock first has taken along, with its time, what was to be expired: that is told of as well. */
static void tell_names(struct expiry *expiry)
{
    struct filesystem *fs = expiry->fs;
    size_t told = 0;
    do {
        for (; told < expiry->name_count; told++) {
            const struct expiry_name *name = &expiry->names[told];
            /* ENOENT: the kernel does not hold it any more. */
            fuse_lowlevel_notify_expire_entry(fs->session, name->parent, name->name, strlen(name->name),
                                              fs->expire_only ? FUSE_LL_EXPIRE_ONLY : 0);
        }
        view_add_moved_names(fs, expiry);
    } while (told < expiry->name_count);
}

void expiry_tell_inodes(struct expiry *expiry)
{
    struct fuse_session *session = expiry->fs->session;
    for (size_t i = 0; i < expiry->inode_count; i++)
        fuse_lowlevel_notify_inval_inode(session, expiry->inodes[i], -1, 0);
    /* A directory's listing is kept in its pages. */
    for (size_t i = 0; i < expiry->directory_count; i++)
        fuse_lowlevel_notify_inval_inode(session, expiry->directories[i], 0, 0);
    expiry->inode_count = expiry->directory_count = 0;
}

static void answer(struct filesystem *fs, const struct reply *reply)
{
    switch (reply->kind) {
    case REPLY_NONE:
        return;
    case REPLY_ERROR:
        fuse_reply_err(reply->request, reply->error);
        return;
    case REPLY_ATTR:
        fuse_reply_attr(reply->request, &reply->attributes, reply->timeout);
        return;
    case REPLY_OPEN:
        break;
    }
    if (fuse_reply_open(reply->request, &reply->file_info) != -ENOENT) return;
    /* The caller was killed meanwhile and will not release what it never got. */
    handle_discard(fs, handle_of(&reply->file_info));
}

/* The names are expired: the answer. */
static void finish(struct expiry *expiry)
{
    struct reply reply = expiry->reply;
    struct filesystem *fs = expiry->fs;
    for (size_t i = 0; i < expiry->file_count; i++)
        view_expired(fs, expiry->files[i]);
    if (expiry->locks_end.ino) locking_end(&fs->locking, &expiry->locks_end);
    release(expiry);
    answer(fs, &reply);
}

static struct expiry *keep(const struct expiry *expiry)
{
    struct expiry *kept = malloc(sizeof *kept);
    if (!kept) {
        forgotten("name");
        return NULL;
    }
    *kept = *expiry;
    kept->next = NULL;
    return kept;
}

/* The names were expired once; if an answer may have been on its way, they are expired again before the reply. */
static void finish_or_repeat(struct expiry *expiry)
{
    struct expiry *later = expiry->again ? keep(expiry) : NULL;
    if (!later) {
        finish(expiry);
        return;
    }
    struct notifier *notifier = &expiry->fs->notifier;
    later->again = false;
    later->due_ns = clock_monotonic_ns() + second_round_ns;
    MUTEX_GUARD(&notifier->lock);
    struct expiry **link = &notifier->later; /* all wait equally long: the newest is the last */
    while (*link)
        link = &(*link)->next;
    *link = later;
    pthread_cond_signal(&notifier->wake);
}

void expiry_run(struct expiry *expiry)
{
    struct filesystem *fs = expiry->fs;
    expiry_tell_inodes(expiry);
    if (expiry->name_count == 0) {
        finish(expiry);
        return;
    }
    if (expiry->answer_first) {
        answer(fs, &expiry->reply);
        expiry->reply.kind = REPLY_NONE;
    }
    if (workers_may_wait(&fs->workers)) {
        tell_names(expiry);
        workers_waited(&fs->workers);
        finish_or_repeat(expiry);
        return;
    }
    struct expiry *queued = keep(expiry);
    if (!queued) { /* the timeout remains as the bound */
        finish(expiry);
        return;
    }
    struct notifier *notifier = &fs->notifier;
    MUTEX_GUARD(&notifier->lock);
    if (notifier->last) notifier->last->next = queued;
    else notifier->first = queued;
    notifier->last = queued;
    pthread_cond_signal(&notifier->wake);
}

/* ---- the thread ---- */

/* The next thing to do, taken off its queue; NULL when stopping and nothing is queued. */
static struct expiry *notifier_next(struct notifier *notifier)
{
    MUTEX_GUARD(&notifier->lock);
    for (;;) {
        struct expiry *expiry = notifier->first;
        if (expiry) {
            notifier->first = expiry->next;
            if (!notifier->first) notifier->last = NULL;
            return expiry;
        }
        struct expiry *later = notifier->later;
        if (later && (notifier->stopping || clock_monotonic_ns() >= later->due_ns)) {
            notifier->later = later->next;
            return later;
        }
        if (notifier->stopping) return NULL;
        if (later) mutex_wait_until(&notifier->lock, &notifier->wake, later->due_ns);
        else mutex_wait(&notifier->lock, &notifier->wake);
    }
}

static void *notifier_thread(void *argument)
{
    struct notifier *notifier = argument;
    struct expiry *expiry;
    while ((expiry = notifier_next(notifier))) {
        tell_names(expiry);
        finish_or_repeat(expiry);
        free(expiry);
    }
    return NULL;
}

int notifier_start(struct notifier *notifier, struct filesystem *fs)
{
    *notifier = (struct notifier){.fs = fs};
    mutex_init(&notifier->lock);
    condition_init(&notifier->wake);
    int failed = pthread_create(&notifier->thread, NULL, notifier_thread, notifier);
    return failed ? error_from_errno(failed) : 0;
}

void notifier_stop(struct notifier *notifier)
{
    mutex_lock(&notifier->lock);
    notifier->stopping = true;
    pthread_cond_signal(&notifier->wake);
    mutex_unlock(&notifier->lock);
    pthread_join(notifier->thread, NULL);
}
