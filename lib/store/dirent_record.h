/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_DIRENT_RECORD_H
#define OCC_DIRENT_RECORD_H

#include <stdint.h>

#include "transaction.h"

enum { NAME_MAX_BYTES = 255 };

/*
 * Key: 'd' directory, hash of the name, name. The hash is SipHash-2-4 under the store's key (so that nobody can make
 * collisions), shortened to 62 bits; it is the entry's position for readdir and telldir, which therefore stays
 * valid while entries come and go. Positions 0, 1 and 2 are the beginning, after "." and after ".."; hashes are
 * shifted above them.
 */
struct dirent_record {
    uint64_t ino;
    uint32_t type; /* S_IFMT bits of the mode */
};

void dirent_key(const struct store *store, uint64_t directory, struct slice name, struct record_key *ret_key);
void dirent_encode(const struct dirent_record *dirent, const struct record_key *key, uint64_t commit_id,
                   struct buffer *ret_value);
int dirent_decode(const struct record_key *key, struct slice value, struct dirent_record *ret_dirent);

/* ERR_NOENT when there is no such name; ERR_NAMETOOLONG above 255 bytes. */
int dirent_get(struct store *store, uint64_t directory, struct slice name, struct dirent_record *ret_dirent);
int dirent_load(struct transaction *tx, uint64_t directory, struct slice name, struct dirent_record *ret_dirent);
/* Names are 1 to 255 bytes (asserted). */
void dirent_put(struct transaction *tx, uint64_t directory, struct slice name, const struct dirent_record *dirent);
void dirent_delete(struct transaction *tx, uint64_t directory, struct slice name);

/* One entry of a directory; `position` is what a later scan passes to go on behind it. Return 0 to go on, 1 to end,
 * negative to fail. */
typedef int dirent_visit(void *context, uint64_t position, struct slice name, const struct dirent_record *dirent);

/* Visits the entries behind `position`, in the order of positions. Names that share a position (a hash collision) are
 * visited together: a visitor that ends the scan between them will see both again or, having taken the
 * first at its position, must not report that position before it took all. */
int dirent_scan(struct store *store, uint64_t directory, uint64_t position, dirent_visit *visit, void *context);

/* Sets *ret_empty. Not validated at commit: a transaction that depends on it loads the directory's inode. */
int dirent_directory_is_empty(struct store *store, uint64_t directory, bool *ret_empty);

#endif
