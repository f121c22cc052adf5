/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "occfs.h"

static void token_of(const char *path, char token[OCCFS_TOKEN_SIZE])
{
    CHECK_NUMBER(occfs_token(AT_FDCWD, path, token), 0);
}

/* A descriptor, or the test fails. */
static int opened(const char *path, int flags, const char *expected)
{
    int fd = occfs_open(AT_FDCWD, path, flags, 0644, expected);
    if (fd < 0) CHECK_NUMBER(fd, 0);
    return fd;
}

/* ---- commits ---- */

void test_commit(void)
{
    struct occfs_outcome outcome;
    char token[OCCFS_TOKEN_SIZE];
    put("f", "one, and more");
    token_of("f", token);
    int fd = opened("f", O_TRUNC, token);
    write_text(fd, "two");
    CHECK_TEXT(get("f"), "one, and more");
    CHECK_NUMBER(occfs_commit(fd, &outcome), 0);
    CHECK_NUMBER(outcome.result, OCCFS_COMMITTED);
    CHECK_NUMBER(outcome.tries, 1);
    CHECK(outcome.conflict.sibling == NULL);
    CHECK(strcmp(outcome.token, token) != 0);
    token_of("f", token);
    CHECK_TEXT(outcome.token, token);
    CHECK_TEXT(get("f"), "two");
    write_text(fd, "more"); /* the next commit's */
    CHECK_NUMBER(occfs_commit(fd, &outcome), 0);
    token_of("f", token);
    CHECK_TEXT(outcome.token, token);
    CHECK_TEXT(get("f"), "twomore");
    CHECK_NUMBER(occfs_commit(fd, &outcome), 0); /* of nothing new */
    CHECK_TEXT(outcome.token, token);
    CHECK_NUMBER(close(fd), 0);
    CHECK_NUMBER(versions_of("f"), 3);
    occfs_outcome_release(&outcome);
}

/* What the process has read before does not count: it asked for the newest. */
void test_commit_unread(void)
{
    struct occfs_outcome outcome;
    put("f", "one");
    CHECK_TEXT(get("f"), "one");
    put("f", "two");
    int fd = opened("f", O_TRUNC, NULL);
    write_text(fd, "three");
    CHECK_NUMBER(occfs_commit(fd, &outcome), 0);
    CHECK_NUMBER(outcome.result, OCCFS_COMMITTED);
    close(fd);
    CHECK_TEXT(get("f"), "three");
    /* But it is the newest at that time. */
    fd = opened("f", O_TRUNC, NULL);
    put("f", "four");
    write_text(fd, "five");
    CHECK_NUMBER(occfs_commit(fd, &outcome), 0);
    CHECK_NUMBER(outcome.result, OCCFS_CONFLICT);
    close(fd);
    occfs_outcome_release(&outcome);
    CHECK_TEXT(get("f"), "four");
}

void test_commit_conflict(void)
{
    struct occfs_outcome outcome;
    struct occfs_version kept;
    char base[OCCFS_TOKEN_SIZE], head[OCCFS_TOKEN_SIZE], path[300];
    CHECK_NUMBER(mkdir("d", 0755), 0);
    put("d/f", "base");
    token_of("d/f", base);
    put("d/f", "theirs");
    token_of("d/f", head);
    int fd = opened("d/f", O_TRUNC, base);
    write_text(fd, "mine!");
    CHECK_NUMBER(occfs_commit(fd, &outcome), 0);
    CHECK_NUMBER(outcome.result, OCCFS_CONFLICT);
    CHECK_TEXT(outcome.token, head); /* to be read before the next attempt */
    const struct occfs_conflict *conflict = &outcome.conflict;
    CHECK_TEXT(conflict->target, "f");
    CHECK_TEXT(conflict->base, base);
    CHECK_TEXT(conflict->head, head);
    CHECK_TEXT(conflict->operation, "write");
    CHECK_NUMBER(conflict->writer.uid, getuid());
    CHECK_NUMBER(conflict->writer.gid, getgid());
    CHECK_NUMBER(conflict->writer.pid, getpid());
    CHECK(conflict->writer.command[0] != '\0');
    CHECK(conflict->time.tv_sec > time(NULL) - 60 && conflict->time.tv_sec <= time(NULL));
    CHECK_NUMBER((long long)conflict->size, 5);
    CHECK(conflict->retry_after_ms > 0 && conflict->retry_after_ms < 60000);
    CHECK_TEXT(conflict->sibling, "f.conflict");
    snprintf(path, sizeof path, "d/%s", conflict->sibling);
    CHECK_TEXT(get(path), "mine!");
    CHECK_NUMBER(occfs_version(AT_FDCWD, path, NULL, &kept), 0);
    CHECK_TEXT(kept.hash, conflict->hash);
    occfs_version_release(&kept);
    CHECK_TEXT(get("d/f"), "theirs");
    occfs_outcome_release(&outcome);
    CHECK(outcome.conflict.sibling == NULL);

    write_text(fd, " more"); /* it stays conflicted */
    CHECK_NUMBER(occfs_commit(fd, &outcome), 0);
    CHECK_NUMBER(outcome.result, OCCFS_CONFLICT);
    CHECK_NUMBER((long long)outcome.conflict.size, 10);
    occfs_outcome_release(&outcome);
    close(fd);
    CHECK_TEXT(get("d/f.conflict"), "mine! more");
    CHECK_TEXT(get("d/f"), "theirs");
}

void test_commit_absent(void)
{
    struct occfs_outcome outcome;
    struct stat status;
    umask(022);
    int fd = occfs_open(AT_FDCWD, "f", 0, 0662, "");
    CHECK(fd >= 0);
    CHECK_NUMBER(occfs_open(AT_FDCWD, "f", 0, 0600, ""), -EEXIST);
    write_text(fd, "one");
    CHECK_NUMBER(occfs_commit(fd, &outcome), 0);
    CHECK_NUMBER(outcome.result, OCCFS_COMMITTED);
    close(fd);
    CHECK_TEXT(get("f"), "one");
    CHECK_NUMBER(stat("f", &status), 0);
    CHECK_NUMBER(status.st_mode & 0777, 0640);
    CHECK_NUMBER(occfs_open(AT_FDCWD, "f", 0, 0600, ""), -EEXIST);
    /* One that may be there or not. */
    close(opened("g", O_CREAT, NULL));
    close(opened("f", O_CREAT, NULL));
    CHECK_TEXT(get("f"), "one");
    CHECK_NUMBER(occfs_open(AT_FDCWD, "h", 0, 0600, NULL), -ENOENT);
    CHECK_NUMBER(occfs_open(AT_FDCWD, "absent/f", O_CREAT, 0600, NULL), -ENOENT);
    CHECK_NUMBER(symlink("i", "dangling"), 0);
    close(opened("dangling", O_CREAT, NULL));
    CHECK_NUMBER(access("i", F_OK), 0);
}

void test_commit_removed(void)
{
    struct occfs_outcome outcome;
    put("f", "one");
    int fd = opened("f", O_TRUNC, NULL);
    write_text(fd, "two");
    remove_by_other("f");
    CHECK_NUMBER(occfs_commit(fd, &outcome), 0);
    CHECK_NUMBER(outcome.result, OCCFS_CONFLICT);
    CHECK_TEXT(get(outcome.conflict.sibling), "two");
    occfs_outcome_release(&outcome);
    close(fd);
    CHECK(access("f", F_OK) != 0);
}

/* ---- what cannot be opened is left as it is ---- */

void test_open_refused(void)
{
    char token[OCCFS_TOKEN_SIZE], forged[OCCFS_TOKEN_SIZE];
    put("f", "one");
    put("g", "other");
    token_of("f", token);
    for (size_t i = 0; token[i]; i++) {
        strcpy(forged, token);
        forged[i] = token[i] == '7' ? '8' : '7';
        CHECK_NUMBER(occfs_open(AT_FDCWD, "f", O_TRUNC, 0, forged), -EINVAL);
    }
    CHECK_NUMBER(occfs_open(AT_FDCWD, "f", O_TRUNC, 0, "nonsense"), -EINVAL);
    token_of("g", token);
    CHECK_NUMBER(occfs_open(AT_FDCWD, "f", O_TRUNC, 0, token), -EINVAL); /* of another file */
    CHECK_NUMBER(mkdir("d", 0755), 0);
    CHECK_NUMBER(occfs_open(AT_FDCWD, "d", 0, 0, NULL), -EISDIR);
    CHECK_NUMBER(mkfifo("fifo", 0666), 0);
    CHECK_NUMBER(occfs_open(AT_FDCWD, "fifo", 0, 0, NULL), -EOPNOTSUPP);
    CHECK_NUMBER(occfs_open(AT_FDCWD, "absent", O_TRUNC, 0, token), -ENOENT);
    CHECK_TEXT(get("f"), "one");
    CHECK_NUMBER(versions_of("f"), 1);
}

void test_open_elsewhere(void)
{
    char token[OCCFS_TOKEN_SIZE];
    put("f", "one");
    token_of("f", token);
    static const char *const names[] = {"plain", "copy"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        CHECK_NUMBER(occfs_open(AT_FDCWD, elsewhere(names[i]), O_TRUNC, 0, NULL), -EOPNOTSUPP);
        CHECK_NUMBER(occfs_open(AT_FDCWD, elsewhere(names[i]), O_TRUNC, 0, token), -EOPNOTSUPP);
        CHECK_TEXT(get(elsewhere(names[i])), "plain");
    }
    CHECK_NUMBER(occfs_open(AT_FDCWD, elsewhere("new"), 0, 0600, ""), -EOPNOTSUPP);
    CHECK(access(elsewhere("new"), F_OK) != 0);
    CHECK_NUMBER(occfs_open(AT_FDCWD, elsewhere("new"), O_CREAT, 0600, NULL), -EOPNOTSUPP);
    CHECK(access(elsewhere("new"), F_OK) != 0);
}

void test_setters_elsewhere(void)
{
    struct occfs_outcome outcome;
    char token[OCCFS_TOKEN_SIZE];
    static const char *const names[] = {"plain", "copy"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int fd = open(elsewhere(names[i]), O_RDWR | O_CLOEXEC);
        CHECK_NUMBER(occfs_set_message(fd, "x"), -EOPNOTSUPP);
        CHECK_NUMBER(occfs_set_request(fd, "x"), -EOPNOTSUPP);
        CHECK_NUMBER(occfs_set_resolved(fd, "x"), -EOPNOTSUPP);
        CHECK_NUMBER(occfs_request(fd, "x", token), -EOPNOTSUPP);
        CHECK_NUMBER(occfs_discard(fd), -EOPNOTSUPP);
        CHECK_NUMBER(occfs_commit(fd, &outcome), -EOPNOTSUPP);
        close(fd);
    }
    CHECK_NUMBER(occfs_set_message(-1, "x"), -EBADF);
    CHECK_NUMBER(occfs_commit(-1, &outcome), -EBADF);
    CHECK_NUMBER(occfs_discard(-1), -EBADF);
}

void test_closed_on_exec(void)
{
    struct occfs_history *history;
    bool there[64];
    put("f", "one");
    for (int fd = 0; fd < 64; fd++)
        there[fd] = fcntl(fd, F_GETFD) >= 0;
    int first = opened("f", 0, NULL), second = occfs_version_open(AT_FDCWD, "f", "1");
    CHECK(fcntl(first, F_GETFD) & FD_CLOEXEC);
    CHECK(fcntl(second, F_GETFD) & FD_CLOEXEC);
    CHECK_NUMBER(occfs_history_open(AT_FDCWD, "f", &history), 0);
    for (int fd = 0; fd < 64; fd++) { /* those of the library, whichever they are */
        int flags = fcntl(fd, F_GETFD);
        if (flags >= 0 && !there[fd]) CHECK(flags & FD_CLOEXEC);
    }
    occfs_history_close(history);
    close(second);
    close(first);
    CHECK_NUMBER(open("f", O_RDONLY | O_CLOEXEC), first); /* nothing is left open */
}

/* ---- what goes with a commit ---- */

void test_discard(void)
{
    struct occfs_outcome outcome;
    put("f", "one");
    int fd = opened("f", O_TRUNC, NULL);
    write_text(fd, "half");
    CHECK_NUMBER(occfs_discard(fd), 0);
    close(fd);
    CHECK_TEXT(get("f"), "one");
    CHECK_NUMBER(versions_of("f"), 1);
    fd = opened("f", O_TRUNC, NULL);
    write_text(fd, "half");
    CHECK_NUMBER(occfs_discard(fd), 0);
    CHECK_NUMBER(lseek(fd, 0, SEEK_END), 3);
    write_text(fd, " and two");
    CHECK_NUMBER(occfs_commit(fd, &outcome), 0);
    close(fd);
    CHECK_TEXT(get("f"), "one and two");
    CHECK_NUMBER(count_names("conflict"), 0);
}

void test_message(void)
{
    enum { LONGEST = 4096 };
    char text[LONGEST + 2];
    struct occfs_outcome outcome;
    struct occfs_version version;
    put("f", "one");
    int fd = opened("f", O_TRUNC, NULL);
    memset(text, 'm', sizeof text);
    text[LONGEST + 1] = '\0';
    CHECK_NUMBER(occfs_set_message(fd, text), -E2BIG);
    CHECK_NUMBER(occfs_set_message(fd, ""), -EINVAL);
    text[LONGEST] = '\0';
    CHECK_NUMBER(occfs_set_message(fd, text), 0);
    write_text(fd, "two");
    CHECK_NUMBER(occfs_commit(fd, &outcome), 0);
    write_text(fd, "three"); /* the message was that commit's */
    CHECK_NUMBER(occfs_commit(fd, &outcome), 0);
    close(fd);
    CHECK_NUMBER(occfs_version(AT_FDCWD, "f", "2", &version), 0);
    CHECK_TEXT(version.message, text);
    occfs_version_release(&version);
    CHECK_NUMBER(occfs_version(AT_FDCWD, "f", "3", &version), 0);
    CHECK(version.message == NULL);
}

void test_request(void)
{
    struct occfs_outcome first, outcome;
    char token[OCCFS_TOKEN_SIZE], base[OCCFS_TOKEN_SIZE];
    put("f", "one");
    token_of("f", base);
    int fd = opened("f", O_TRUNC, base);
    CHECK_NUMBER(occfs_request(fd, "id-1", token), -ENODATA);
    write_text(fd, "two");
    CHECK_NUMBER(occfs_commit(fd, &first), 0);
    CHECK_NUMBER(first.result, OCCFS_COMMITTED);
    close(fd);
    put("f", "three");
    /* The reply was lost, it is tried again, on the same base. */
    fd = opened("f", O_TRUNC, base);
    CHECK_NUMBER(occfs_set_request(fd, "id-1"), 0);
    write_text(fd, "two");
    CHECK_NUMBER(occfs_commit(fd, &outcome), 0);
    CHECK_NUMBER(outcome.result, OCCFS_COMMITTED);
    CHECK_TEXT(outcome.token, first.token);
    close(fd);
    fd = opened("f", 0, NULL);
    CHECK_NUMBER(occfs_request(fd, "id-1", token), 0);
    CHECK_TEXT(token, first.token);
    CHECK_NUMBER(occfs_request(fd, "id-2", token), -ENODATA);
    CHECK_NUMBER(occfs_set_request(fd, ""), -EINVAL);
    CHECK_NUMBER(occfs_set_request(fd, "a b"), -EINVAL);
    /* Other content. */
    CHECK_NUMBER(occfs_set_request(fd, "id-1"), 0);
    write_text(fd, "four!");
    CHECK_NUMBER(occfs_commit(fd, &outcome), -EEXIST);
    CHECK_NUMBER(occfs_discard(fd), 0);
    close(fd);
    CHECK_TEXT(get("f"), "three");
    CHECK_NUMBER(versions_of("f"), 3);
    CHECK_NUMBER(count_names("conflict"), 0);
}
