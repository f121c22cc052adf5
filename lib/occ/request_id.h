/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_REQUEST_ID_H
#define OCC_REQUEST_ID_H

#include "commit.h"
#include "decide.h"

/*
 * Commits that can be asked for again. A writer whose answer was lost (it crashed, or the daemon did) cannot know whether its commit
 * happened. If it gives the commit an id, the same id with the same content within REQUEST_LIFETIME_S leads to the version that the first
 * attempt made, whatever has become of the file since.
 *
 * The record is in the batch that makes the version, so that either both survive a crash or neither does. Two attempts at once make one
 * version: the record is expected to be absent.
 */
enum { REQUEST_LIFETIME_S = 24 * 60 * 60 };

/* Not an error number: somebody has made the request since it was looked for. */
enum { REQUEST_MEANWHILE = 3 };

/* Whether the request was made before, and if so the version that it made. The draft's lock is held. */
int request_id_look(struct draft *draft, const struct commit_request *request, enum repetition *ret_repetition,
                    struct version *ret_version);

/* The version that a request has made; ERR_NOT_FOUND if there was none, or it has expired. */
int request_id_made(struct store *store, uint64_t lineage, const char *id, struct version_id *ret_version);

/* In the transaction of the commit: notes what the request has made. REQUEST_MEANWHILE. A request without an id is not noted. */
int request_id_note(struct transaction *tx, const struct draft *draft, const struct commit_request *request,
                    uint64_t lineage, const struct version_id *version);

/* Removes some of what has expired, in small steps. */
int request_id_expire(struct store *store);

#endif
