/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_TOKEN_H
#define OCC_TOKEN_H

#include "inode.h"

/*
 * The text form of a version that users see: ORDINAL.LINEAGE.NONCE.MAC, the ordinal in decimal so that people
 * can tell which is newer, the rest in the 32 digits 0-9a-z without i, l, o, u (Crockford), shortest form, the MAC always 13.
 * The MAC is SipHash-2-4 over the three numbers under the store's secret key: a token that this store did not make does
 * not parse. Each version has exactly one text.
 */
enum { TOKEN_TEXT_SIZE = 65 }; /* at most 64 characters and the NUL */

void token_mint(const struct store *store, const struct version_id *id, char text[TOKEN_TEXT_SIZE]);

/* ERR_BAD_TOKEN for everything that token_mint of this store has not returned. Compares in constant time. */
int token_parse(const struct store *store, struct slice text, struct version_id *ret_id);

#endif
