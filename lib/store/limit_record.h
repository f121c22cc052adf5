/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_LIMIT_RECORD_H
#define OCC_LIMIT_RECORD_H

#include "inode.h"

/*
 * Key: 'g' lineage, ordinal. A file of another owner went on in the lineage after that version: who could not read the file then
 * cannot read by history what is as old as that version or older, whatever rights that was committed under.
 */
void limit_record_encode(uint64_t lineage, uint64_t ordinal, const struct file_rights *rights, uint64_t commit_id,
                         struct buffer *ret_value);
int limit_record_decode(const struct record_key *key, struct slice value, struct file_rights *ret_rights);

void limit_record_put(struct transaction *tx, uint64_t lineage, uint64_t ordinal, const struct file_rights *rights);

/* Visits those of the lineage at that ordinal and above, in their order. Return 0 to go on, negative to fail. */
int limit_record_scan(struct store *store, uint64_t lineage, uint64_t ordinal,
                      int (*visit)(void *context, uint64_t ordinal, const struct file_rights *rights), void *context);

#endif
