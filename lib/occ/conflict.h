/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_CONFLICT_H
#define OCC_CONFLICT_H

#include "commit.h"
#include "conflict_record.h"

/*
 * What a conflicting draft leaves: a sibling `f.conflict` beside the file, an ordinary file with the whole content, and a record
 * that says what happened.
 */

/* What a sibling is to hold, and for whom. */
struct conflict_content {
    const struct sealed *sealed;
    struct timespec mtime;
    uint64_t sibling; /* ino of the one that an earlier attempt with the same draft left; 0: none */
};

/*
 * Puts the content as a sibling of `target`, in a transaction that the caller commits, and fills in the conflict's part of `result`. One
 * process has one sibling per file and base: its next attempt becomes the sibling's next version. The same bytes for the same
 * file are not kept twice: then *ret_kept_blobs is false. TRANSACTION_AGAIN when somebody was in between.
 */
int conflict_put(struct transaction *tx, const struct conflict_content *content, const struct commit_request *request,
                 const struct version_id *base, const struct inode *target, struct commit_result *result,
                 bool *ret_kept_blobs);

/* The name of the number-th sibling of `name`: `stem.conflict`, `stem.2.conflict`, ...; the stem is cut on a UTF-8 boundary
 * so that it fits into 255 bytes. A `name` that is a sibling's own goes on behind its number. */
void conflict_sibling_name(const char *name, unsigned long number, char ret_name[SIBLING_NAME_SIZE]);

/* Whether such a name may be a sibling's: these are never cached as absent. */
bool conflict_is_sibling_name(struct slice name);

/* The text of user.occ.conflict: one JSON object, in memory that the caller frees. */
int conflict_describe(struct store *store, const struct conflict_record *record, char **ret_json);
/* The same with one more member, `sibling`: where that is as seen from its file. */
int conflict_describe_found(struct store *store, const struct conflict_record *record, char **ret_json);
/* The same with three more members in front: `kind`, which is conflict, and those of conflict_describe_places. */
int conflict_describe_event(struct store *store, const struct conflict_record *record, const char *path,
                            const char *sibling, char **ret_json);
/* The same with two more members in front, `path` and `sibling`: where the file and its sibling are, NULL where that is not known. */
int conflict_describe_places(struct store *store, const struct conflict_record *record, const char *path,
                             const char *sibling, char **ret_json);

#endif
