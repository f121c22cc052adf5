/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Standard input becomes the content of a file.
 *
 * The file is opened first: the version that it then has is what this replaces, whatever comes while the input is read, and wrong tokens
 * and missing rights are told before anything is read. It is not written to before the input has ended. A file that does not exist is made
 * only then.
 */

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arguments.h"
#include "liveness.h"
#include "outcome.h"
#include "spool.h"
#include "terminal.h"
#include "verb.h"

enum { OPTION_MATCH = 256, OPTION_ABSENT, OPTION_FORCE, OPTION_REQUEST, OPTION_MODE, OPTION_JSON };

enum condition { CONDITION_NEWEST, CONDITION_MATCH, CONDITION_ABSENT, CONDITION_FORCE };

struct put {
    const char *file;
    enum condition condition;
    const char *token; /* of CONDITION_MATCH */
    const char *request, *message;
    bool has_mode;
    mode_t mode;
    bool json;
    int spool;
};

/* Somebody who always wins tries for ever, but does not keep others from their work. */
static const struct occfs_retry forced = {
    .tries = UINT32_MAX, .delay_ms = 10, .factor = 2, .full_jitter = true, .max_ms = 500};

/* ---- one attempt ---- */

static int prepare(const struct put *put, int fd)
{
    int error = put->message ? occfs_set_message(fd, put->message) : 0;
    if (!error && put->request) error = occfs_set_request(fd, put->request);
    return error;
}

/* Writes the input and commits. What fails leaves the file as it is. */
static int write_all(const struct put *put, int fd, struct occfs_outcome *ret_outcome)
{
    int error = prepare(put, fd);
    if (!error && ftruncate(fd, 0) != 0) error = -errno;
    if (!error) error = spool_send(put->spool, fd, put->file);
    if (!error) error = occfs_commit(fd, ret_outcome);
    if (error) occfs_discard(fd);
    return error;
}

/* A writer that is killed before its file has a version commits what is there: the signals wait until it is whole. */
static void signals_block(sigset_t *ret_before)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, ret_before);
}

/* Removes a file that was made for nothing, unless somebody else has written to it meanwhile. */
static void unmake(const struct put *put, int fd)
{
    char made[OCCFS_TOKEN_SIZE], now[OCCFS_TOKEN_SIZE];
    if (occfs_token(fd, "", made) == 0 && occfs_token(AT_FDCWD, put->file, now) == 0 && strcmp(made, now) == 0)
        unlink(put->file);
}

/* 1: it is there meanwhile. */
static int create(const struct put *put, struct occfs_outcome *ret_outcome)
{
    sigset_t before;
    signals_block(&before);
    int fd = occfs_open(AT_FDCWD, put->file, 0, put->has_mode ? put->mode : 0666, "");
    int error = fd == -EEXIST ? 1 : fd < 0 ? fd : 0;
    if (!error && put->has_mode && fchmod(fd, put->mode) != 0) error = -errno; /* whatever the umask */
    if (!error) error = write_all(put, fd, ret_outcome);
    if (error < 0 && fd >= 0) unmake(put, fd);
    if (fd >= 0) close(fd);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return error;
}

/* ---- conditions ---- */

/* What cannot be kept as a conflict of a version, since there was none, is kept beside what is there now. */
static char *keep_beside(const struct put *put)
{
    enum { NUMBERS = 1000, STEM_MAX = NAME_MAX - 16 };
    const char *slash = strrchr(put->file, '/'), *name = slash ? slash + 1 : put->file;
    char *path;
    int stem = (int)strnlen(name, STEM_MAX), fd = -1;
    while (stem == STEM_MAX && ((unsigned char)name[stem] & 0xc0) == 0x80)
        stem--; /* where a character ends */
    for (int number = 1; number < NUMBERS; number++) {
        char count[16] = "";
        if (number > 1) snprintf(count, sizeof count, ".%d", number);
        if (asprintf(&path, "%.*s%s.conflict", (int)(name - put->file) + stem, put->file, count) < 0) return NULL;
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, put->has_mode ? put->mode : 0666);
        if (fd >= 0 || errno != EEXIST) break;
        free(path);
        path = NULL;
    }
    int error = fd < 0 ? -errno : spool_send(put->spool, fd, NULL);
    if (fd >= 0 && close(fd) != 0 && !error) error = -errno;
    if (!error) return path;
    free(path);
    return NULL;
}

/* It was not there when this began, and now is. */
static int appeared(const struct put *put)
{
    struct occfs_outcome outcome = {.result = OCCFS_CONFLICT, .tries = 1};
    char *kept = keep_beside(put);
    char *slash = kept ? strrchr(kept, '/') : NULL;
    int error = occfs_token(AT_FDCWD, put->file, outcome.token);
    outcome.conflict.sibling = slash ? slash + 1 : kept;
    int code = error && error != -ENOENT ? failure(put->file, error) : outcome_tell(put->file, &outcome, put->json);
    free(kept);
    return code;
}

static void wait_ms(long ms)
{
    const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

/* Forgets a conflict: the same content is written again. What was kept for somebody else before, which is the same, stays. */
static void remove_sibling(const struct put *put, struct occfs_outcome *outcome)
{
    struct occfs_conflict found;
    char *path = outcome_sibling(put->file, &outcome->conflict);
    if (path && occfs_conflict(AT_FDCWD, path, &found) == 0) {
        if (found.writer.pid == getpid()) unlink(path);
        occfs_conflict_release(&found);
    }
    free(path);
    occfs_outcome_release(outcome);
}

/* On the newest version, or on none, until it lands. */
static int force(const struct put *put, struct occfs_outcome *ret_outcome)
{
    for (unsigned tries = 1;; tries++) {
        int fd = occfs_open(AT_FDCWD, put->file, 0, 0, NULL);
        int error = fd < 0 ? fd : write_all(put, fd, ret_outcome);
        if (fd >= 0) close(fd);
        if (error == -ENOENT) error = create(put, ret_outcome);
        if (error < 0) return error;
        if (error == 0) {
            ret_outcome->tries = tries;
            if (ret_outcome->result != OCCFS_CONFLICT) return 0;
            remove_sibling(put, ret_outcome);
        }
        if (verbose) complain(put->file, "somebody else was faster: try %u follows", tries + 1);
        wait_ms(occfs_retry_delay(&forced, tries, 0));
    }
}

/* ---- the whole ---- */

static int complete(const struct put *put, int error, struct occfs_outcome *outcome)
{
    if (error == -EEXIST && put->request) {
        complain(put->file, "%s is the id of another content that was committed (take another id)", put->request);
        return EXIT_FAILURE_IO;
    }
    if (error) return failure(put->file, error);
    int code = outcome_tell(put->file, outcome, put->json);
    occfs_outcome_release(outcome);
    return code;
}

static int write_existing(const struct put *put, int fd)
{
    struct occfs_outcome outcome;
    int error = spool_receive(put->spool, STDIN_FILENO, "reading");
    if (error) return failure("standard input", error);
    error = put->condition == CONDITION_FORCE ? force(put, &outcome) : write_all(put, fd, &outcome);
    return complete(put, error, &outcome);
}

static int write_new(const struct put *put)
{
    struct occfs_outcome outcome;
    int error = spool_receive(put->spool, STDIN_FILENO, "reading");
    if (error) return failure("standard input", error);
    error = put->condition == CONDITION_FORCE ? force(put, &outcome) : create(put, &outcome);
    return error > 0 ? appeared(put) : complete(put, error, &outcome);
}

/* Whether the file that exists may be written at all: not under --if-absent, unless this request has made it. */
static int check_absent(const struct put *put, int fd, bool *ret_refused)
{
    char token[OCCFS_TOKEN_SIZE];
    int error = put->condition == CONDITION_ABSENT && put->request ? occfs_request(fd, put->request, token) : -ENODATA;
    *ret_refused = put->condition == CONDITION_ABSENT && error == -ENODATA;
    return error == -ENODATA ? 0 : error;
}

static int put_open(const struct put *put, int fd)
{
    bool refused;
    int error = check_absent(put, fd, &refused);
    if (!error && !refused) error = prepare(put, fd);
    if (error) return failure(put->file, error);
    if (!refused) return write_existing(put, fd);
    complain(put->file, "exists already (nothing was read)");
    return EXIT_CONFLICT;
}

static int put_file(const struct put *put)
{
    if (put->condition != CONDITION_FORCE && liveness_refuse(put->file)) return EXIT_FAILURE_IO;
    int fd = occfs_open(AT_FDCWD, put->file, 0, 0, put->token);
    if (fd == -ENOENT && put->condition != CONDITION_MATCH) return write_new(put);
    if (fd == -ENOENT) {
        complain(put->file, "does not exist, so that no version of it is the newest (nothing was read)");
        return EXIT_CONFLICT;
    }
    if (fd == -EINVAL && put->token) return misuse("%s: not a token of a version of %s", put->token, put->file);
    if (fd < 0) return failure(put->file, fd);
    int code = put_open(put, fd);
    close(fd);
    return code;
}

static void choose(struct put *put, enum condition condition)
{
    if (put->condition != CONDITION_NEWEST) exit(misuse("--if-match, --if-absent and --force exclude each other"));
    put->condition = condition;
}

static mode_t mode_argument(void)
{
    char *end;
    unsigned long mode = strtoul(optarg, &end, 8);
    if (*optarg < '0' || *optarg > '7' || *end || mode > 07777) exit(misuse("%s: not a mode, as 640", optarg));
    return (mode_t)mode;
}

static void take_option(struct put *put, int id)
{
    switch (id) {
    case OPTION_MATCH:
        choose(put, CONDITION_MATCH);
        put->token = optarg;
        break;
    case OPTION_ABSENT:
        choose(put, CONDITION_ABSENT);
        break;
    case OPTION_FORCE:
        choose(put, CONDITION_FORCE);
        break;
    case OPTION_REQUEST:
        put->request = option_request();
        break;
    case OPTION_MODE:
        put->has_mode = true;
        put->mode = mode_argument();
        break;
    case OPTION_JSON:
        put->json = true;
        break;
    default: /* m */
        put->message = option_message();
    }
}

static int run(int argc, char *argv[])
{
    struct put put = {0};
    for (int id; (id = option_next(argc, argv)) != -1;)
        take_option(&put, id);
    operands_check(argc, 1, 1);
    put.file = argv[optind];
    put.spool = spool_open();
    if (put.spool < 0) return spool_failure(put.spool);
    int code = put_file(&put);
    close(put.spool);
    return code;
}

const struct verb verb_of_put = {
    .name = "put",
    .operands = "FILE",
    .summary = "make standard input the content of a file",
    .help = "Reads standard input to its end, and then commits it as the next version of FILE, provided that FILE is "
            "still at\n"
            "the version that it had at the beginning; else exits with 75, and what was read is kept beside FILE. A "
            "file that\n"
            "does not exist is made. Prints the token of the version that was made.",
    .options =
        (const struct verb_option[]){
            {OPTION_MATCH, "if-match", ARGUMENT_TOKEN, "TOKEN", "only if this is the newest version", NULL},
            {OPTION_ABSENT, "if-absent", ARGUMENT_NONE, NULL, "only if the file does not exist", NULL},
            {OPTION_FORCE, "force", ARGUMENT_NONE, NULL, "whatever the newest version is by then", NULL},
            {OPTION_JSON, "json", ARGUMENT_NONE, NULL, "tell the outcome as a JSON object", NULL},
            {'m', "message", ARGUMENT_TEXT, "MESSAGE", "for the history", NULL},
            {OPTION_MODE, "mode", ARGUMENT_TEXT, "MODE", "of a file that is made, as 640", NULL},
            {OPTION_REQUEST, "request-id", ARGUMENT_TEXT, "ID", "commit once, however often it is tried", NULL},
            {0},
        },
    .operand = ARGUMENT_PATH,
    .run = run,
};
