/* SPDX-License-Identifier: Apache-2.0 */

/* usage: client TEST
 * Runs one test of liboccfs in the working directory, which is on a mount. It knows nothing of occfs but occfs.h. */

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "occfs.h"

void check(bool condition, const char *file, int line, const char *what)
{
    if (condition) return;
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
    exit(1);
}

void check_number(long long got, long long expected, const char *file, int line, const char *what)
{
    if (got == expected) return;
    fprintf(stderr, "%s:%d: %s\ngot:      %lld%s%s\nexpected: %lld%s%s\n", file, line, what, got, got < 0 ? " " : "",
            got < 0 ? strerrorname_np((int)-got) : "", expected, expected < 0 ? " " : "",
            expected < 0 ? strerrorname_np((int)-expected) : "");
    exit(1);
}

void check_text(const char *got, const char *expected, const char *file, int line, const char *what)
{
    if (got && strcmp(got, expected) == 0) return;
    fprintf(stderr, "%s:%d: %s\ngot:      %s\nexpected: %s\n", file, line, what, got ? got : "nothing", expected);
    exit(1);
}

void put(const char *path, const char *text)
{
    int status;
    pid_t child = fork();
    if (child < 0) err(1, "fork");
    if (child == 0) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        size_t size = strlen(text);
        _exit(fd < 0 || write(fd, text, size) != (ssize_t)size || close(fd) != 0);
    }
    if (waitpid(child, &status, 0) != child || status != 0) errx(1, "%s could not be written", path);
}

void remove_by_other(const char *path)
{
    int ends[2];
    char done;
    if (pipe2(ends, O_CLOEXEC) != 0) err(1, "pipe");
    pid_t child = fork();
    if (child == 0) {
        pid_t parent = getpid();
        if (fork() != 0) _exit(0);
        while (getppid() == parent)
            usleep(1000);
        /* It does not keep the mount in use when it has told. */
        int directory = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        bool removed = chdir("/") == 0 && unlinkat(directory, path, 0) == 0 && close(directory) == 0;
        _exit(!removed || write(ends[1], "", 1) != 1);
    }
    close(ends[1]);
    if (waitpid(child, NULL, 0) != child) err(1, "waitpid");
    if (read(ends[0], &done, 1) != 1) errx(1, "%s could not be removed", path);
    close(ends[0]);
}

const char *get(const char *path)
{
    static char text[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) err(1, "%s", path);
    ssize_t size = read(fd, text, sizeof text - 1);
    if (size < 0) err(1, "%s", path);
    close(fd);
    text[size] = '\0';
    return text;
}

void write_text(int fd, const char *text)
{
    size_t size = strlen(text);
    if (write(fd, text, size) != (ssize_t)size) err(1, "write");
}

unsigned count_names(const char *text)
{
    unsigned count = 0;
    DIR *directory = opendir(".");
    if (!directory) err(1, "opendir");
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += strstr(entry->d_name, text) != NULL;
    closedir(directory);
    return count;
}

long versions_of(const char *path)
{
    struct occfs_version version;
    CHECK_NUMBER(occfs_version(AT_FDCWD, path, NULL, &version), 0);
    occfs_version_release(&version);
    return (long)version.ordinal;
}

const char *elsewhere(const char *name)
{
    static char path[4096];
    const char *directory = getenv("ELSEWHERE");
    if (!directory) errx(2, "ELSEWHERE is not set");
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

int main(int argc, char *argv[])
{
#define ENTRY(test) {#test, test_##test},
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {TESTS(ENTRY)};
    for (size_t i = 0; argc == 2 && i < sizeof tests / sizeof *tests; i++) {
        if (strcmp(argv[1], tests[i].name) != 0) continue;
        tests[i].run();
        return 0;
    }
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        puts(tests[i].name);
    return 2;
}
