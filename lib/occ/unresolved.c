/* SPDX-License-Identifier: Apache-2.0 */
#include "unresolved.h"

#include <string.h>

#include "dirent_record.h"

struct scan {
    struct store *store;
    int (*visit)(void *context, const struct unresolved *conflict);
    void *context;
};

static int file_get(struct store *store, uint64_t directory, const char *name, struct inode *ret_inode)
{
    struct dirent_record dirent;
    int error = dirent_get(store, directory, SLICE_STRING(name), &dirent);
    return error ? error : inode_get(store, dirent.ino, ret_inode);
}

static int consider(void *context, const struct conflict_record *record)
{
    const struct scan *scan = context;
    struct inode sibling, target;
    int error = file_get(scan->store, record->directory, record->name, &sibling);
    if (error) return error == ERR_NOENT ? 0 : error;
    if (sibling.ino != record->sibling || sibling.conflict_target != record->target_lineage) return 0;
    struct unresolved conflict = {.record = record, .sibling_uid = sibling.uid};
    error = file_get(scan->store, record->directory, record->target, &target);
    if (error && error != ERR_NOENT) return error;
    conflict.has_target = !error;
    if (conflict.has_target) conflict.target_uid = target.uid;
    return scan->visit(scan->context, &conflict);
}

int unresolved_scan(struct store *store, int (*visit)(void *context, const struct unresolved *conflict), void *context)
{
    struct scan scan = {store, visit, context};
    return conflict_record_scan_all(store, consider, &scan);
}
