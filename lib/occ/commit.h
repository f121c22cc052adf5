/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_COMMIT_H
#define OCC_COMMIT_H

#include "decide.h"
#include "draft.h"
#include "writer.h"

/*
 * The commit: a draft becomes a version, or a conflict, or nothing, for every observer at one moment.
 *
 * Invariants:
 *  1. A version is named by the inode's head in the same engine commit that stores it, on the condition that the inode is what
 *     `decide` saw. Two drafts on one base cannot both be DECIDE_COMMIT.
 *  2. Blobs are in the store before the commit that names them, under an intent which that commit deletes.
 *  3. On a conflict the sibling with the whole content is committed before commit_draft returns.
 *  4. On an error nothing is visible and the draft is as it was: the attempt can be repeated. After ERR_UNKNOWN_OUTCOME alone it may
 *     have happened all the same; repeating it then finds its own version, and commits what was written since.
 *  5. The sibling of a conflict that it resolves goes in that same commit: the file's version and the sibling's end are seen together.
 *  6. After any outcome the draft is clean and lies over what was stored.
 */
struct commit_request {
    uint64_t ino;
    enum policy policy;
    struct base_facts base;
    enum removal removal;
    bool conflicted;
    uint8_t operation; /* enum version_operation */
    bool durable;
    struct writer writer;
    uint64_t directory; /* where and how the file was named: the place of a sibling */
    const char *name;
    const char *message;               /* of the version that is made, 1 to VERSION_MESSAGE_MAX bytes; NULL: none */
    const char *id;                    /* of the request (request_id.h), 1 to REQUEST_ID_MAX bytes; NULL: none */
    const struct resolution *resolves; /* the conflict that it resolves, even if nothing was written; NULL: none */
};

/* REPEATED: an earlier commit of the same request has made the version. */
enum commit_outcome { COMMIT_DONE, COMMIT_UNCHANGED, COMMIT_REPEATED, COMMIT_CONFLICT, COMMIT_ABANDONED };

enum { SIBLING_NAME_SIZE = 256 };

/* Where a sibling stood that is removed; ino 0: none. */
struct resolved_sibling {
    uint64_t ino;
    uint64_t directory;
    bool last; /* it has no name left */
    char name[SIBLING_NAME_SIZE];
};

struct commit_result {
    enum commit_outcome outcome;
    /* DONE: the new one. UNCHANGED: the head, with its new mtime. REPEATED: what the request made. CONFLICT: the sibling's. */
    struct version version;
    bool followed; /* an append went behind another version than the one that the draft lay over */
    struct resolved_sibling resolved;
    /* CONFLICT, ABANDONED, REPEATED: what a file that stood anew got back; lineage 0: nothing. */
    struct version restored;
    /* Of a conflict. */
    uint64_t conflict_target; /* the lineage; with `sibling` it names the conflict's record */
    uint64_t sibling;
    uint64_t sibling_directory;
    char sibling_name[SIBLING_NAME_SIZE];
};

/* Commits a draft. One that nothing changed, and that resolves nothing, is COMMIT_UNCHANGED with an empty version and, when durable was
 * asked for, syncs what was committed before. Blocks while it stores large content or syncs. */
int commit_draft(struct draft *draft, const struct commit_request *request, struct commit_result *ret_result);

/* Keeps the content of a draft whose writer was killed as an abandoned version behind the one that the draft was opened on. */
int commit_abandon(struct draft *draft, const struct commit_request *request, struct commit_result *ret_result);

/* Drops what the draft holds: it shows `opened` again, the version that it was opened on or last committed, and is no conflict any more. A
 * file that still stands anew gets back what its name had; ret_restored: that, or lineage 0. */
int commit_discard(struct draft *draft, uint64_t ino, const struct version_id *opened, struct version *ret_restored);

/* A file that still stands anew, with that version 0, gets back what its name had. ret_restored: that, untouched if nothing was done. */
int commit_restore(struct store *store, uint64_t ino, const struct version_id *opened, struct version *ret_restored);

/* For modules that make versions in a transaction of their own: all of a draft's next version but its id, parents and access list ... */
void commit_describe_version(struct version *version, const struct draft *draft, const struct sealed *sealed,
                             const struct commit_request *request, const struct inode *inode);
/* ... and putting it, with its content and the request's message. */
void commit_put_version(struct transaction *tx, struct version *version, const struct sealed *sealed,
                        const struct commit_request *request);

#endif
