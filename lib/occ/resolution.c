/* SPDX-License-Identifier: Apache-2.0 */
#include "resolution.h"

#include <string.h>

#include "conflict_record.h"
#include "directory.h"
#include "dirent_record.h"
#include "namespace.h"
#include "sibling.h"

/* A sibling where its record says that it is. */
struct place {
    struct conflict_record record;
    struct inode sibling, directory;
};

/* ERR_NOT_FOUND: it is none any more. The inode comes first: who changes its record or its name changes that. */
static int place_load(struct transaction *tx, uint64_t target_lineage, uint64_t ino, struct place *ret_place)
{
    struct dirent_record dirent;
    int error = inode_load(tx, ino, &ret_place->sibling);
    if (!error && ret_place->sibling.conflict_target != target_lineage) error = ERR_NOT_FOUND;
    if (!error) error = conflict_record_get(tx->store, target_lineage, ino, &ret_place->record);
    if (!error) error = directory_load(tx, ret_place->record.directory, &ret_place->directory);
    if (!error) error = dirent_load(tx, ret_place->directory.ino, SLICE_STRING(ret_place->record.name), &dirent);
    if (!error && dirent.ino != ino) error = ERR_NOT_FOUND;
    return error == ERR_NOENT ? ERR_NOT_FOUND : error;
}

/* ---- finding it ---- */

struct search {
    struct store *store;
    const struct version_id *token;
    uint64_t found;
};

static int consider(void *context, const struct conflict_record *record)
{
    struct search *search = context;
    struct inode sibling;
    int error = inode_get(search->store, record->sibling, &sibling);
    if (error) return error == ERR_NOENT ? 0 : error;
    if (sibling.head.lineage != search->token->lineage) return 0;
    search->found = sibling.ino;
    return 1;
}

int resolution_find(struct store *store, uint64_t ino, const struct version_id *token, const struct credentials *who,
                    struct resolution *ret_resolution)
{
    struct inode target;
    struct search search = {.store = store, .token = token};
    struct transaction tx; /* not committed: nothing is changed */
    struct place place;
    int error = inode_get(store, ino, &target);
    if (!error) error = conflict_record_scan(store, target.lineage, consider, &search);
    if (!error && search.found == 0) error = ERR_INVAL;
    if (error) return error;
    transaction_init(&tx, store);
    do {
        transaction_restart(&tx);
        error = place_load(&tx, target.lineage, search.found, &place);
        if (!error && !version_id_equal(&place.sibling.head, token)) error = ERR_SIBLING_CHANGED;
        if (!error) error = permission_to_unlink(&tx, who, &place.directory, &place.sibling);
    } while (error == TRANSACTION_AGAIN);
    transaction_release(&tx);
    if (!error) *ret_resolution = (struct resolution){.sibling = search.found, .version = *token, .who = *who};
    return error == ERR_NOT_FOUND ? ERR_INVAL : error;
}

/* ---- resolving ---- */

int resolution_take(struct transaction *tx, const struct resolution *resolution, const struct inode *target,
                    struct resolved_sibling *ret_resolved)
{
    struct place place;
    int error = place_load(tx, target->lineage, resolution->sibling, &place);
    if (!error && !version_id_equal(&place.sibling.head, &resolution->version)) error = ERR_NOT_FOUND;
    if (error) return error == ERR_NOT_FOUND ? ERR_SIBLING_CHANGED : error;
    error = permission_to_unlink(tx, &resolution->who, &place.directory, &place.sibling);
    if (!error) error = sibling_forget(tx, &place.sibling); /* also where it has other names */
    if (!error) error = namespace_unlink_in(tx, &place.directory, SLICE_STRING(place.record.name), &place.sibling);
    if (error) return error;
    ret_resolved->ino = place.sibling.ino;
    ret_resolved->directory = place.directory.ino;
    ret_resolved->last = place.sibling.nlink == 0;
    strcpy(ret_resolved->name, place.record.name);
    return 0;
}
