/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_CHECK_H
#define OCC_CHECK_H

#include <stdbool.h>
#include <stddef.h>

/* Tests of liboccfs: functions that run in a directory of a mount and end the program with 1 where something is not as it should be. */

#define CHECK(condition) check(condition, __FILE__, __LINE__, #condition)
#define CHECK_NUMBER(got, expected) check_number(got, expected, __FILE__, __LINE__, #got)
#define CHECK_TEXT(got, expected) check_text(got, expected, __FILE__, __LINE__, #got)

void check(bool condition, const char *file, int line, const char *what);
/* Negative ones are shown as errors. */
void check_number(long long got, long long expected, const char *file, int line, const char *what);
void check_text(const char *got, const char *expected, const char *file, int line, const char *what);

/* Somebody else, a process of its own, makes the text a file's next version. */
void put(const char *path, const char *text);
/* Somebody else, and no child: what a process's own children remove is removed by itself. */
void remove_by_other(const char *path);
/* What is in the file now. Static. */
const char *get(const char *path);
/* Writes all of the text, or fails the test. */
void write_text(int fd, const char *text);
/* How many names in the working directory contain the text. */
unsigned count_names(const char *text);
/* How many versions a file has, without the one that it was created as. */
long versions_of(const char *path);

/* A directory that is on no occfs mount: $ELSEWHERE. */
const char *elsewhere(const char *name);

#define TESTS(X)                                                                                                       \
    X(tokens)                                                                                                          \
    X(tokens_elsewhere)                                                                                                \
    X(version_members)                                                                                                 \
    X(version_refused)                                                                                                 \
    X(version_content)                                                                                                 \
    X(version_killed)                                                                                                  \
    X(history)                                                                                                         \
    X(history_moved)                                                                                                   \
    X(history_removed)                                                                                                 \
    X(history_long)                                                                                                    \
    X(commit)                                                                                                          \
    X(commit_unread)                                                                                                   \
    X(commit_conflict)                                                                                                 \
    X(commit_absent)                                                                                                   \
    X(commit_removed)                                                                                                  \
    X(open_refused)                                                                                                    \
    X(open_elsewhere)                                                                                                  \
    X(setters_elsewhere)                                                                                               \
    X(closed_on_exec)                                                                                                  \
    X(discard)                                                                                                         \
    X(message)                                                                                                         \
    X(request)                                                                                                         \
    X(update)                                                                                                          \
    X(update_sizes)                                                                                                    \
    X(update_again)                                                                                                    \
    X(update_in_vain)                                                                                                  \
    X(update_deadline)                                                                                                 \
    X(update_left)                                                                                                     \
    X(update_creates)                                                                                                  \
    X(update_not_created)                                                                                              \
    X(update_link)                                                                                                     \
    X(update_foreign_sibling)                                                                                          \
    X(update_fails)                                                                                                    \
    X(update_request)                                                                                                  \
    X(update_threads)                                                                                                  \
    X(conflict)                                                                                                        \
    X(resolve)                                                                                                         \
    X(resolve_stale)

#define DECLARE(name) void test_##name(void);
TESTS(DECLARE)
#undef DECLARE

#endif
