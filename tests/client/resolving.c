/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "occfs.h"

/* Leaves d/f.conflict with `mine`, on a base of its own. */
static void leave_conflict(const char *mine)
{
    struct occfs_outcome outcome;
    int fd = occfs_open(AT_FDCWD, "f", O_TRUNC, 0, NULL);
    CHECK(fd >= 0);
    put("f", "theirs");
    write_text(fd, mine);
    CHECK_NUMBER(occfs_commit(fd, &outcome), 0);
    CHECK_NUMBER(outcome.result, OCCFS_CONFLICT);
    CHECK_TEXT(outcome.conflict.sibling, "f.conflict");
    occfs_outcome_release(&outcome);
    close(fd);
}

void test_conflict(void)
{
    struct occfs_conflict conflict;
    char token[OCCFS_TOKEN_SIZE];
    put("f", "base");
    leave_conflict("mine");
    CHECK_NUMBER(occfs_conflict(AT_FDCWD, "f", &conflict), -ENODATA);
    CHECK_NUMBER(occfs_conflict(AT_FDCWD, "absent", &conflict), -ENOENT);
    CHECK_NUMBER(occfs_conflict(AT_FDCWD, ".", &conflict), -EOPNOTSUPP);
    CHECK_NUMBER(occfs_conflict(AT_FDCWD, elsewhere("copy"), &conflict), -EOPNOTSUPP);
    CHECK_NUMBER(occfs_conflict(AT_FDCWD, "f.conflict", &conflict), 0);
    CHECK_NUMBER(occfs_token(AT_FDCWD, "f", token), 0);
    CHECK_TEXT(conflict.target, "f");
    CHECK_TEXT(conflict.head, token);
    CHECK_TEXT(conflict.operation, "write");
    CHECK_NUMBER(conflict.writer.pid, getpid());
    CHECK_NUMBER((long long)conflict.size, 4);
    CHECK(conflict.sibling == NULL);
    occfs_conflict_release(&conflict);
}

void test_resolve(void)
{
    struct occfs_outcome outcome;
    struct occfs_version version;
    char head[OCCFS_TOKEN_SIZE], mine[OCCFS_TOKEN_SIZE];
    put("f", "base");
    leave_conflict("mine");
    CHECK_NUMBER(occfs_token(AT_FDCWD, "f", head), 0);
    CHECK_NUMBER(occfs_token(AT_FDCWD, "f.conflict", mine), 0);
    int directory = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    CHECK_NUMBER(occfs_resolve(directory, "f", mine, "both", 4, head, "merged", &outcome), 0);
    close(directory);
    CHECK_NUMBER(outcome.result, OCCFS_COMMITTED);
    CHECK_TEXT(get("f"), "both");
    CHECK(access("f.conflict", F_OK) != 0);
    CHECK_NUMBER(occfs_version(AT_FDCWD, "f", NULL, &version), 0);
    CHECK_TEXT(version.token, outcome.token);
    CHECK_TEXT(version.operation, "resolve");
    CHECK_TEXT(version.message, "merged");
    CHECK_NUMBER(version.parent_count, 2);
    CHECK_TEXT(version.parents[0], head);
    CHECK_TEXT(version.parents[1], mine);
    occfs_version_release(&version);
    /* With what is there already, a version all the same. */
    leave_conflict("mine again");
    CHECK_NUMBER(occfs_token(AT_FDCWD, "f.conflict", mine), 0);
    CHECK_NUMBER(occfs_resolve(AT_FDCWD, "f", mine, "theirs", 6, NULL, NULL, &outcome), 0);
    CHECK_NUMBER(outcome.result, OCCFS_COMMITTED);
    CHECK(access("f.conflict", F_OK) != 0);
    CHECK_NUMBER(versions_of("f"), 5);
}

void test_resolve_stale(void)
{
    struct occfs_outcome outcome;
    char head[OCCFS_TOKEN_SIZE], mine[OCCFS_TOKEN_SIZE], other[OCCFS_TOKEN_SIZE];
    put("f", "base");
    put("g", "of its own");
    leave_conflict("mine");
    CHECK_NUMBER(occfs_token(AT_FDCWD, "f.conflict", mine), 0);
    CHECK_NUMBER(occfs_token(AT_FDCWD, "g", other), 0);
    CHECK_NUMBER(occfs_resolve(AT_FDCWD, "absent", mine, "both", 4, NULL, NULL, &outcome), -ENOENT);
    CHECK_NUMBER(occfs_resolve(AT_FDCWD, "f", "no token", "both", 4, NULL, NULL, &outcome), -EINVAL);
    CHECK_NUMBER(occfs_resolve(AT_FDCWD, "f", other, "both", 4, NULL, NULL, &outcome), -EINVAL);
    CHECK_NUMBER(occfs_resolve(AT_FDCWD, "g", mine, "both", 4, NULL, NULL, &outcome), -EINVAL);
    CHECK_NUMBER(occfs_resolve(AT_FDCWD, elsewhere("copy"), mine, "both", 4, NULL, NULL, &outcome), -EOPNOTSUPP);
    CHECK_TEXT(get("f"), "theirs");
    CHECK_TEXT(get("g"), "of its own");
    CHECK_TEXT(get("f.conflict"), "mine");
    /* A conflict like any other: the sibling stays. */
    CHECK_NUMBER(occfs_token(AT_FDCWD, "f", head), 0);
    put("f", "newer");
    CHECK_NUMBER(occfs_resolve(AT_FDCWD, "f", mine, "both", 4, head, NULL, &outcome), 0);
    CHECK_NUMBER(outcome.result, OCCFS_CONFLICT);
    occfs_outcome_release(&outcome);
    CHECK_TEXT(get("f"), "newer");
    CHECK_TEXT(get("f.conflict"), "mine");
    /* What has come into the sibling since is not resolved unseen. */
    put("f.conflict", "mine and more");
    CHECK_NUMBER(occfs_resolve(AT_FDCWD, "f", mine, "both", 4, NULL, NULL, &outcome), -ESTALE);
    CHECK_TEXT(get("f"), "newer");
    CHECK_TEXT(get("f.conflict"), "mine and more");
}
