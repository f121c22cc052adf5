/* SPDX-License-Identifier: Apache-2.0 */
#include "side.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool make_directory(const char *path)
{
    if (mkdir(path, 0777) == 0 && chmod(path, 0777) == 0) return true;
    fprintf(stderr, "model: cannot make %s: %s\n", path, strerror(errno));
    return false;
}

bool side_make(const char *base, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", base, name);
    if (!make_directory(path)) return false;
    snprintf(path, sizeof path, "%s/%s/root", base, name);
    return make_directory(path);
}

struct side side_none(const char *label)
{
    struct side side = {.name = label, .root = -1};
    for (size_t slot = 0; slot < SLOTS; slot++)
        side.slots[slot] = -1;
    return side;
}

bool side_init(struct side *side, const char *base, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s/root", base, name);
    side->root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (side->root < 0) fprintf(stderr, "model: cannot open %s: %s\n", path, strerror(errno));
    return side->root >= 0;
}

void side_release(struct side *side)
{
    for (size_t slot = 0; slot < SLOTS; slot++)
        if (side->slots[slot] >= 0) close(side->slots[slot]);
    if (side->root >= 0) close(side->root);
    side->root = -1;
}

void side_enter(const struct side *side)
{
    if (fchdir(side->root) != 0) {
        fprintf(stderr, "model: cannot enter the %s: %s\n", side->name, strerror(errno));
        exit(2);
    }
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)where;
    remove(path);
    (void)type;
    return 0;
}

void side_remove(const char *base, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", base, name);
    if (chdir("/") == 0) nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
