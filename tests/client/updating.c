/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "occfs.h"

/* What the edit of a test does, and what it has seen. */
struct script {
    const char *path;   /* of the file that somebody else writes to */
    unsigned disturbed; /* how many times */
    int result;         /* of the edit */
    unsigned calls;
    char seen[64]; /* the last old content */
    char token[OCCFS_TOKEN_SIZE];
};

/* Counts one up. */
static int count_up(void *context, const struct occfs_content *old, void **ret_data, size_t *ret_size)
{
    struct script *script = context;
    char text[24], theirs[24];
    script->calls++;
    CHECK(old->size < sizeof script->seen);
    if (old->size > 0) memcpy(script->seen, old->data, old->size);
    script->seen[old->size] = '\0';
    strcpy(script->token, old->token);
    if (script->calls <= script->disturbed) {
        snprintf(theirs, sizeof theirs, "%d", atoi(script->seen) + 100);
        put(script->path, theirs);
    }
    snprintf(text, sizeof text, "%d", atoi(script->seen) + 1);
    *ret_data = strdup(text); /* freed also where it is not wanted */
    *ret_size = strlen(text);
    return script->result;
}

static int run(const char *path, struct script *script, const struct occfs_update_options *options,
               struct occfs_outcome *ret_outcome)
{
    if (!script->path) script->path = path;
    return occfs_update(AT_FDCWD, path, count_up, script, options, ret_outcome);
}

void test_update(void)
{
    struct occfs_outcome outcome;
    struct script script = {0};
    char token[OCCFS_TOKEN_SIZE];
    CHECK_NUMBER(mkdir("d", 0755), 0);
    put("d/f", "1");
    CHECK_NUMBER(occfs_token(AT_FDCWD, "d/f", token), 0);
    CHECK_NUMBER(run("d/f", &script, NULL, &outcome), 0);
    CHECK_TEXT(script.token, token);
    CHECK_NUMBER(outcome.result, OCCFS_COMMITTED);
    CHECK_NUMBER(outcome.tries, 1);
    CHECK_NUMBER(occfs_token(AT_FDCWD, "d/f", token), 0);
    CHECK_TEXT(outcome.token, token);
    CHECK_TEXT(get("d/f"), "2");
    int directory = open("d", O_PATH | O_DIRECTORY | O_CLOEXEC);
    const struct occfs_update_options options = {.message = "why"};
    struct occfs_version version;
    CHECK_NUMBER(occfs_update(directory, "f", count_up, &script, &options, &outcome), 0);
    close(directory);
    CHECK_NUMBER(occfs_version(AT_FDCWD, "d/f", NULL, &version), 0);
    CHECK_TEXT(version.message, "why");
    CHECK_NUMBER((long long)version.ordinal, 3);
    occfs_version_release(&version);
    CHECK_NUMBER(run("absent", &script, NULL, &outcome), -ENOENT);
    CHECK_NUMBER(run("d", &script, NULL, &outcome), -EISDIR);
    CHECK_NUMBER(run(elsewhere("plain"), &script, NULL, &outcome), -EOPNOTSUPP);
    CHECK_TEXT(get(elsewhere("plain")), "plain");
    CHECK_NUMBER(script.calls, 2);
}

/* ---- contents of any size ---- */

static int resize(void *context, const struct occfs_content *old, void **ret_data, size_t *ret_size)
{
    size_t size = *(size_t *)context;
    char *data = size > 0 ? malloc(size) : NULL;
    CHECK(size == 0 || data);
    for (size_t i = 0; i < size; i++)
        data[i] = (char)('a' + i % 23);
    for (size_t i = 0; i < old->size; i++)
        CHECK(((const char *)old->data)[i] == (char)('a' + i % 23));
    *ret_data = data;
    *ret_size = size;
    return 0;
}

void test_update_sizes(void)
{
    static size_t sizes[] = {1, 100000, 3, 0, 5000000, 4999999, 0, 131072, 131073};
    struct occfs_outcome outcome;
    struct stat status;
    put("f", "");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        CHECK_NUMBER(occfs_update(AT_FDCWD, "f", resize, &sizes[i], NULL, &outcome), 0);
        CHECK_NUMBER(outcome.result, OCCFS_COMMITTED);
        CHECK_NUMBER(stat("f", &status), 0);
        CHECK_NUMBER(status.st_size, (long long)sizes[i]);
    }
}

/* ---- conflicts ---- */

void test_update_again(void)
{
    struct occfs_outcome outcome;
    struct script script = {.disturbed = 2};
    put("f", "1");
    CHECK_NUMBER(run("f", &script, NULL, &outcome), 0);
    CHECK_NUMBER(outcome.result, OCCFS_COMMITTED);
    CHECK_NUMBER(outcome.tries, 3);
    CHECK_NUMBER(script.calls, 3);
    CHECK_TEXT(script.seen, "201");
    CHECK_TEXT(get("f"), "202");
    CHECK_NUMBER(count_names("conflict"), 0);
}

void test_update_in_vain(void)
{
    struct occfs_outcome outcome;
    struct script script = {.disturbed = 100};
    put("f", "1");
    CHECK_NUMBER(run("f", &script, NULL, &outcome), 0);
    CHECK_NUMBER(outcome.result, OCCFS_CONFLICT);
    CHECK_NUMBER(outcome.tries, 5);
    CHECK_NUMBER(script.calls, 5);
    CHECK_NUMBER(count_names("conflict"), 1);
    CHECK_TEXT(get(outcome.conflict.sibling), "402");
    occfs_outcome_release(&outcome);
    CHECK_TEXT(get("f"), "501");
    const struct occfs_retry once = {.tries = 1};
    const struct occfs_update_options options = {.retry = &once};
    script.calls = 0;
    CHECK_NUMBER(run("f", &script, &options, &outcome), 0);
    CHECK_NUMBER(outcome.result, OCCFS_CONFLICT);
    CHECK_NUMBER(outcome.tries, 1);
    occfs_outcome_release(&outcome);
    CHECK_NUMBER(count_names("conflict"), 2);
}

void test_update_deadline(void)
{
    struct occfs_outcome outcome;
    struct script script = {.disturbed = 1000};
    const struct occfs_retry retry = {.tries = 1000, .delay_ms = 30, .factor = 1, .deadline_ms = 200};
    const struct occfs_update_options options = {.retry = &retry};
    put("f", "1");
    CHECK_NUMBER(run("f", &script, &options, &outcome), 0);
    CHECK_NUMBER(outcome.result, OCCFS_CONFLICT);
    CHECK(outcome.tries <= 7); /* 200 / 30, and the first */
    CHECK_NUMBER(outcome.tries, script.calls);
    occfs_outcome_release(&outcome);
    CHECK_NUMBER(count_names("conflict"), 1);
}

/* ---- edits that make nothing ---- */

void test_update_left(void)
{
    struct occfs_outcome outcome;
    struct script script = {.result = 1};
    char token[OCCFS_TOKEN_SIZE];
    put("f", "1");
    CHECK_NUMBER(run("f", &script, NULL, &outcome), 0);
    CHECK_NUMBER(outcome.result, OCCFS_LEFT);
    CHECK_NUMBER(occfs_token(AT_FDCWD, "f", token), 0);
    CHECK_TEXT(outcome.token, token);
    script.result = -ECANCELED;
    CHECK_NUMBER(run("f", &script, NULL, &outcome), -ECANCELED);
    CHECK_NUMBER(script.calls, 2);
    CHECK_TEXT(get("f"), "1");
    CHECK_NUMBER(versions_of("f"), 1);
}

void test_update_creates(void)
{
    struct occfs_outcome outcome;
    struct script script = {0};
    struct stat status;
    const struct occfs_update_options options = {.create = true, .mode = 0640};
    umask(0);
    CHECK_NUMBER(run("f", &script, &options, &outcome), 0);
    CHECK_NUMBER(outcome.result, OCCFS_COMMITTED);
    CHECK_TEXT(script.token, "");
    CHECK_TEXT(get("f"), "1");
    CHECK_NUMBER(stat("f", &status), 0);
    CHECK_NUMBER(status.st_mode & 0777, 0640);
    CHECK_NUMBER(run("f", &script, &options, &outcome), 0);
    CHECK_TEXT(get("f"), "2");
    /* Somebody makes it between the two looks: what is there then is changed. */
    script = (struct script){.disturbed = 1};
    CHECK_NUMBER(run("g", &script, &options, &outcome), 0);
    CHECK_NUMBER(outcome.result, OCCFS_COMMITTED);
    CHECK_NUMBER(script.calls, 2);
    CHECK_TEXT(get("g"), "101");
    CHECK_NUMBER(count_names("conflict"), 0);
}

void test_update_not_created(void)
{
    struct occfs_outcome outcome;
    const struct occfs_update_options options = {.create = true, .mode = 0644};
    static const int results[] = {1, -ENOENT, -EEXIST, -ECANCELED};
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
        struct script script = {.result = results[i]};
        int error = run("f", &script, &options, &outcome);
        CHECK_NUMBER(error, results[i] > 0 ? 0 : results[i]);
        if (!error) CHECK_NUMBER(outcome.result, OCCFS_LEFT);
        CHECK_NUMBER(script.calls, 1);
        CHECK(access("f", F_OK) != 0);
    }
    struct script script = {0};
    CHECK_NUMBER(run("absent/f", &script, &options, &outcome), -ENOENT);
    CHECK_NUMBER(symlink("nowhere", "dangling"), 0);
    CHECK_NUMBER(run("dangling", &script, &options, &outcome), -EEXIST);
    CHECK(access("nowhere", F_OK) != 0);
}

/* ---- siblings ---- */

void test_update_link(void)
{
    struct occfs_outcome outcome;
    struct script script = {.path = "d/f", .disturbed = 1};
    CHECK_NUMBER(mkdir("d", 0755), 0);
    put("d/f", "1");
    CHECK_NUMBER(symlink("d/f", "link"), 0);
    put("f.conflict", "nobody's");
    put("link.conflict", "nobody's");
    CHECK_NUMBER(run("link", &script, NULL, &outcome), 0);
    CHECK_NUMBER(outcome.tries, 2);
    CHECK_TEXT(get("d/f"), "102");
    CHECK(access("d/f.conflict", F_OK) != 0);
    CHECK_TEXT(get("f.conflict"), "nobody's");
    CHECK_TEXT(get("link.conflict"), "nobody's");
}

/* The same bytes were kept for somebody else: they are still theirs. */
void test_update_foreign_sibling(void)
{
    struct occfs_outcome outcome;
    struct script script = {.disturbed = 1};
    put("f", "1");
    int fd = occfs_open(AT_FDCWD, "f", O_TRUNC, 0, NULL);
    put("f", "5");
    write_text(fd, "6");
    if (fork() == 0) { /* somebody else */
        int error = occfs_commit(fd, &outcome);
        _exit(error || outcome.result != OCCFS_CONFLICT);
    }
    int status;
    CHECK(wait(&status) > 0 && status == 0);
    close(fd);
    CHECK_NUMBER(count_names("conflict"), 1);
    CHECK_NUMBER(run("f", &script, NULL, &outcome), 0);
    CHECK_NUMBER(outcome.tries, 2);
    CHECK_TEXT(get("f.conflict"), "6");
}

/* ---- failures, requests ---- */

void test_update_fails(void)
{
    struct occfs_outcome outcome;
    size_t size = 3 << 20;
    struct rlimit limit = {1 << 20, RLIM_INFINITY};
    put("f", "abc");
    signal(SIGXFSZ, SIG_IGN);
    CHECK_NUMBER(setrlimit(RLIMIT_FSIZE, &limit), 0);
    CHECK_NUMBER(occfs_update(AT_FDCWD, "f", resize, &size, NULL, &outcome), -EFBIG);
    const struct occfs_update_options options = {.create = true, .mode = 0644};
    CHECK_NUMBER(occfs_update(AT_FDCWD, "g", resize, &size, &options, &outcome), -EFBIG);
    limit.rlim_cur = RLIM_INFINITY;
    CHECK_NUMBER(setrlimit(RLIMIT_FSIZE, &limit), 0);
    CHECK_TEXT(get("f"), "abc");
    CHECK_NUMBER(versions_of("f"), 1);
    CHECK(access("g", F_OK) != 0);
}

void test_update_request(void)
{
    struct occfs_outcome first, outcome;
    struct script script = {0};
    const struct occfs_update_options options = {.request = "update-1", .create = true, .mode = 0644};
    CHECK_NUMBER(run("f", &script, &options, &first), 0);
    CHECK_NUMBER(first.result, OCCFS_COMMITTED);
    put("f", "7");
    CHECK_NUMBER(run("f", &script, &options, &outcome), 0);
    CHECK_NUMBER(outcome.result, OCCFS_COMMITTED);
    CHECK_TEXT(outcome.token, first.token);
    CHECK_NUMBER(script.calls, 1);
    CHECK_TEXT(get("f"), "7");
    const struct occfs_update_options other = {.request = "update-2"};
    script.disturbed = script.calls + 1; /* an attempt that conflicts uses no id up */
    CHECK_NUMBER(run("f", &script, &other, &outcome), 0);
    CHECK_NUMBER(outcome.tries, 2);
    CHECK_TEXT(get("f"), "108");
    CHECK_NUMBER(run("f", &script, &other, &outcome), 0);
    CHECK_TEXT(get("f"), "108");
    CHECK_NUMBER(script.calls, 3);
}

/* ---- threads ---- */

enum { THREADS = 8, UPDATES = 25 };

static void *count_often(void *context)
{
    const struct occfs_retry patient = {
        .tries = 10000, .delay_ms = 5, .factor = 1.5, .full_jitter = true, .max_ms = 100};
    for (int i = 0; i < UPDATES; i++) {
        char id[32];
        snprintf(id, sizeof id, "thread-%d-%d", *(int *)context, i);
        /* Some with an id: two that count to the same number at once are two requests all the same. */
        const struct occfs_update_options options = {.retry = &patient, .request = i % 2 ? id : NULL};
        struct occfs_outcome outcome;
        struct script script = {0};
        CHECK_NUMBER(run("f", &script, &options, &outcome), 0);
        CHECK_NUMBER(outcome.result, OCCFS_COMMITTED);
    }
    return NULL;
}

void test_update_threads(void)
{
    static int numbers[] = {0, 1, 2, 3, 4, 5, 6, 7};
    pthread_t threads[THREADS];
    char expected[16];
    put("f", "0");
    for (int i = 0; i < THREADS; i++)
        CHECK_NUMBER(pthread_create(&threads[i], NULL, count_often, &numbers[i]), 0);
    for (int i = 0; i < THREADS; i++)
        CHECK_NUMBER(pthread_join(threads[i], NULL), 0);
    snprintf(expected, sizeof expected, "%d", THREADS * UPDATES);
    CHECK_TEXT(get("f"), expected);
    CHECK_NUMBER(versions_of("f"), THREADS * UPDATES + 1);
    CHECK_NUMBER(count_names("conflict"), 0);
}
