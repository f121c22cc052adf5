/* SPDX-License-Identifier: Apache-2.0 */
#include "path.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "dirent_record.h"
#include "occ_directory.h"

enum { ENTRIES_MAX = 1000000 };

struct entry {
    struct path_finder *finder;
    uint64_t ino; /* looked for */
    char name[NAME_MAX_BYTES + 1];
    bool found;
};

void path_finder_init(struct path_finder *finder, struct store *store)
{
    *finder = (struct path_finder){.store = store, .entries_left = ENTRIES_MAX, .directory = ROOT_INO};
}

static int entry_consider(void *context, uint64_t position, struct slice name, const struct dirent_record *dirent)
{
    (void)position;
    struct entry *entry = context;
    if (entry->finder->entries_left == 0) return ERR_RANGE;
    entry->finder->entries_left--;
    if (dirent->ino != entry->ino) return 0;
    memcpy(entry->name, name.data, name.size);
    entry->name[name.size] = '\0';
    entry->found = true;
    return 1;
}

/* The directory's name, and in which one. ERR_NOENT when it has none any more. */
static int name_find(struct path_finder *finder, uint64_t directory, struct entry *entry, uint64_t *ret_parent)
{
    struct inode inode;
    *entry = (struct entry){.finder = finder, .ino = directory};
    int error = inode_get(finder->store, directory, &inode);
    if (!error && (!S_ISDIR(inode.mode) || inode.nlink == 0)) error = ERR_NOENT;
    if (error) return error;
    if (directory == OCC_DIRECTORY_INO) { /* which is not listed */
        strcpy(entry->name, OCC_DIRECTORY_NAME);
        entry->found = true;
    } else {
        error = dirent_scan(finder->store, inode.parent, 0, entry_consider, entry);
    }
    if (!error && !entry->found) error = ERR_NOENT; /* it was moved while we looked */
    if (!error) *ret_parent = inode.parent;
    return error;
}

/* From its name upwards, so the text is put together from its end. Each step takes 2 bytes at least: that bounds them, too. */
static int directory_find(struct path_finder *finder, uint64_t directory)
{
    char text[PATH_SIZE], *at = text + sizeof text - 1;
    *at = '\0';
    for (uint64_t ino = directory; ino != ROOT_INO;) {
        struct entry entry;
        int error = name_find(finder, ino, &entry, &ino);
        if (error) return error;
        size_t length = strlen(entry.name);
        if ((size_t)(at - text) < length + 1) return ERR_RANGE;
        *--at = '/';
        at -= length;
        memcpy(at, entry.name, length);
    }
    strcpy(finder->path, at);
    finder->directory = directory;
    return 0;
}

int path_find(struct path_finder *finder, uint64_t directory, const char *name, char ret_path[PATH_SIZE])
{
    int error = directory == finder->directory ? 0 : directory_find(finder, directory);
    if (error) return error;
    if (strlen(finder->path) + strlen(name) >= PATH_SIZE) return ERR_RANGE;
    stpcpy(stpcpy(ret_path, finder->path), name);
    return 0;
}
