/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void die(const char *format, ...)
{
    int error = errno;
    va_list arguments;
    fprintf(stderr, "bench: ");
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, error ? ": %s\n" : "\n", strerror(error));
    exit(1);
}

char *file_path(char path[PATH_ROOM], unsigned number)
{
    snprintf(path, PATH_ROOM, "file-%u", number);
    return path;
}

char *tree_path(char path[PATH_ROOM], unsigned number)
{
    snprintf(path, PATH_ROOM, "directory-%u/file-%u", number / FILES_PER_DIRECTORY, number);
    return path;
}

const void *content(uint64_t number)
{
    enum { STEP = 4099 }; /* odd: it comes by every offset of a MiB before it repeats */
    static uint64_t pool[2 * MIB / sizeof(uint64_t)];
    if (pool[0] == 0) {
        uint64_t state = 88172645463325252ULL;
        for (size_t i = 0; i < sizeof pool / sizeof pool[0]; i++) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            pool[i] = state;
        }
    }
    return (const uint8_t *)pool + number * STEP % MIB;
}

void file_put(const char *path, int flags, size_t size, uint64_t number)
{
    int file = open(path, O_WRONLY | O_CLOEXEC | flags, 0644);
    if (file < 0) die("open %s", path);
    if (write(file, content(number), size) != (ssize_t)size) die("write %s", path);
    if (close(file) != 0) die("close %s", path);
}

void files_make(unsigned count, size_t size)
{
    char path[PATH_ROOM];
    for (unsigned i = 0; i < count; i++)
        file_put(file_path(path, i), O_CREAT | O_EXCL, size, i);
}

void tree_make(unsigned count, size_t size)
{
    char path[PATH_ROOM];
    for (unsigned i = 0; i < count; i++) {
        tree_path(path, i);
        if (i % FILES_PER_DIRECTORY == 0) {
            char *slash = strchr(path, '/');
            *slash = '\0';
            if (mkdir(path, 0755) != 0) die("mkdir %s", path);
            *slash = '/';
        }
        file_put(path, O_CREAT | O_EXCL, size, i);
    }
}
