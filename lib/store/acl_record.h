/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_ACL_RECORD_H
#define OCC_ACL_RECORD_H

#include "hash.h"
#include "transaction.h"

/*
 * Key: 'a' hash. An access control list that a version was committed under (version.acl): each list once, however many
 * versions have it, under the BLAKE2b hash of its bytes. Whoever may choose lists must not find two of one hash, or he
 * could lay his own over another's past: XXH3 would not do. Never changed.
 */

struct hash128 acl_record_hash(struct slice list);

/* ERR_DAMAGED when absent, since a version says that it is there. */
int acl_record_get(struct store *store, const struct hash128 *hash, struct buffer *ret_list);
/* Puts the list unless it is there. `list`: 1 byte to 32 KiB (asserted). */
int acl_record_keep(struct transaction *tx, struct slice list, struct hash128 *ret_hash);

#endif
