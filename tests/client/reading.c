/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "occfs.h"

/* ---- tokens ---- */

void test_tokens(void)
{
    char by_path[OCCFS_TOKEN_SIZE], token[OCCFS_TOKEN_SIZE], absolute[4096];
    CHECK_NUMBER(mkdir("d", 0755), 0);
    put("d/f", "one");
    CHECK_NUMBER(occfs_token(AT_FDCWD, "d/f", by_path), 0);
    int directory = open("d", O_PATH | O_DIRECTORY | O_CLOEXEC), fd = open("d/f", O_RDONLY | O_CLOEXEC);
    CHECK_NUMBER(occfs_token(directory, "f", token), 0);
    CHECK_TEXT(token, by_path);
    CHECK_NUMBER(occfs_token(fd, "", token), 0);
    CHECK_TEXT(token, by_path);
    CHECK(realpath("d/f", absolute) != NULL);
    CHECK_NUMBER(occfs_token(-1, absolute, token), 0);
    CHECK_TEXT(token, by_path);

    put("d/f", "two");
    CHECK_NUMBER(occfs_token(fd, "", token), 0);
    CHECK_TEXT(token, by_path); /* what it was opened on */
    CHECK_NUMBER(occfs_token(directory, "f", token), 0);
    CHECK(strcmp(token, by_path) != 0);
    close(fd);

    strcpy(token, "untouched");
    CHECK_NUMBER(occfs_token(AT_FDCWD, "d/absent", token), -ENOENT);
    CHECK_NUMBER(occfs_token(AT_FDCWD, "", token), -ENOENT);
    CHECK_NUMBER(occfs_token(directory, "absent", token), -ENOENT);
    CHECK_NUMBER(occfs_token(AT_FDCWD, "d", token), -EOPNOTSUPP);
    CHECK_NUMBER(occfs_token(directory, "", token), -EBADF); /* O_PATH */
    CHECK_NUMBER(occfs_token(987, "f", token), -EBADF);
    CHECK_NUMBER(occfs_token(AT_FDCWD, "d/f/x", token), -ENOTDIR);
    CHECK_NUMBER(mkfifo("fifo", 0666), 0);
    CHECK_NUMBER(occfs_token(AT_FDCWD, "fifo", token), -EOPNOTSUPP);
    CHECK_TEXT(token, "untouched");
    close(directory);
}

/* `copy` there carries the token of a file of the mount. */
void test_tokens_elsewhere(void)
{
    char token[OCCFS_TOKEN_SIZE];
    struct occfs_version version;
    struct occfs_history *history;
    static const char *const names[] = {"plain", "copy", "directory"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        CHECK_NUMBER(occfs_token(AT_FDCWD, elsewhere(names[i]), token), -EOPNOTSUPP);
        CHECK_NUMBER(occfs_version(AT_FDCWD, elsewhere(names[i]), NULL, &version), -EOPNOTSUPP);
        CHECK_NUMBER(occfs_version(AT_FDCWD, elsewhere(names[i]), "1", &version), -EOPNOTSUPP);
        CHECK_NUMBER(occfs_version_open(AT_FDCWD, elsewhere(names[i]), "1"), -EOPNOTSUPP);
        CHECK_NUMBER(occfs_history_open(AT_FDCWD, elsewhere(names[i]), &history), -EOPNOTSUPP);
        int fd = open(elsewhere(names[i]), O_RDONLY | O_CLOEXEC);
        CHECK_NUMBER(occfs_token(fd, "", token), -EOPNOTSUPP);
        close(fd);
    }
    CHECK_NUMBER(occfs_token(AT_FDCWD, elsewhere("absent"), token), -ENOENT);
    CHECK_NUMBER(occfs_version_open(AT_FDCWD, elsewhere("absent"), "1"), -ENOENT);
    CHECK_NUMBER(occfs_history_open(AT_FDCWD, elsewhere("absent"), &history), -ENOENT);
}

/* ---- versions ---- */

void test_version_members(void)
{
    struct occfs_version version, first;
    char token[OCCFS_TOKEN_SIZE], command[32];
    put("f", "one");
    int fd = occfs_open(AT_FDCWD, "f", O_TRUNC, 0, NULL);
    CHECK(fd >= 0);
    struct occfs_outcome outcome;
    write_text(fd, "second");
    CHECK_NUMBER(occfs_set_message(fd, "says \"why\"\n\xc3\xa9"), 0);
    CHECK_NUMBER(occfs_commit(fd, &outcome), 0);
    close(fd);
    CHECK_NUMBER(occfs_token(AT_FDCWD, "f", token), 0);
    CHECK_NUMBER(occfs_version(AT_FDCWD, "f", "1", &first), 0);
    CHECK(first.message == NULL);
    CHECK_NUMBER(first.parent_count, 1); /* the one that it was created as */

    CHECK_NUMBER(occfs_version(AT_FDCWD, "f", NULL, &version), 0);
    CHECK_TEXT(version.token, token);
    CHECK_NUMBER((long long)version.ordinal, 2);
    CHECK_NUMBER(version.parent_count, 1);
    CHECK_TEXT(version.parents[0], first.token);
    CHECK_TEXT(version.operation, "write");
    CHECK_NUMBER(version.writer.uid, getuid());
    CHECK_NUMBER(version.writer.gid, getgid());
    CHECK_NUMBER(version.writer.pid, getpid());
    FILE *comm = fopen("/proc/self/comm", "re");
    CHECK(comm && fscanf(comm, "%31s", command) == 1);
    fclose(comm);
    CHECK_TEXT(version.writer.command, command);
    CHECK(version.time.tv_sec >= first.time.tv_sec && version.time.tv_sec <= time(NULL));
    CHECK_NUMBER((long long)version.size, 6);
    CHECK_NUMBER((long long)strlen(version.hash), OCCFS_HASH_SIZE - 1);
    CHECK(strcmp(version.hash, first.hash) != 0);
    CHECK_TEXT(version.message, "says \"why\"\n\xc3\xa9");
    occfs_version_release(&version);

    CHECK_NUMBER(occfs_version(AT_FDCWD, "f", first.token, &version), 0);
    CHECK_NUMBER((long long)version.ordinal, 1);
    CHECK_NUMBER((long long)version.size, 3);
    occfs_version_release(&version);
    fd = open("f", O_RDONLY | O_CLOEXEC);
    put("f", "three");
    CHECK_NUMBER(occfs_version(fd, "", NULL, &version), 0);
    CHECK_NUMBER((long long)version.ordinal, 2);
    occfs_version_release(&version);
    CHECK_NUMBER(occfs_version(fd, "", "3", &version), 0);
    CHECK_NUMBER((long long)version.ordinal, 3);
    close(fd);
    occfs_version_release(&version);
}

void test_version_refused(void)
{
    struct occfs_version version, before;
    char token[OCCFS_TOKEN_SIZE], forged[OCCFS_TOKEN_SIZE];
    put("f", "one");
    put("g", "one");
    memset(&version, 0x5a, sizeof version);
    before = version;
    CHECK_NUMBER(occfs_token(AT_FDCWD, "g", token), 0);
    CHECK_NUMBER(occfs_version(AT_FDCWD, "f", token, &version), -ENOENT);
    CHECK_NUMBER(occfs_version_open(AT_FDCWD, "f", token), -ENOENT);
    strcpy(forged, token);
    forged[strlen(forged) - 1] = forged[strlen(forged) - 1] == '0' ? '1' : '0';
    CHECK_NUMBER(occfs_version(AT_FDCWD, "f", forged, &version), -ENOENT);
    static const char *const wrong[] = {"", ".", "..", "../g", "1/", "/"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK_NUMBER(occfs_version(AT_FDCWD, "f", wrong[i], &version), -EINVAL);
        CHECK_NUMBER(occfs_version_open(AT_FDCWD, "f", wrong[i]), -EINVAL);
    }
    static const char *const absent[] = {"2", "01", "1x", "+1", "1.killed", "99999999999999999999"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
        CHECK_NUMBER(occfs_version(AT_FDCWD, "f", absent[i], &version), -ENOENT);
        CHECK_NUMBER(occfs_version_open(AT_FDCWD, "f", absent[i]), -ENOENT);
    }
    CHECK_NUMBER(occfs_version(AT_FDCWD, "absent", "1", &version), -ENOENT);
    CHECK_NUMBER(occfs_version(AT_FDCWD, ".", "1", &version), -EOPNOTSUPP);
    CHECK(memcmp(&version, &before, sizeof version) == 0);
}

void test_version_content(void)
{
    char text[16];
    CHECK_NUMBER(mkdir("d", 0755), 0);
    put("d/f", "one");
    put("d/f", "two");
    CHECK_NUMBER(symlink("d/f", "link"), 0);
    int directory = open("d", O_PATH | O_DIRECTORY | O_CLOEXEC), reader = open("d/f", O_RDONLY | O_CLOEXEC);
    int fds[] = {occfs_version_open(AT_FDCWD, "d/f", "1"), occfs_version_open(directory, "f", "1"),
                 occfs_version_open(AT_FDCWD, "link", "1"), occfs_version_open(reader, "", "1")};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
        if (fds[i] < 0) CHECK_NUMBER(fds[i], 0);
        CHECK_NUMBER(read(fds[i], text, sizeof text), 3);
        CHECK(memcmp(text, "one", 3) == 0);
        CHECK(write(fds[i], "x", 1) < 0);
        close(fds[i]);
    }
    /* The descriptor's file goes on to be itself under another name, and has no history without one. */
    CHECK_NUMBER(rename("d/f", "d/g"), 0);
    put("d/f", "another");
    int fd = occfs_version_open(reader, "", "2");
    if (fd < 0) CHECK_NUMBER(fd, 0);
    CHECK_NUMBER(read(fd, text, sizeof text), 3);
    CHECK(memcmp(text, "two", 3) == 0);
    close(fd);
    close(reader);
    close(directory);
}

void test_version_killed(void)
{
    struct occfs_version version;
    int status;
    put("f", "one");
    pid_t child = fork();
    if (child == 0) {
        int fd = open("f", O_WRONLY | O_TRUNC | O_CLOEXEC);
        write_text(fd, "half");
        raise(SIGKILL);
    }
    CHECK_NUMBER(waitpid(child, &status, 0), child);
    /* What it left is kept when its descriptors are gone, which is after its end. */
    int error = -ENOENT;
    for (int i = 0; i < 200 && error == -ENOENT; i++) {
        error = occfs_version(AT_FDCWD, "f", "1.killed", &version);
        if (error == -ENOENT) usleep(20000);
    }
    CHECK_NUMBER(error, 0);
    CHECK_TEXT(version.operation, "killed");
    CHECK_NUMBER(version.writer.pid, child);
    CHECK_NUMBER((long long)version.size, 4);
    occfs_version_release(&version);
    CHECK_NUMBER(versions_of("f"), 1);
}

/* ---- history ---- */

/* Each version down to the first, and no more. */
static void check_history(struct occfs_history *history, uint64_t newest)
{
    struct occfs_version version;
    for (uint64_t ordinal = newest + 1; ordinal-- > 0;) {
        CHECK_NUMBER(occfs_history_next(history, &version), 1);
        CHECK_NUMBER((long long)version.ordinal, (long long)ordinal);
        occfs_version_release(&version);
    }
    CHECK_NUMBER(occfs_history_next(history, &version), 0);
    CHECK_NUMBER(occfs_history_next(history, &version), 0);
    occfs_history_close(history);
}

void test_history(void)
{
    struct occfs_history *history = NULL;
    put("f", "1");
    put("f", "2");
    CHECK_NUMBER(occfs_history_open(AT_FDCWD, "f", &history), 0);
    put("f", "3"); /* not part of it any more */
    check_history(history, 2);
    int fd = open("f", O_RDONLY | O_CLOEXEC);
    put("f", "4");
    CHECK_NUMBER(occfs_history_open(fd, "", &history), 0);
    close(fd);
    check_history(history, 4); /* of the file, not up to what the descriptor shows */
    CHECK_NUMBER(symlink("f", "link"), 0);
    CHECK_NUMBER(occfs_history_open(AT_FDCWD, "link", &history), 0);
    check_history(history, 4);
    history = NULL;
    CHECK_NUMBER(occfs_history_open(AT_FDCWD, "absent", &history), -ENOENT);
    CHECK_NUMBER(occfs_history_open(AT_FDCWD, ".", &history), -EOPNOTSUPP);
    CHECK(history == NULL);
    occfs_history_close(NULL);
}

void test_history_moved(void)
{
    struct occfs_history *history;
    put("f", "1");
    put("f", "2");
    CHECK_NUMBER(occfs_history_open(AT_FDCWD, "f", &history), 0);
    CHECK_NUMBER(rename("f", "g"), 0);
    put("f", "another");
    check_history(history, 2);
    CHECK_NUMBER(occfs_history_open(AT_FDCWD, "g", &history), 0);
    check_history(history, 2);
}

void test_history_removed(void)
{
    struct occfs_history *history;
    put("f", "1");
    put("f", "2");
    CHECK_NUMBER(unlink("f"), 0);
    CHECK_NUMBER(occfs_history_open(AT_FDCWD, "f", &history), 0);
    check_history(history, 2);
}

void test_history_long(void)
{
    enum { VERSIONS = 10000 };
    struct occfs_history *history;
    struct timespec began, first;
    struct occfs_version version;
    char text[16];
    int fd = open("f", O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    for (int i = 1; i <= VERSIONS; i++) {
        snprintf(text, sizeof text, "%d", i);
        CHECK_NUMBER(pwrite(fd, text, strlen(text), 0), (long long)strlen(text));
        CHECK_NUMBER(fdatasync(fd), 0);
    }
    close(fd);
    clock_gettime(CLOCK_MONOTONIC, &began);
    CHECK_NUMBER(occfs_history_open(AT_FDCWD, "f", &history), 0);
    CHECK_NUMBER(occfs_history_next(history, &version), 1);
    clock_gettime(CLOCK_MONOTONIC, &first);
    CHECK_NUMBER((long long)version.ordinal, VERSIONS);
    occfs_version_release(&version);
    double waited = (double)(first.tv_sec - began.tv_sec) + (double)(first.tv_nsec - began.tv_nsec) / 1e9;
    fprintf(stderr, "the first of %d versions after %.1f ms\n", VERSIONS, waited * 1e3);
    check_history(history, VERSIONS - 1);
    CHECK_NUMBER(unlink("f"), 0);
    CHECK_NUMBER(occfs_history_open(AT_FDCWD, "f", &history), 0);
    check_history(history, VERSIONS);
}
