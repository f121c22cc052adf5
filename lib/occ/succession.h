/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_SUCCESSION_H
#define OCC_SUCCESSION_H

#include "dirent_record.h"
#include "name_record.h"
#include "version.h"

/*
 * A name's history goes on when the name is taken again: by a file created anew, or by one that is moved there. Programs save in
 * both ways (rename to a backup and create; remove and create; rename to a backup and rename the new file there).
 *
 * Invariants:
 *  1. One inode with a name owns a lineage. Who takes a name's lineage while the file that had the name lives on elsewhere and
 *     has not changed since makes that one fork; if it has changed, the lineage is its own now, and the newcomer forks.
 *  2. A file created anew is empty (its head is version 0 of a lineage of its own, under the ordinal of what its name had last) until
 *     its first commit, which is the next version of what its name had last (`continues`).
 *  3. Until then nothing is replaced: where that commit would be a conflict or fails, or its writer or the daemon is killed, the file
 *     gets back what its name had, with the owner, the mode and the access list of that version.
 *  4. Where a file of another owner takes a lineage over, the rights that the file before had stay a limit to what was (limit_record.h).
 */

/* What a commit on the file replaces: its head or, while it stands anew, what its name had. */
const struct version_id *succession_head(const struct inode *inode);

/* What replaces version 0 of a file that was created anew replaces what the name had: *version becomes that. Also once the file has
 * gone on, and *version is its head no more. */
int succession_resolve(struct store *store, struct version_id *version);

/*
 * A file's history runs through lineages: its own one and, before it forked, others. What somebody knows of the file may be told by any of
 * them: it may have forked more than once since.
 */
struct descent {
    uint64_t lineage;
    uint64_t newest; /* ordinal: what comes after it in that lineage is another file's */
};

struct descent succession_descent(const struct inode *inode);
/* Goes to the lineage that the one before began in; ERR_NOT_FOUND when it began with itself. */
int succession_descend(struct store *store, const struct inode *inode, struct descent *descent);

/* Whether the file's history runs through the lineage; the version is of one of those, be it of another file by now. */
int succession_runs_through(struct store *store, const struct inode *inode, uint64_t lineage, bool *ret_does);
int succession_owns(struct store *store, const struct inode *inode, const struct version_id *version, bool *ret_owns);

/* Whether nothing was committed on the file as yet. */
bool succession_is_unwritten(const struct inode *inode);

/* In a transaction that takes the name from the inode: what the name had is noted, if the file has a version. */
int succession_note(struct transaction *tx, uint64_t directory, struct slice name, const struct inode *inode,
                    struct timespec now);

/* What a name had that is free now. ERR_NOT_FOUND when it never had a version. */
int succession_find(struct store *store, uint64_t directory, struct slice name, struct name_record *ret_record);

/* In a transaction in which the heir gets the name: it takes the lineage over. The record is deleted, the heir not put. ret_forked: the
 * ino of the file that forks and has been put, 0 for none. */
int succession_take(struct transaction *tx, uint64_t directory, struct slice name, const struct name_record *record,
                    struct inode *heir, uint64_t *ret_forked);

/* In a transaction in which a living file hands its name, and its lineage, to the heir, and keeps other names: it forks. Neither is
 * put. */
int succession_hand_over(struct transaction *tx, struct inode *owner, struct inode *heir);

/* The id of the file's next version. Should another file have gone on in its lineage (it took a name that had it), this one forks. */
int succession_next(struct transaction *tx, struct inode *inode, struct version_id *ret_id);

/* The file does not stand anew any more, if it did. The caller puts the inode. */
void succession_settled(struct transaction *tx, struct inode *inode);

/* Gives a file that stands anew what its name had. The caller puts the inode. */
int succession_restore(struct transaction *tx, struct inode *inode, struct version *ret_version);

#endif
