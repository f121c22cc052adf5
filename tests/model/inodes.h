/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_INODES_H
#define MODEL_INODES_H

#include <stddef.h>

#include "facts.h"

/*
 * Which inode on the mount stands for which one of the plain directory. As long as an inode lives its number may not
 * change, and no two may have one number: whatever names and descriptors lead to them.
 */
struct inode_pair {
    uint64_t plain, mount;
    int64_t plain_born, mount_born; /* facts.born: a filesystem may use a number again for another inode */
};

struct inodes {
    struct inode_pair *pairs;
    size_t count, capacity;
};

void inodes_release(struct inodes *inodes);

/* Two looks at one object: whether they agree with what was seen before. */
bool inodes_match(struct inodes *inodes, const struct facts *plain, const struct facts *mount, const char *object,
                  struct complaint *complaint);

#endif
