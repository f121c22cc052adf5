/* SPDX-License-Identifier: Apache-2.0 */

/*
 * usage: history FILE
 * Lists the versions of FILE, the newest first, and what each begins with.
 *
 *     cc -o history history.c $(pkg-config --cflags --libs occfs)
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <occfs.h>

static void print_version(const struct occfs_version *version, const char *begin)
{
    char when[32];
    struct tm local;
    localtime_r(&version->time.tv_sec, &local);
    strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &local);
    printf("%llu\t%s\t%s\t%s\t%llu\t%s\t%s\n", (unsigned long long)version->ordinal, when, version->operation,
           version->writer.command, (unsigned long long)version->size, version->message ? version->message : "-",
           begin);
}

/* The first line of a version's content, as far as it fits. */
static int read_begin(const char *path, const struct occfs_version *version, char *begin, size_t size)
{
    int fd = occfs_version_open(AT_FDCWD, path, version->token);
    if (fd < 0) return fd;
    ssize_t got = read(fd, begin, size - 1);
    close(fd);
    begin[got > 0 ? got : 0] = '\0';
    begin[strcspn(begin, "\n")] = '\0';
    return 0;
}

int main(int argc, char *argv[])
{
    struct occfs_history *history;
    struct occfs_version version;
    if (argc != 2) {
        fprintf(stderr, "usage: history FILE\n");
        return 2;
    }
    int error = occfs_history_open(AT_FDCWD, argv[1], &history);
    if (error) {
        fprintf(stderr, "history: %s: %s\n", argv[1], strerror(-error));
        return 1;
    }
    while ((error = occfs_history_next(history, &version)) == 1) {
        char begin[40];
        error = read_begin(argv[1], &version, begin, sizeof begin);
        if (!error) print_version(&version, begin);
        occfs_version_release(&version);
        if (error) break;
    }
    occfs_history_close(history);
    if (error) fprintf(stderr, "history: %s: %s\n", argv[1], strerror(-error));
    return error != 0;
}
