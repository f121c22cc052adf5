/* SPDX-License-Identifier: Apache-2.0 */

/* Looking for open descriptors of a file in another process. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "caller.h"
#include "proc_files.h"

enum { DESCRIPTIONS_MAX = 64, MOUNTS_MAX = 16 };

/* Mounts that are known to show our filesystem: the mount itself and bind mounts of it, in any namespace. */
static atomic_int our_mounts[MOUNTS_MAX];
static atomic_uint our_mount_count;

/* Whether the mount shows the filesystem with that device number. Ids are the system's, not a namespace's; which are
 * ours is read once from the process's mountinfo. */
static bool mount_is_ours(pid_t process, int mount, dev_t device)
{
    unsigned known = our_mount_count;
    for (unsigned i = 0; i < known && i < MOUNTS_MAX; i++)
        if (our_mounts[i] == mount) return true;

    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mountinfo", (int)process);
    FILE *table = fopen(path, "re");
    if (!table) return false;
    char *line = NULL;
    size_t capacity = 0;
    bool ours = false;
    while (getline(&line, &capacity, table) > 0) {
        int id;
        unsigned major_number, minor_number;
        if (sscanf(line, "%d %*d %u:%u", &id, &major_number, &minor_number) != 3 || id != mount) continue;
        ours = makedev(major_number, minor_number) == device;
        break;
    }
    free(line);
    fclose(table);
    if (ours) {
        unsigned slot = our_mount_count++;
        our_mounts[slot % MOUNTS_MAX] = mount;
    }
    return ours;
}

/* A descriptor as fdinfo tells it. Duplicates agree in all but the number. */
struct descriptor {
    int number;
    unsigned long flags;
    unsigned long long position;
};

/* Pipes, sockets and anonymous files have no path, and terminals are where they always are: most descriptors are ruled out by
 * one cheap call. */
static bool may_be_ours(int directory, const char *name)
{
    static const char *const others[] = {"/dev/null", "/dev/pts/", "/dev/tty"};
    char link[64];
    ssize_t length = readlinkat(directory, name, link, sizeof link - 1);
    if (length <= 0 || link[0] != '/') return false;
    link[length] = '\0';
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strncmp(link, others[i], strlen(others[i])) == 0) return false;
    return true;
}

/* Whether descriptor `name` of the process is open for writing on the file. */
static bool descriptor_matches(pid_t process, const char *name, const struct descriptor_query *query,
                               struct descriptor *ret_descriptor)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)process, atoi(name));
    int info = open(path, O_RDONLY | O_CLOEXEC);
    if (info < 0) return false;
    ssize_t length = read(info, text, sizeof text - 1);
    close(info);
    if (length <= 0) return false;
    text[length] = '\0';

    const char *position = strstr(text, "pos:"), *flags = strstr(text, "flags:");
    const char *mount = strstr(text, "mnt_id:"), *ino = strstr(text, "ino:");
    if (!position || !flags || !mount || !ino) return false;
    unsigned long mode = strtoul(flags + 6, NULL, 8);
    if ((mode & O_ACCMODE) == O_RDONLY || mode & O_PATH) return false;
    if (strtoull(ino + 4, NULL, 10) != query->ino) return false;
    if (!mount_is_ours(process, atoi(mount + 7), query->device)) return false;
    /* O_CLOEXEC belongs to the descriptor, not to what it describes. */
    *ret_descriptor = (struct descriptor){
        .number = atoi(name), .flags = mode & ~(unsigned long)O_CLOEXEC, .position = strtoull(position + 4, NULL, 10)};
    return true;
}

static bool same_description(pid_t process, bool executing, const struct descriptor *a, const struct descriptor *b)
{
    if (a->flags != b->flags || a->position != b->position) return false;
    if (executing) return true; /* what looks alike counts as the same */
    return syscall(SYS_kcmp, process, process, KCMP_FILE, (unsigned long)a->number, (unsigned long)b->number) == 0;
}

/* The different descriptions among the descriptors found so far. */
struct count {
    pid_t process;
    bool executing; /* then neither readlink nor kcmp would return */
    const struct descriptor_query *query;
    struct descriptor found[DESCRIPTIONS_MAX];
    int count;
};

static void descriptor_count(struct count *count, int directory, const char *name)
{
    struct descriptor descriptor;
    if (!count->executing && !may_be_ours(directory, name)) return;
    if (!descriptor_matches(count->process, name, count->query, &descriptor)) return;
    for (int i = 0; i < count->count; i++)
        if (same_description(count->process, count->executing, &count->found[i], &descriptor)) return;
    count->found[count->count++] = descriptor;
}

int caller_count_descriptions(pid_t process, enum caller_phase phase, const struct descriptor_query *query)
{
    struct count count = {.process = process, .executing = phase == PHASE_EXECUTING, .query = query};
    int directory = proc_descriptors(process);
    if (directory < 0) return -1;
    alignas(struct dirent64) char entries[8192];
    for (;;) {
        ssize_t size = getdents64(directory, entries, sizeof entries);
        if (size < 0) return -1;
        for (ssize_t at = 0; at < size && count.count < DESCRIPTIONS_MAX;) {
            const struct dirent64 *entry = (const struct dirent64 *)(entries + at);
            if (entry->d_name[0] != '.') descriptor_count(&count, directory, entry->d_name);
            at += entry->d_reclen;
        }
        /* Where another entry would have fitted there is none. */
        if (size + (ssize_t)sizeof(struct dirent64) <= (ssize_t)sizeof entries) return count.count;
    }
}
