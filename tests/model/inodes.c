/* SPDX-License-Identifier: Apache-2.0 */
#include "inodes.h"

#include <stdlib.h>

void inodes_release(struct inodes *inodes)
{
    free(inodes->pairs);
    *inodes = (struct inodes){0};
}

static void add(struct inodes *inodes, struct inode_pair pair)
{
    if (inodes->count == inodes->capacity) {
        inodes->capacity = inodes->capacity ? inodes->capacity * 2 : 256;
        inodes->pairs = realloc(inodes->pairs, inodes->capacity * sizeof *inodes->pairs);
        if (!inodes->pairs) abort();
    }
    inodes->pairs[inodes->count++] = pair;
}

bool inodes_match(struct inodes *inodes, const struct facts *plain, const struct facts *mount, const char *object,
                  struct complaint *complaint)
{
    if (plain->error || mount->error || !plain->born) return true;
    const struct inode_pair seen = {plain->status.st_ino, mount->status.st_ino, plain->born, mount->born};
    struct inode_pair *known = NULL;
    for (size_t i = 0; i < inodes->count; i++) {
        struct inode_pair *pair = &inodes->pairs[i];
        if (pair->plain == seen.plain) known = pair;
        else if (pair->mount == seen.mount && pair->mount_born == seen.mount_born)
            return complain(complaint, "ino", "%s: the mount has inode %llu for two files", object,
                            (unsigned long long)seen.mount);
    }
    if (!known) {
        add(inodes, seen);
    } else if (known->plain_born != seen.plain_born) {
        *known = seen; /* the plain filesystem has used the number again */
    } else if (known->mount != seen.mount) {
        return complain(complaint, "ino", "%s: was inode %llu, is inode %llu on the mount now", object,
                        (unsigned long long)known->mount, (unsigned long long)seen.mount);
    }
    return true;
}
