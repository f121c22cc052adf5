/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_UPDATING_H
#define OCC_UPDATING_H

#include "occfs.h"
#include "verb.h"

/*
 * What verbs have in common that change a file by its content: the options, trying again, and what is told in the end. When all attempts
 * have been conflicts, that is the token of the newest version and the difference from it to what would have been written, on standard error.
 */

enum { OPTION_RETRY = 300, OPTION_RETRIES, OPTION_DEADLINE, OPTION_REQUEST_ID, OPTION_CREATE, OPTION_UPDATE_JSON };

/* For the table of options of a verb. */
#define UPDATING_OPTIONS                                                                                               \
    {'m', "message", ARGUMENT_TEXT, "MESSAGE", "for the history", NULL},                                               \
        {OPTION_RETRY, "retry", ARGUMENT_WORD, "PRESET", "how to try again: default or backoff", "default|backoff"},   \
        {OPTION_RETRIES, "retries", ARGUMENT_NUMBER, "N", "try again so often after a conflict", NULL},                \
        {OPTION_DEADLINE, "deadline", ARGUMENT_TEXT, "TIME", "do not try again after that, as 500ms, 5s or 2m", NULL}, \
        {OPTION_CREATE, "create", ARGUMENT_NONE, NULL, "make the file if it does not exist, from nothing", NULL},      \
        {OPTION_REQUEST_ID, "request-id", ARGUMENT_TEXT, "ID", "commit once, however often it is tried", NULL},        \
    {                                                                                                                  \
        OPTION_UPDATE_JSON, "json", ARGUMENT_NONE, NULL, "tell the outcome as a JSON object", NULL                     \
    }

struct updating {
    const struct occfs_retry *preset; /* NULL: none was chosen */
    bool has_retries, has_deadline;
    unsigned retries, deadline_ms;
    const char *request, *message;
    bool create, json;
};

/* Takes one of the options above. */
void updating_option(struct updating *updating, int id);

/*
 * Makes new content of the old, in memory that updating_run frees, and returns EXIT_DONE; or says why not, and returns the exit code with
 * which the verb ends. May be called more than once.
 */
typedef int updating_edit(void *context, const struct occfs_content *old, void **ret_data, size_t *ret_size);

/* Returns the exit code of the verb. */
int updating_run(const struct updating *updating, const char *file, updating_edit *edit, void *context);

#endif
