/* SPDX-License-Identifier: Apache-2.0 */
#include "facts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "side.h"

/* No time that a script sets is as near to the present as this. */
enum { RECENT_S = 24 * 3600 };

static struct facts look(int directory, const char *path, int flags)
{
    struct facts facts = {0};
    struct statx all;
    /* The status comes from what stat(2) asks for; the time of birth takes another call, for some filesystems. */
    if (fstatat(directory, path, &facts.status, flags) != 0) facts.error = errno;
    else if (statx(directory, path, flags, STATX_BTIME, &all) == 0 && (all.stx_mask & STATX_BTIME))
        facts.born = all.stx_btime.tv_sec * 1000000000LL + all.stx_btime.tv_nsec;
    return facts;
}

struct facts facts_of_path(const char *path, bool follow)
{
    return look(AT_FDCWD, path, follow ? 0 : AT_SYMLINK_NOFOLLOW);
}

struct facts facts_of_descriptor(int descriptor)
{
    return look(descriptor, "", AT_EMPTY_PATH);
}

static bool is_recent(const struct timespec *when)
{
    return llabs((long long)(when->tv_sec - time(NULL))) < RECENT_S;
}

static int order(const struct timespec *a, const struct timespec *b)
{
    if (a->tv_sec != b->tv_sec) return a->tv_sec < b->tv_sec ? -1 : 1;
    return a->tv_nsec < b->tv_nsec ? -1 : a->tv_nsec > b->tv_nsec;
}

static bool same_number(const char *what, long long plain, long long mount, const char *object,
                        struct complaint *complaint)
{
    if (plain == mount) return true;
    return complain(complaint, what,
                    strcmp(what, "mode") ? "%s: %s %lld, on the mount %lld" : "%s: %s %llo, on the mount %llo", object,
                    what, plain, mount);
}

static bool same_time(const char *what, const struct timespec *plain, const struct timespec *mount, const char *object,
                      struct complaint *complaint)
{
    if (is_recent(plain) && is_recent(mount)) return true;
    if (order(plain, mount) == 0) return true;
    return complain(complaint, what, "%s: %s %lld.%09ld, on the mount %lld.%09ld", object, what,
                    (long long)plain->tv_sec, plain->tv_nsec, (long long)mount->tv_sec, mount->tv_nsec);
}

static bool same_times(const struct stat *plain, const struct stat *mount, const char *object,
                       struct complaint *complaint)
{
    if (!same_time("mtime", &plain->st_mtim, &mount->st_mtim, object, complaint) ||
        !same_time("ctime", &plain->st_ctim, &mount->st_ctim, object, complaint))
        return false;
    bool late = is_recent(&mount->st_mtim) && order(&mount->st_mtim, &mount->st_ctim) > 0;
    if (late && order(&plain->st_mtim, &plain->st_ctim) <= 0)
        return complain(complaint, "times", "%s: on the mount mtime is later than ctime", object);
    return true;
}

bool facts_same(const struct facts *plain, const struct facts *mount, unsigned ignore, const char *object,
                struct complaint *complaint)
{
    const struct stat *a = &plain->status, *b = &mount->status;
    bool content = S_ISREG(a->st_mode) || S_ISLNK(a->st_mode);
    if (plain->error != mount->error)
        return complain(complaint, "presence", "%s: %s, on the mount %s", object,
                        plain->error ? strerrorname_np(plain->error) : "is there",
                        mount->error ? strerrorname_np(mount->error) : "is there");
    if (plain->error) return true;
    if (!same_number("mode", a->st_mode, b->st_mode, object, complaint) ||
        !same_number("nlink", (long long)a->st_nlink, (long long)b->st_nlink, object, complaint) ||
        !same_number("uid", a->st_uid, b->st_uid, object, complaint) ||
        !same_number("gid", a->st_gid, b->st_gid, object, complaint))
        return false;
    if ((S_ISCHR(a->st_mode) || S_ISBLK(a->st_mode)) &&
        !same_number("rdev", (long long)a->st_rdev, (long long)b->st_rdev, object, complaint))
        return false;
    if (ignore & IGNORE_CONTENT) return true;
    if (content && !same_number("size", a->st_size, b->st_size, object, complaint)) return false;
    return same_times(a, b, object, complaint);
}

static bool moved(const struct timespec *before, const struct timespec *after)
{
    return order(before, after) != 0;
}

bool facts_moved_alike(const struct facts before[2], const struct facts after[2], bool may_move, const char *object,
                       struct complaint *complaint)
{
    bool mtime[SIDES], ctime[SIDES];
    for (unsigned side = 0; side < SIDES; side++) {
        const struct stat *a = &before[side].status, *b = &after[side].status;
        if (before[side].error || after[side].error || a->st_ino != b->st_ino) return true;
        if (before[side].born != after[side].born) return true;
        mtime[side] = moved(&a->st_mtim, &b->st_mtim);
        ctime[side] = moved(&a->st_ctim, &b->st_ctim);
    }
    if (mtime[PLAIN] != mtime[MOUNT])
        return complain(complaint, "mtime moved", "%s: mtime has %smoved, on the mount it has %s", object,
                        mtime[PLAIN] ? "" : "not ", mtime[MOUNT] ? "" : "not");
    if (ctime[PLAIN] != ctime[MOUNT] && !(may_move && ctime[MOUNT]))
        return complain(complaint, "ctime moved", "%s: ctime has %smoved, on the mount it has %s", object,
                        ctime[PLAIN] ? "" : "not ", ctime[MOUNT] ? "" : "not");
    return true;
}
