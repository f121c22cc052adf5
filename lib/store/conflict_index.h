/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_CONFLICT_INDEX_H
#define OCC_CONFLICT_INDEX_H

#include "version.h"

/*
 * Key: 'C' target lineage, a letter, what is asked. Value: a number, never 0. What leads to a conflict's sibling without a look at
 * the others of the same file, however many there are:
 *
 *     'p' pid, start time, base   ino of the sibling that this process has for that base
 *     'h' size, hash              ino of the sibling that was given this content
 *     'n'                         number of the sibling that was made last
 *
 * Where several siblings would do, it leads to one of them. Who follows it looks whether what it leads to is so.
 */
void conflict_index_by_writer(uint64_t target_lineage, uint32_t pid, uint64_t started, const struct version_id *base,
                              struct record_key *ret_key);
void conflict_index_by_content(uint64_t target_lineage, uint64_t size, const struct hash128 *hash,
                               struct record_key *ret_key);
void conflict_index_by_time(uint64_t target_lineage, struct record_key *ret_key);

void conflict_index_encode(const struct record_key *key, uint64_t number, uint64_t commit_id, struct buffer *ret_value);
int conflict_index_decode(const struct record_key *key, struct slice value, uint64_t *ret_number);

/* ERR_NOT_FOUND. */
int conflict_index_get(struct store *store, const struct record_key *key, uint64_t *ret_number);
int conflict_index_load(struct transaction *tx, const struct record_key *key, uint64_t *ret_number);
void conflict_index_put(struct transaction *tx, const struct record_key *key, uint64_t number);

#endif
