/* SPDX-License-Identifier: Apache-2.0 */
#include "proc_files.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

enum { KEPT = 8, DESCRIPTORS = PROC_FILES, FILES };

struct kept {
    pid_t process; /* 0: unused, and so are the descriptors */
    int files[FILES];
    unsigned long used;
};

static const char *const names[FILES] = {[PROC_STAT] = "stat", [PROC_STATM] = "statm", [DESCRIPTORS] = "fd"};

static __thread struct kept kept[KEPT];
static __thread unsigned long uses;

static void forget(struct kept *entry)
{
    for (int file = 0; file < FILES && entry->process != 0; file++)
        if (entry->files[file] >= 0) close(entry->files[file]);
    entry->process = 0;
}

static struct kept *find(pid_t process)
{
    struct kept *oldest = &kept[0], *found = NULL;
    for (int i = 0; i < KEPT && !found; i++) {
        if (kept[i].process == process) found = &kept[i];
        else if (kept[i].process == 0 || kept[i].used < oldest->used) oldest = &kept[i];
    }
    if (!found) {
        forget(oldest);
        found = oldest;
        found->process = process;
        for (int file = 0; file < FILES; file++)
            found->files[file] = -1;
    }
    found->used = ++uses;
    return found;
}

static int file_open(struct kept *entry, int file)
{
    if (entry->files[file] < 0) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/%s", (int)entry->process, names[file]);
        entry->files[file] = open(path, O_RDONLY | O_CLOEXEC);
    }
    return entry->files[file];
}

ssize_t proc_file_read(pid_t process, enum proc_file file, char *text, size_t size)
{
    if (process <= 0) return -1;
    struct kept *entry = find(process);
    bool fresh = entry->files[file] < 0;
    ssize_t length = pread(file_open(entry, (int)file), text, size - 1, 0);
    if (length <= 0 && !fresh) { /* of a process that had the number before */
        forget(entry);
        entry = find(process);
        length = pread(file_open(entry, (int)file), text, size - 1, 0);
    }
    if (length <= 0) {
        forget(entry);
        return -1;
    }
    text[length] = '\0';
    return length;
}

int proc_descriptors(pid_t process)
{
    if (process <= 0) return -1;
    struct kept *entry = find(process);
    int directory = file_open(entry, DESCRIPTORS);
    if (directory >= 0) lseek(directory, 0, SEEK_SET);
    else forget(entry);
    return directory;
}
