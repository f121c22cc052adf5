/* SPDX-License-Identifier: Apache-2.0 */
#include "occ_directory.h"

#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "dirent_record.h"

struct fixed {
    uint64_t ino;
    const char *name; /* in .occ; NULL for that itself */
    uint32_t mode;
    uint32_t nlink;
    uint64_t parent;
};

static const struct fixed all[] = {
    {OCC_DIRECTORY_INO, NULL, S_IFDIR | 0755, 3, ROOT_INO},
    {LOST_FOUND_INO, LOST_FOUND_NAME, S_IFDIR | 01777, 2, OCC_DIRECTORY_INO},
    {STATUS_INO, "status", S_IFREG | 0444, 1, 0},
    {CONFLICTS_INO, "conflicts", S_IFREG | 0444, 1, 0},
    {WATCH_INO, "watch", S_IFREG | 0444, 1, 0},
};
enum { FIXED = sizeof all / sizeof all[0] };

static void put(struct transaction *tx, const struct inode *root, const struct fixed *fixed)
{
    struct timespec now = clock_now();
    struct inode inode = {.ino = fixed->ino,
                          .mode = fixed->mode,
                          .uid = root->uid,
                          .gid = root->gid,
                          .nlink = fixed->nlink,
                          .atime = now,
                          .mtime = now,
                          .ctime = now,
                          .btime = now,
                          .parent = fixed->parent};
    const struct dirent_record dirent = {.ino = fixed->ino, .type = fixed->mode & S_IFMT};
    inode_put(tx, &inode);
    if (fixed->name) dirent_put(tx, OCC_DIRECTORY_INO, SLICE_STRING(fixed->name), &dirent);
}

void occ_directory_put(struct transaction *tx, const struct inode *root)
{
    for (size_t i = 0; i < FIXED; i++)
        put(tx, root, &all[i]);
}

static int put_missing(struct transaction *tx, const struct inode *root)
{
    int error = 0;
    for (size_t i = 0; i < FIXED && !error; i++) {
        struct inode there;
        error = inode_load(tx, all[i].ino, &there);
        if (error != ERR_NOENT) continue;
        put(tx, root, &all[i]);
        error = 0;
    }
    return error;
}

int occ_directory_ensure(struct store *store)
{
    struct inode root, newest;
    struct transaction tx;
    int error = inode_get(store, all[FIXED - 1].ino, &newest); /* of the version that added to it last */
    if (error != ERR_NOENT) return error;
    transaction_init(&tx, store);
    do {
        transaction_restart(&tx);
        error = inode_load(&tx, ROOT_INO, &root);
        if (!error) error = put_missing(&tx, &root);
        if (error) break;
        error = transaction_commit(&tx, true);
    } while (error == TRANSACTION_AGAIN);
    transaction_release(&tx);
    return error == ERR_NOENT ? ERR_DAMAGED : error;
}

bool occ_directory_keeps(uint64_t directory, const char *name)
{
    return directory == OCC_DIRECTORY_INO || (directory == ROOT_INO && strcmp(name, OCC_DIRECTORY_NAME) == 0);
}

bool occ_directory_is_report(uint64_t ino)
{
    return ino == STATUS_INO || ino == CONFLICTS_INO || ino == WATCH_INO;
}
