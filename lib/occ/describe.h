/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_DESCRIBE_H
#define OCC_DESCRIBE_H

#include <jansson.h>

#include "version.h"

/*
 * Pieces of the JSON that users read. Each call returns a new reference, NULL when out of memory; json_pack with such a piece
 * ("o") then fails as a whole.
 */

/* Names and commands may be any bytes, JSON strings may not: where a text is not UTF-8, every byte above 127 becomes '?'. */
json_t *describe_text(const char *bytes);
/* In UTC: 2026-11-24T14:58:55.147978470Z. */
json_t *describe_time(struct timespec time);
json_t *describe_token(const struct store *store, const struct version_id *id);
/* How a sibling is found: by its name beside its file, or by its path from the root of the mount. */
json_t *describe_sibling(uint64_t directory, const char *name);
/* {uid, gid, pid, command} */
json_t *describe_author(const struct author *author);

/* The word for an enum version_operation; that of VERSION_WRITE for what is none. Static. */
const char *describe_operation(uint8_t operation);

/* The text of `object`, which is released, on one line and in memory that the caller frees. ERR_NOMEM also when object is NULL. */
int describe_finish(json_t *object, char **ret_json);

/* The text of user.occ.commit: all that is known of one version, its message included. `made`: whether the writer who asks has made it; NULL
 * if nobody does. */
int describe_commit(struct store *store, const struct version *version, const bool *made, char **ret_json);

/* The text of user.occ.author: who made the version, when and how. */
int describe_version(const struct version *version, char **ret_json);

#endif
