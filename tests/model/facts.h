/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_FACTS_H
#define MODEL_FACTS_H

#include <stdint.h>
#include <sys/stat.h>

#include "complaint.h"

/* The attributes of one object on one side. */
struct facts {
    int error; /* errno of the look: nothing else is known then */
    struct stat status;
    int64_t born; /* ns; tells inodes with the same number apart; 0 if the filesystem does not say */
};

/* Looks with the rights of whoever runs the model. */
struct facts facts_of_path(const char *path, bool follow);
struct facts facts_of_descriptor(int descriptor);

/* What cannot be compared, by contract: a draft's size and times are not seen by path. */
enum { IGNORE_CONTENT = 1 };

/*
 * Whether both sides are alike: errors; type, mode, link count, owner, group, device; size of files and symlinks; times. Times
 * that somebody has set are compared exactly, others by their order (mtime not behind ctime).
 */
bool facts_same(const struct facts *plain, const struct facts *mount, unsigned ignore, const char *object,
                struct complaint *complaint);

/* Whether mtime and ctime have moved on both sides between two looks, or on neither. `may_move`: ctime may also have moved
 * on the mount only. */
bool facts_moved_alike(const struct facts before[2], const struct facts after[2], bool may_move, const char *object,
                       struct complaint *complaint);

#endif
