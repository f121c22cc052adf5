/* SPDX-License-Identifier: Apache-2.0 */
#include "conflict.h"

#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "content_same.h"
#include "directory.h"
#include "file_acl.h"
#include "last.h"
#include "namespace.h"
#include "occ_directory.h"

/* ---- is there a sibling already? ---- */

struct search {
    const struct commit_request *request;
    uint64_t directory;   /* where siblings stand */
    uint64_t own_lineage; /* of the sibling that an earlier conflict of this draft left; 0: none */
    const struct version_id *base;
    const struct sealed *sealed;
    struct store *store;
    bool found;
    bool mine; /* else it is another's with the same bytes */
    bool same_bytes;
    struct inode sibling;
    struct version version; /* the sibling's head */
    char name[SIBLING_NAME_SIZE];
};

static bool same_attempt(const struct search *search, const struct conflict_record *record)
{
    const struct writer *writer = &search->request->writer;
    return writer->author.pid != 0 && record->writer.pid == writer->author.pid &&
           record->writer_started == writer->started && version_id_equal(&record->base, search->base);
}

/* Siblings that were renamed or removed count as resolved: the record's name is where it must still be. */
static int sibling_load(const struct search *search, const struct conflict_record *record, struct inode *ret_sibling,
                        struct version *ret_version)
{
    struct dirent_record dirent;
    int error = dirent_get(search->store, search->directory, SLICE_STRING(record->name), &dirent);
    if (error) return error;
    if (dirent.ino != record->sibling) return ERR_NOENT;
    error = inode_get(search->store, record->sibling, ret_sibling);
    if (error) return error;
    error = version_get(search->store, ret_sibling->head.lineage, ret_sibling->head.ordinal, ret_version);
    return error == ERR_NOT_FOUND ? ERR_DAMAGED : error;
}

static int sibling_consider(void *context, const struct conflict_record *record)
{
    struct search *search = context;
    bool same_size = record->size == search->sealed->content.size;
    bool same_hash = same_size && hash128_equal(&record->hash, &search->sealed->content.hash);
    bool mine = same_attempt(search, record);
    if (!mine && !same_hash && search->own_lineage == 0) return 0;

    struct inode sibling;
    struct version version;
    bool same_bytes = false;
    int error = sibling_load(search, record, &sibling, &version);
    if (error == ERR_NOENT) return 0;
    if (!error) error = content_same_as_sealed(search->store, search->sealed, &version, &same_bytes);
    if (error) return error;
    if (search->own_lineage != 0 && sibling.lineage == search->own_lineage) mine = true;
    if (!mine && !same_bytes) return 0;

    search->found = true;
    search->mine = mine;
    search->same_bytes = same_bytes;
    search->sibling = sibling;
    search->version = version;
    strcpy(search->name, record->name);
    return same_bytes; /* the best there can be; else one with the same bytes may follow */
}

/* Beside the file or, if that directory is gone with everything in it, in the one place that always is. */
static int place_of_siblings(struct store *store, const struct commit_request *request, uint64_t *ret_directory)
{
    struct inode directory;
    int error = inode_get(store, request->directory, &directory);
    if (error && error != ERR_NOENT) return error;
    *ret_directory = error || directory.nlink == 0 ? LOST_FOUND_INO : request->directory;
    return 0;
}

/* ---- storing ---- */

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

/* The target's access list; what it gets back in this transaction cannot be read from it yet. */
static int acl_of_target(struct transaction *tx, const struct inode *target, const struct commit_result *result,
                         struct hash128 *ret_acl)
{
    if (result->restored.id.lineage == 0) return file_acl_keep(tx, target, ret_acl);
    *ret_acl = result->restored.acl;
    return 0;
}

/* Creates the sibling under the first free name, in the transaction. */
static int sibling_create(struct transaction *tx, const struct commit_request *request, const struct inode *target,
                          struct inode *ret_sibling, struct commit_result *result)
{
    struct inode directory;
    int error = directory_load(tx, result->sibling_directory, &directory);
    if (error == ERR_NOENT) return TRANSACTION_AGAIN; /* removed since we looked */
    for (unsigned long number = 1; !error; number++) {
        struct dirent_record taken;
        conflict_sibling_name(request->name, number, result->sibling_name);
        error = dirent_get(tx->store, directory.ino, SLICE_STRING(result->sibling_name), &taken);
    }
    if (error != ERR_NOENT) return error;

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
    error = namespace_create_in(tx, &directory, SLICE_STRING(result->sibling_name), &request->writer, &acl, &sibling,
                                &forked);
    if (error == ERR_EXIST) return TRANSACTION_AGAIN; /* taken since we looked */
    if (!error)
        error = result->restored.id.lineage != 0 ? file_acl_restore(tx, &acl, &sibling)
                                                 : file_acl_copy_access(tx, target, &sibling);
    if (error) return error;
    inode_put(tx, &directory);
    *ret_sibling = sibling;
    return 0;
}

/* Takes the sibling that was found into the transaction, if it still is where and what it was. */
static int sibling_reload(struct transaction *tx, const struct search *search, struct inode *ret_sibling,
                          struct commit_result *result)
{
    struct dirent_record dirent;
    strcpy(result->sibling_name, search->name);
    int error = dirent_load(tx, search->directory, SLICE_STRING(search->name), &dirent);
    if (!error && dirent.ino != search->sibling.ino) error = ERR_NOENT;
    if (!error) error = inode_load(tx, search->sibling.ino, ret_sibling);
    if (error) return error == ERR_NOENT ? TRANSACTION_AGAIN : error;
    return version_id_equal(&ret_sibling->head, &search->sibling.head) ? 0 : TRANSACTION_AGAIN;
}

int conflict_put(struct transaction *tx, const struct conflict_content *content, const struct commit_request *request,
                 const struct version_id *base, const struct inode *target, struct commit_result *result,
                 bool *ret_kept_blobs)
{
    const struct sealed *sealed = content->sealed;
    struct search search = {.request = request,
                            .base = base,
                            .sealed = sealed,
                            .store = tx->store,
                            .own_lineage = content->sibling_lineage};
    int error = place_of_siblings(tx->store, request, &search.directory);
    if (!error) error = conflict_record_scan(tx->store, target->lineage, sibling_consider, &search);
    if (error) return error;

    struct conflict_record record = record_of(request, sealed, base, target);
    struct inode sibling;
    result->sibling_directory = search.directory;
    error = search.found ? sibling_reload(tx, &search, &sibling, result)
                         : sibling_create(tx, request, target, &sibling, result);
    if (error) return error;

    if (search.same_bytes) {
        result->version = search.version;
    } else {
        result->version = version_of(request, content, base, &sibling);
        error = search.found ? file_acl_keep(tx, &sibling, &result->version.acl)
                             : acl_of_target(tx, target, result, &result->version.acl);
        if (error) return error;
        version_put(tx, &result->version);
        if (sealed->content.kind == CONTENT_INLINE)
            body_put(tx, &result->version.id, false, buffer_slice(&sealed->body));
        sibling.head = result->version.id;
        sibling.size = sealed->content.size;
        sibling.allocated = sealed->content.allocated;
        sibling.mtime = content->mtime;
        sibling.ctime = result->version.time;
    }
    inode_put(tx, &sibling);
    record.sibling = sibling.ino;
    strcpy(record.name, result->sibling_name);
    record.directory = result->sibling_directory;
    last_conflict_put(tx, &record);
    /* Another's record says who wrote these bytes first, and on which base: its version's parent. */
    if (!search.found || search.mine) conflict_record_put(tx, &record);
    result->sibling = sibling.ino;
    *ret_kept_blobs = !search.same_bytes;
    return 0;
}
