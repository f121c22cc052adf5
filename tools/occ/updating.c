/* SPDX-License-Identifier: Apache-2.0 */
#include "updating.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "liveness.h"
#include "outcome.h"
#include "terminal.h"
#include "text_diff.h"

/* ---- options ---- */

static const struct occfs_retry *preset_argument(void)
{
    if (strcmp(optarg, "default") == 0) return &occfs_retry_default;
    if (strcmp(optarg, "backoff") == 0) return &occfs_retry_backoff;
    exit(misuse("%s: not a preset (default or backoff)", optarg));
}

void updating_option(struct updating *updating, int id)
{
    switch (id) {
    case OPTION_RETRY:
        updating->preset = preset_argument();
        break;
    case OPTION_RETRIES:
        updating->has_retries = true;
        updating->retries = (unsigned)option_number(0, 1000000);
        break;
    case OPTION_DEADLINE:
        updating->has_deadline = true;
        updating->deadline_ms = (unsigned)option_duration_ms();
        break;
    case OPTION_CREATE:
        updating->create = true;
        break;
    case OPTION_REQUEST_ID:
        updating->request = option_request();
        break;
    case OPTION_UPDATE_JSON:
        updating->json = true;
        break;
    default: /* m */
        updating->message = option_message();
    }
}

/* Without a preset, attempts spread by chance, so that many clients of one file come apart. */
static struct occfs_retry policy(const struct updating *updating)
{
    static const struct occfs_retry spread = {
        .tries = UINT_MAX, .delay_ms = 10, .factor = 2, .full_jitter = true, .max_ms = 1000};
    bool limited = updating->has_retries || updating->has_deadline;
    struct occfs_retry retry = updating->preset ? *updating->preset : limited ? spread : occfs_retry_default;
    if (updating->has_retries) retry.tries = updating->retries + 1;
    if (updating->has_deadline) retry.deadline_ms = updating->deadline_ms > 0 ? updating->deadline_ms : 1;
    return retry;
}

/* ---- attempts ---- */

struct attempts {
    const char *file;
    updating_edit *edit;
    void *context;
    unsigned count;
    int code;   /* of an edit that has failed */
    void *data; /* what the last one has made, for the difference */
    size_t size;
    bool keeps_request; /* a commit that changes nothing is to be made all the same, for its id */
};

static bool changes_nothing(const struct occfs_content *old, const void *data, size_t size)
{
    return old->token[0] && old->size == size && (size == 0 || memcmp(old->data, data, size) == 0);
}

static int edit_and_keep(void *context, const struct occfs_content *old, void **ret_data, size_t *ret_size)
{
    struct attempts *attempts = context;
    void *data = NULL;
    size_t size = 0;
    attempts->count++;
    if (verbose)
        complain(attempts->file, "try %u, on version %s", attempts->count, old->token[0] ? old->token : "none");
    attempts->code = attempts->edit(attempts->context, old, &data, &size);
    if (attempts->code != EXIT_DONE) return -ECANCELED;
    free(attempts->data);
    attempts->data = malloc(size + 1);
    attempts->size = size;
    if (attempts->data && size > 0) memcpy(attempts->data, data, size);
    if (!attempts->data) {
        free(data);
        return -ENOMEM;
    }
    *ret_data = data;
    *ret_size = size;
    return !attempts->keeps_request && changes_nothing(old, data, size);
}

/* ---- when none was left ---- */

static int read_all(int fd, void **ret_data, size_t *ret_size)
{
    char *data = NULL;
    size_t size = 0, room = 0;
    for (;;) {
        if (size == room) {
            char *more = realloc(data, room = room * 2 + 4096);
            if (!more) break;
            data = more;
        }
        ssize_t got = read(fd, data + size, room - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) break;
        if (got == 0) {
            *ret_data = data;
            *ret_size = size;
            return 0;
        }
        size += (size_t)got;
    }
    int error = errno ? -errno : -ENOMEM;
    free(data);
    return error;
}

/* The newest version, and what would be other about it. */
static int tell_difference(const struct attempts *attempts, const struct occfs_outcome *outcome)
{
    char token[OCCFS_TOKEN_SIZE];
    void *data = NULL;
    size_t size = 0;
    int fd = open(attempts->file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int error = fd < 0 ? -errno : occfs_token(fd, "", token);
    if (!error) error = read_all(fd, &data, &size);
    if (fd >= 0) close(fd);
    if (error) return error;
    char *sibling = outcome_sibling(attempts->file, &outcome->conflict);
    complain(attempts->file, "%u tries were conflicts; the newest version is %s", outcome->tries, token);
    const struct diff_side newest = {attempts->file, token, data, size},
                           mine = {sibling ? sibling : attempts->file, NULL, attempts->data, attempts->size};
    error = text_diff_print(stderr, &newest, &mine);
    free(sibling);
    free(data);
    return error < 0 ? error : 0;
}

static int conclude(const struct attempts *attempts, const struct occfs_outcome *outcome, bool json)
{
    int code = outcome_tell(attempts->file, outcome, json);
    if (code != EXIT_CONFLICT) return code;
    int error = tell_difference(attempts, outcome);
    if (error) failure(attempts->file, error); /* it is a conflict all the same */
    return code;
}

int updating_run(const struct updating *updating, const char *file, updating_edit *edit, void *context)
{
    struct attempts attempts = {
        .file = file, .edit = edit, .context = context, .keeps_request = updating->request != NULL};
    const struct occfs_retry retry = policy(updating);
    const struct occfs_update_options options = {.retry = &retry,
                                                 .message = updating->message,
                                                 .request = updating->request,
                                                 .create = updating->create,
                                                 .mode = 0666};
    struct occfs_outcome outcome;
    if (liveness_refuse(file)) return EXIT_FAILURE_IO;
    int error = occfs_update(AT_FDCWD, file, edit_and_keep, &attempts, &options, &outcome);
    int code = attempts.code;
    if (!error) {
        code = conclude(&attempts, &outcome, updating->json);
        occfs_outcome_release(&outcome);
    } else if (error == -EEXIST && updating->request) {
        complain(file, "%s is the id of another content that was committed (take another id)", updating->request);
        code = EXIT_FAILURE_IO;
    } else if (code == EXIT_DONE) {
        code = failure(file, error);
    }
    free(attempts.data);
    return code;
}
