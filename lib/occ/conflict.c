/* SPDX-License-Identifier: Apache-2.0 */
#include "conflict.h"

#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "directory.h"
#include "file_acl.h"
#include "last.h"
#include "namespace.h"
#include "occ_directory.h"
#include "sibling.h"

/* Loads where siblings stand: beside the file or, if that directory is gone with everything in it, in the one place that always is. */
static int place_of_siblings(struct transaction *tx, const struct commit_request *request, struct inode *ret_directory)
{
    int error = directory_load(tx, request->directory, ret_directory);
    return error == ERR_NOENT ? directory_load(tx, LOST_FOUND_INO, ret_directory) : error;
}

static struct conflict_record record_of(const struct commit_request *request, const struct sealed *sealed,
                                        const struct version_id *base, const struct inode *target)
{
    struct conflict_record record = {
        .target_lineage = target->lineage,
        .operation = request->operation,
        .base = *base,
        .head = target->head,
        .writer = request->writer.author,
        .writer_started = request->writer.started,
        .time = clock_now(),
        .size = sealed->content.size,
        .hash = sealed->content.hash,
        .retry_after_ms = 10,
    };
    strncpy(record.target, request->name, sizeof record.target - 1);
    return record;
}

static struct version version_of(const struct commit_request *request, const struct conflict_content *content,
                                 const struct version_id *base, const struct inode *sibling)
{
    struct version version = {
        .id = {.lineage = sibling->lineage, .ordinal = sibling->head.ordinal + 1, .nonce = store_random()},
        .operation = VERSION_CONFLICT,
        .parent_count = 1,
        .parents = {*base},
        .author = request->writer.author,
        .time = clock_now(),
        .mtime = content->mtime,
        .mode = sibling->mode,
        .uid = sibling->uid,
        .gid = sibling->gid,
        .content = content->sealed->content,
    };
    if (sibling->head.ordinal > 0) version.parents[version.parent_count++] = sibling->head;
    return version;
}

/* Whether the target's access list is only in what its name had: it gets it back in this transaction, or is gone. */
static bool acl_is_of_the_past(const struct inode *target, const struct commit_result *result)
{
    return result->restored.id.lineage != 0 || target->ino == 0;
}

static int acl_of_target(struct transaction *tx, const struct inode *target, const struct commit_result *result,
                         struct hash128 *ret_acl)
{
    if (!acl_is_of_the_past(target, result)) return file_acl_keep(tx, target, ret_acl);
    *ret_acl = target->continues_rights.acl;
    return 0;
}

/* Creates the sibling under a free name, in the transaction. */
static int sibling_create(struct transaction *tx, const struct commit_request *request, const struct inode *target,
                          struct inode *directory, struct inode *ret_sibling, struct commit_result *result)
{
    int error = sibling_name_choose(tx, target->lineage, directory->ino, request->name, result->sibling_name);
    if (error) return error;

    struct inode sibling = {
        .mode = S_IFREG | (target->mode & 0777),
        .uid = request->writer.author.uid,
        .gid = target->gid,
        .acl = target->acl & INODE_ACL_ACCESS,
        .conflict_target = target->lineage,
    };
    struct hash128 acl;
    uint64_t forked; /* never any: a sibling begins anew */
    error = acl_of_target(tx, target, result, &acl);
    if (error) return error;
    error = namespace_create_in(tx, directory, SLICE_STRING(result->sibling_name), &request->writer, &acl, &sibling,
                                &forked);
    if (error == ERR_EXIST) return TRANSACTION_AGAIN; /* taken since we looked */
    if (!error)
        error = acl_is_of_the_past(target, result) ? file_acl_restore(tx, &acl, &sibling)
                                                   : file_acl_copy_access(tx, target, &sibling);
    if (error) return error;
    inode_put(tx, directory);
    *ret_sibling = sibling;
    return 0;
}

int conflict_put(struct transaction *tx, const struct conflict_content *content, const struct commit_request *request,
                 const struct version_id *base, const struct inode *target, struct commit_result *result,
                 bool *ret_kept_blobs)
{
    const struct sealed *sealed = content->sealed;
    struct sibling_query query = {
        .target = target, .writer = &request->writer, .base = base, .sealed = sealed, .own = content->sibling};
    struct sibling found = {0};
    struct inode directory, sibling;
    int error = place_of_siblings(tx, request, &directory);
    if (error) return error;
    result->sibling_directory = query.directory = directory.ino;
    error = sibling_find(tx, &query, &found);
    bool exists = error == 0;
    if (exists) {
        sibling = found.inode;
        strcpy(result->sibling_name, found.record.name);
        if (found.mine && sibling.conflict_target != target->lineage) { /* the file has forked since */
            conflict_record_delete(tx, sibling.conflict_target, sibling.ino);
            sibling.conflict_target = target->lineage;
        }
    } else if (error == ERR_NOT_FOUND) {
        error = sibling_create(tx, request, target, &directory, &sibling, result);
    }
    if (error) return error;

    if (found.same_bytes) {
        result->version = found.version;
    } else {
        result->version = version_of(request, content, base, &sibling);
        error = exists ? file_acl_keep(tx, &sibling, &result->version.acl)
                       : acl_of_target(tx, target, result, &result->version.acl);
        if (error) return error;
        commit_put_version(tx, &result->version, sealed, request);
        sibling.head = result->version.id;
        sibling.size = sealed->content.size;
        sibling.allocated = sealed->content.allocated;
        sibling.mtime = content->mtime;
        sibling.ctime = result->version.time;
    }
    inode_put(tx, &sibling);
    struct conflict_record record = record_of(request, sealed, base, target);
    record.sibling = sibling.ino;
    strcpy(record.name, result->sibling_name);
    record.directory = result->sibling_directory;
    last_conflict_put(tx, &record);
    /* Another's record says who wrote these bytes first, and on which base: its version's parent. */
    if (!exists || found.mine) error = sibling_remember(tx, &record, exists ? &found.record : NULL);
    if (error) return error;
    result->conflict_target = target->lineage;
    result->sibling = sibling.ino;
    *ret_kept_blobs = !found.same_bytes;
    return 0;
}
