/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_NAME_RECORD_H
#define OCC_NAME_RECORD_H

#include "inode.h"

/*
 * Key: 'n' directory, name. What a name stood for that was removed, moved away or replaced: the history that goes on when
 * the name is taken again. Of regular files that had a version; gone when the name is taken. Whoever changes a directory's names
 * rewrites the directory's inode: a transaction that has loaded that need not expect anything of these.
 */
struct name_record {
    uint64_t lineage;            /* the history */
    struct version_id head;      /* the newest version when the name went */
    struct version_id forked_at; /* as in the inode */
    uint64_t ino;                /* the file that had the name; it may be gone, or live on under another one */
    struct timespec time;        /* when the name went */
    struct file_rights rights;   /* of the file then */
};

void name_record_encode(uint64_t directory, struct slice name, const struct name_record *record, uint64_t commit_id,
                        struct buffer *ret_value);
int name_record_decode(const struct record_key *key, struct slice value, struct name_record *ret_record);

/* ERR_NOT_FOUND. Names are 1 to 255 bytes (asserted). */
int name_record_get(struct store *store, uint64_t directory, struct slice name, struct name_record *ret_record);
void name_record_put(struct transaction *tx, uint64_t directory, struct slice name, const struct name_record *record);
void name_record_delete(struct transaction *tx, uint64_t directory, struct slice name);

#endif
