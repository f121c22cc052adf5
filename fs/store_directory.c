/* SPDX-License-Identifier: Apache-2.0 */
#include "store_directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "draft_chunks.h"
#include "live.h"
#include "log.h"
#include "namespace.h"
#include "rocks.h"
#include "trace.h"

enum { SERVING_BYTE = 1, LOCK_PAUSE_NS = 10000000 };

/* How long a locked store is waited for: while it is being closed, and while it may be that its holder has not noticed yet
 * that it is unmounted. */
#define ENDING_PATIENCE_NS (60 * NS_PER_S)
#define SERVING_PATIENCE_NS (NS_PER_S / 2)

__attribute__((format(printf, 2, 3))) static int tell(int error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("occfs: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return error;
}

static bool holds_entry(int directory, const char *name)
{
    return faccessat(directory, name, F_OK, 0) == 0;
}

/* Whether the directory is empty, or holds only what an interrupted creation leaves. */
static int is_blank(int directory, bool *ret_blank)
{
    int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = copy >= 0 ? fdopendir(copy) : NULL;
    if (!stream) {
        int error = error_from_errno(errno);
        if (copy >= 0) close(copy);
        return error;
    }
    *ret_blank = true;
    for (struct dirent *entry; *ret_blank && (entry = readdir(stream));)
        *ret_blank = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
                     strcmp(entry->d_name, "lost+found") == 0; /* the root of a fresh ext4 */
    closedir(stream);
    return 0;
}

static int directory_open(const char *path, int *ret_descriptor)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return tell(error_from_errno(errno), "%s: cannot create the store: %s", path, strerror(errno));
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        int error = error_from_errno(errno);
        return tell(error, "%s: cannot open the store: %s (a store is a directory)", path, strerror(errno));
    }
    bool blank = false;
    int error = holds_entry(descriptor, "lock") && holds_entry(descriptor, "db") ? 0 : is_blank(descriptor, &blank);
    bool store = !error && !blank && holds_entry(descriptor, "lock");
    if (!error && !blank && !store)
        error =
            tell(ERR_NOT_A_STORE,
                 "%s: not an occfs store, and not empty (give an empty or absent directory to create a store)", path);
    else if (!error && blank && fchmod(descriptor, 0700) != 0)
        error = tell(error_from_errno(errno), "%s: cannot protect the store: %s", path, strerror(errno));
    if (error) {
        close(descriptor);
        return error;
    }
    *ret_descriptor = descriptor;
    return 0;
}

/*
 * One process per store: it locks the file `lock` whole, and lets go of all but the first byte when its mount has gone. Who is refused
 * can so tell a store that is mounted from one that is being closed, as it is for a moment after umount(8) has returned.
 * The kernel drops the locks with the process, however it ends.
 */
static struct flock lock_from(short type, off_t first)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = first};
}

static bool holder_is_ending(int lock)
{
    struct flock serving = lock_from(F_WRLCK, SERVING_BYTE);
    return fcntl(lock, F_GETLK, &serving) == 0 && serving.l_type == F_UNLCK;
}

/* 0, ERR_STORE_IN_USE, or another error. */
static int lock_take(int lock)
{
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE_NS};
    int64_t begin = clock_monotonic_ns();
    for (;;) {
        struct flock whole = lock_from(F_WRLCK, 0);
        if (fcntl(lock, F_SETLK, &whole) == 0) return 0;
        if (errno != EAGAIN && errno != EACCES) return error_from_errno(errno);
        int64_t patience = holder_is_ending(lock) ? ENDING_PATIENCE_NS : SERVING_PATIENCE_NS;
        if (clock_monotonic_ns() - begin > patience) return ERR_STORE_IN_USE;
        nanosleep(&pause, NULL);
    }
}

static int directory_lock(const char *path, int descriptor, int *ret_lock)
{
    int lock = openat(descriptor, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) return tell(error_from_errno(errno), "%s/lock: %s", path, strerror(errno));
    int error = lock_take(lock);
    if (!error) {
        *ret_lock = lock;
        return 0;
    }
    struct flock holder = lock_from(F_WRLCK, 0);
    if (error == ERR_STORE_IN_USE && fcntl(lock, F_GETLK, &holder) == 0 && holder.l_type != F_UNLCK)
        tell(error, "%s: the store is in use by process %d (unmount that filesystem first)", path, (int)holder.l_pid);
    else tell(error, "%s/lock: cannot lock the store: %s", path, error_text(error));
    close(lock);
    return error;
}

void store_directory_ending(struct store_directory *directory)
{
    struct flock serving = lock_from(F_UNLCK, SERVING_BYTE);
    fcntl(directory->lock, F_SETLK, &serving);
}

static int faults_open(const char *path, struct fault_plan **ret_plan)
{
    if (!path) return 0;
    struct fault_plan *plan = fault_plan_new();
    if (!plan) return ERR_NOMEM;
    int error = fault_plan_follow_file(plan, path);
    if (error) {
        fault_plan_free(plan);
        return tell(error, "%s: cannot be used as a fault plan: %s", path, error_text(error));
    }
    log_warning("faults are injected as %s says: this mount is for tests", path);
    *ret_plan = plan;
    return 0;
}

/* The engines with the decorators that are wanted, the trace on top: it shows the faults too. */
static int decorate(const struct store_directory_options *options, struct fault_plan *plan, struct kv **kv,
                    struct blobs **blobs)
{
    if (plan) {
        *kv = fault_kv_new(*kv, plan);
        *blobs = fault_blobs_new(*blobs, plan);
    }
    if (options->trace) {
        *kv = trace_kv_new(*kv);
        *blobs = trace_blobs_new(*blobs);
    }
    if (*kv && *blobs) return 0;
    kv_free(*kv);
    blobs_free(*blobs);
    return ERR_NOMEM;
}

static int engines_open(const char *path, const struct store_directory_options *options, struct fault_plan *plan,
                        struct store **ret_store)
{
    char *database;
    if (asprintf(&database, "%s/db", path) < 0) return ERR_NOMEM;
    const struct rocks_options rocks = {.create = true, .cache_bytes = options->cache_bytes};
    struct kv *kv;
    struct blobs *blobs;
    int error = rocks_open(database, &rocks, &kv, &blobs);
    free(database);
    if (!error) error = decorate(options, plan, &kv, &blobs);
    if (!error) error = store_open(kv, blobs, ret_store);
    switch (error) {
    case 0:
        return 0;
    case ERR_NEWER_FORMAT:
        return tell(error, "%s: the store was written by a newer occfs (upgrade occfs to open it)", path);
    case ERR_DAMAGED:
        return tell(error, "%s: the store is damaged; nothing was changed (restore it from a backup)", path);
    default:
        return tell(error, "%s: cannot open the store: %s", path, error_text(error));
    }
}

/* Where scratch files of live files have their names. */
static int live_directory_open(const char *path, int descriptor)
{
    if (mkdirat(descriptor, "live", 0700) == 0 || errno == EEXIST) return 0;
    return tell(error_from_errno(errno), "%s/live: %s", path, strerror(errno));
}

/* After recovery nothing in it is wanted. */
static int live_directory_clear(const char *path, int descriptor)
{
    int live = openat(descriptor, "live", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = live >= 0 ? fdopendir(live) : NULL;
    if (!stream) {
        int error = tell(error_from_errno(errno), "%s/live: %s", path, strerror(errno));
        if (live >= 0) close(live);
        return error;
    }
    for (struct dirent *entry; (entry = readdir(stream));)
        if (entry->d_name[0] != '.') unlinkat(live, entry->d_name, 0);
    closedir(stream);
    return 0;
}

/* What a daemon that was killed has left. */
static int recover(const char *path, struct store *store)
{
    uint64_t intents = 0, live = 0, anew = 0;
    int error = intent_abandon_all(store, &intents);
    if (!error) error = live_recover_all(store, &live);
    if (!error) error = namespace_reap_all(store);
    if (!error) error = namespace_restore_all(store, &anew);
    if (anew > 0)
        log_info("gave %llu files back what they had before they were created anew", (unsigned long long)anew);
    if (intents > 0) log_info("dropped what %llu interrupted drafts had stored", (unsigned long long)intents);
    return error ? tell(error, "%s: cannot clean up after the last run: %s", path, error_text(error)) : 0;
}

int store_directory_open(const char *path, const struct store_directory_options *options,
                         struct store_directory *ret_directory)
{
    struct store_directory directory = {.lock = -1};
    int error = directory_open(path, &directory.descriptor);
    if (error) return error;
    error = directory_lock(path, directory.descriptor, &directory.lock);
    if (!error) error = faults_open(options->fault_plan, &directory.fault_plan);
    if (!error) error = engines_open(path, options, directory.fault_plan, &directory.store);
    if (!error) error = draft_chunks_set_directory(path);
    if (!error) error = live_directory_open(path, directory.descriptor);
    if (!error) error = recover(path, directory.store);
    if (!error) error = live_directory_clear(path, directory.descriptor);
    if (error) {
        store_directory_close(&directory);
        return error;
    }
    *ret_directory = directory;
    return 0;
}

void store_directory_close(struct store_directory *directory)
{
    store_close(directory->store);
    fault_plan_free(directory->fault_plan);
    if (directory->lock >= 0) close(directory->lock);
    close(directory->descriptor);
}
