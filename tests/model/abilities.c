/* SPDX-License-Identifier: Apache-2.0 */
#include "abilities.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/falloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static const int64_t modes[] = {
    0,
    FALLOC_FL_KEEP_SIZE,
    FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
    FALLOC_FL_ZERO_RANGE,
    FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE,
    FALLOC_FL_COLLAPSE_RANGE,
    FALLOC_FL_INSERT_RANGE,
};
enum { MODES = sizeof modes / sizeof modes[0] };

/* What one file can: bit i for mode i, and two bits for xattrs behind these. */
static unsigned try_on(int file)
{
    unsigned can = 0;
    for (unsigned i = 0; i < MODES; i++)
        if (ftruncate(file, 16 * 4096) == 0 && fallocate(file, (int)modes[i], 4096, 4096) == 0) can |= 1U << i;
    if (fsetxattr(file, "trusted.a", "", 0, 0) == 0) can |= 1U << MODES;
    if (fsetxattr(file, "security.a", "", 0, 0) == 0) can |= 1U << (MODES + 1);
    return can;
}

static bool has_fine_times(int file)
{
    struct stat before, after;
    for (unsigned i = 0; i < 50; i++) {
        if (fstat(file, &before) != 0 || pwrite(file, "x", 1, 0) != 1 || fstat(file, &after) != 0) return false;
        if (memcmp(&before.st_mtim, &after.st_mtim, sizeof before.st_mtim) == 0) return false;
    }
    return true;
}

bool abilities_find(const char *plain, const char *mount, struct abilities *ret_abilities)
{
    const char *directories[] = {plain, mount};
    struct abilities abilities = {.users = geteuid() == 0, .fine_times = true};
    unsigned can = ~0U;
    for (unsigned i = 0; i < 2; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/abilities.%d", directories[i], getpid());
        int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (file < 0) {
            fprintf(stderr, "model: cannot make %s: %s\n", path, strerror(errno));
            return false;
        }
        can &= try_on(file);
        abilities.fine_times = has_fine_times(file) && abilities.fine_times;
        close(file);
        unlink(path);
    }
    for (unsigned i = 0; i < MODES; i++)
        if (can & 1U << i) abilities.fallocate_modes[abilities.fallocate_mode_count++] = modes[i];
    abilities.trusted_xattrs = can & 1U << MODES;
    abilities.security_xattrs = can & 1U << (MODES + 1);
    *ret_abilities = abilities;
    return true;
}

void abilities_print(const struct abilities *abilities)
{
    printf("model: %zu modes of fallocate,%s trusted and%s security xattrs,%s other users,%s moves of times\n",
           abilities->fallocate_mode_count, abilities->trusted_xattrs ? "" : " no",
           abilities->security_xattrs ? "" : " no", abilities->users ? "" : " no", abilities->fine_times ? "" : " no");
}
