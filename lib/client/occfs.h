/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCCFS_H
#define OCCFS_H

/*
 * liboccfs: what programs do with the files of an occfs mount beyond open, read, write and close. What a version, a token, a draft and
 * a conflict are is in occfs(7).
 *
 * To change a file and be sure to lose nobody's update:
 *
 *     fd = occfs_open(AT_FDCWD, "f", O_TRUNC, 0, token);   the token of the version that was read
 *     write(fd, ...);
 *     error = occfs_commit(fd, &outcome);
 *     close(fd);
 *     if (!error && outcome.result == OCCFS_CONFLICT) ...  somebody was faster; what was written is in outcome.conflict.sibling
 *     occfs_outcome_release(&outcome);
 *
 * or occfs_update, which does it again after a conflict.
 *
 * Functions return 0, or a descriptor, or a negative errno value:
 *     -EOPNOTSUPP   not a regular file of an occfs mount
 *     -EINVAL       a token that is not one of this store, or of another file
 *     -ENOENT       no such file or version
 * and what the system calls underneath return. A conflict is no error but an outcome. Descriptors are the caller's, and are
 * closed on exec. A `dirfd` with a relative path is as in openat(2); where something is read, an empty path means the descriptor itself.
 * Out-parameters come last and are untouched on failure; errno has no meaning.
 *
 * All functions are safe to call from several threads, on different descriptors. The library has no state and prints nothing. It needs
 * /proc for relative paths, and for history.
 */

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    OCCFS_TOKEN_SIZE = 65,   /* with the NUL */
    OCCFS_HASH_SIZE = 33,    /* with the NUL */
    OCCFS_COMMAND_SIZE = 64, /* with the NUL */
    OCCFS_PARENTS_MAX = 2,
};

/* ---- versions ---- */

struct occfs_writer {
    uid_t uid;
    gid_t gid;
    pid_t pid;                        /* 0: it could not be seen */
    char command[OCCFS_COMMAND_SIZE]; /* the name of the process as in ps(1) */
};

struct occfs_version {
    char token[OCCFS_TOKEN_SIZE];
    uint64_t ordinal;
    unsigned parent_count;
    char parents[OCCFS_PARENTS_MAX][OCCFS_TOKEN_SIZE];
    char operation[16]; /* create, write, truncate, rename, conflict, killed, resolve */
    struct occfs_writer writer;
    struct timespec time; /* of the commit */
    uint64_t size;        /* bytes */
    char hash[OCCFS_HASH_SIZE];
    char *message; /* NULL if it has none */
};

/* Frees what it points to. A zeroed one, too. */
void occfs_version_release(struct occfs_version *version);

/* The token of the version that a file shows: by path its newest, which then counts as read, through a descriptor the one that that
 * was opened on, or has committed last. */
int occfs_token(int dirfd, const char *path, char ret_token[OCCFS_TOKEN_SIZE]);

/* Describes a version. `version` is an ordinal in decimal digits, a token, `N.killed`, or NULL for what the file shows. By ordinal and by
 * token also of a file that was removed or moved away, as long as nothing else has taken its name. */
int occfs_version(int dirfd, const char *path, const char *version, struct occfs_version *ret_version);

/* Opens the content of a version for reading; `version` as above, but not NULL. Returns a descriptor. */
int occfs_version_open(int dirfd, const char *path, const char *version);

/* Goes through the committed versions of a file, the newest first. It stays with the file when that is moved. One handle belongs to one thread at a time. */
struct occfs_history;
int occfs_history_open(int dirfd, const char *path, struct occfs_history **ret_history);
/* 1 and the next version, which the caller releases; 0 at the end. */
int occfs_history_next(struct occfs_history *history, struct occfs_version *ret_version);
void occfs_history_close(struct occfs_history *history); /* NULL is allowed */

/* ---- writing ---- */

struct occfs_conflict {
    char target[256]; /* name of the file that was to be written */
    char base[OCCFS_TOKEN_SIZE];
    char head[OCCFS_TOKEN_SIZE]; /* what was the newest version when it was tried */
    char operation[16];          /* write, truncate or rename */
    struct occfs_writer writer;
    struct timespec time;
    uint64_t size; /* bytes kept */
    char hash[OCCFS_HASH_SIZE];
    unsigned retry_after_ms;
    /* Name of the file beside the target that keeps what was written; with a slash, if the directory of the target has gone: a path from
     * the root of the mount. NULL with all else empty: somebody has removed it before it could be looked at. */
    char *sibling;
};

void occfs_conflict_release(struct occfs_conflict *conflict);

/* What a `.conflict` file is the sibling of. -ENODATA: it is none. Its `sibling` is NULL. */
int occfs_conflict(int dirfd, const char *path, struct occfs_conflict *ret_conflict);

enum occfs_result {
    OCCFS_COMMITTED, /* `token` names the version with the content */
    OCCFS_CONFLICT,  /* `conflict` tells of it */
    OCCFS_LEFT,      /* of an update that changes nothing: `token` names what it has seen */
};

struct occfs_outcome {
    enum occfs_result result;
    char token[OCCFS_TOKEN_SIZE]; /* after a conflict: of the newest version then */
    bool made; /* of a commit: it made that version; false: the content was there already, whoever made it */
    struct occfs_conflict conflict;
    unsigned tries; /* of an update: how many attempts were made, from 1 */
};

void occfs_outcome_release(struct occfs_outcome *outcome);

/*
 * Opens a file for reading and writing, on condition that its newest version, when it is committed, is the expected one. `expected`:
 * a token; NULL for the version that is the newest now, whatever this process has read before; "" for none: the file must not exist
 * (O_CREAT | O_EXCL). `flags` are those of open(2), O_TRUNC and O_CREAT for example; `mode` is that of a file that is created. It takes the
 * right to read and to write. Returns a descriptor, also for a token that is not the newest any more: then the commit is a conflict, which
 * keeps what was written. Nothing is changed where it fails.
 */
int occfs_open(int dirfd, const char *path, int flags, mode_t mode, const char *expected);

/* For the next commit through a descriptor that is open for writing: a message for history, up to 4096 bytes; an id, up to 128
 * printable characters without space, under which this commit happens once within 24 hours (the same again has the first one's outcome;
 * with other content it is -EEXIST); the `.conflict` sibling, by the token of its newest version, that this commit resolves and removes. */
int occfs_set_message(int fd, const char *message);
int occfs_set_request(int fd, const char *id);
int occfs_set_resolved(int fd, const char *token);

/* The token of the version that a commit of this id has made within 24 hours; -ENODATA if there was none. */
int occfs_request(int fd, const char *id, char ret_token[OCCFS_TOKEN_SIZE]);

/* Commits what was written through the descriptor, durably, and tells what has become of it. What is written afterwards is the next
 * commit's. After a conflict the descriptor stays conflicted: close it, and begin anew. Of a file that this process has itself removed
 * nothing is committed, as of any file without a name. */
int occfs_commit(int fd, struct occfs_outcome *ret_outcome);

/* Drops what was written through the descriptor and is not committed; else the close commits it. */
int occfs_discard(int fd);

/* ---- doing it again ---- */

/* How often and how soon to try again. */
struct occfs_retry {
    unsigned tries;       /* attempts altogether, at least 1 */
    unsigned delay_ms;    /* before the second one */
    double factor;        /* what the delay is multiplied by each time */
    double jitter;        /* of the delay, up to this share is added by chance */
    bool full_jitter;     /* any time from 0 to the delay, by chance, instead */
    unsigned max_ms;      /* the longest delay; 0: no limit */
    unsigned deadline_ms; /* no attempt begins later than this after the first; 0: no limit */
};

/* 5 tries, 10 ms apart, jitter 0.1: where somebody else writes now and then. */
extern const struct occfs_retry occfs_retry_default;
/* 4 tries, after 10, 50 and 250 ms, jitter 0.1: where many clients write to the same file. */
extern const struct occfs_retry occfs_retry_backoff;

/* Milliseconds to wait after the `tries`-th attempt (from 1) has failed; negative: no more. `elapsed_ms` since the first began. */
long occfs_retry_delay(const struct occfs_retry *retry, unsigned tries, unsigned long elapsed_ms);

/* The content of a file, in memory. */
struct occfs_content {
    void *data; /* may be NULL if the size is 0 */
    size_t size;
    char token[OCCFS_TOKEN_SIZE]; /* of the version that it is; "" if there is no file */
};

/*
 * Makes new content out of the old, and returns 0; ret_data is freed with free(3), whatever is returned. May be called more than once.
 * Positive: the file is to be left as it is. Negative: give up, and return that.
 */
typedef int occfs_edit(void *context, const struct occfs_content *old, void **ret_data, size_t *ret_size);

struct occfs_update_options {
    const struct occfs_retry *retry; /* NULL: occfs_retry_default */
    const char *message;             /* NULL: none */
    const char *request;             /* an id as in occfs_set_request; NULL: none */
    bool create;                     /* a file that does not exist is made, when `edit` has made something of nothing */
    mode_t mode;                     /* then */
};

/*
 * Changes a file by a function of its content: reads it, calls `edit`, commits against what was read, and after a conflict does all
 * of it again, as `options->retry` says. An attempt that is to be repeated leaves no sibling, where the caller may remove it. The outcome of
 * the last attempt: a conflict tells that all have failed. It is a conflict, too, when somebody else has made the same content of the old
 * one meanwhile (two who count to the same number); then nothing is kept. Where a commit of that request id has happened, its outcome, and `edit` is not
 * called. `options` may be NULL.
 */
int occfs_update(int dirfd, const char *path, occfs_edit *edit, void *context,
                 const struct occfs_update_options *options, struct occfs_outcome *ret_outcome);

/* Commits content as the resolution of a conflict: a version with both as its parents, which replaces the version `expected` (NULL: the
 * newest); the sibling is removed in the same step. `sibling`: the token of the version of it that has been looked at. -ESTALE: it has
 * changed since. */
int occfs_resolve(int dirfd, const char *path, const char *sibling, const void *data, size_t size, const char *expected,
                  const char *message, struct occfs_outcome *ret_outcome);

#ifdef __cplusplus
}
#endif

#endif
