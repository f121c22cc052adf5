/* SPDX-License-Identifier: Apache-2.0 */
#include "conflict.h"

#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "content_same.h"
#include "file_acl.h"
#include "namespace.h"

/* ---- is there a sibling already? ---- */

struct search {
    const struct commit_request *request;
    const struct version_id *base;
    const struct sealed *sealed;
    struct store *store;
    bool found;
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
static int sibling_consider(void *context, const struct conflict_record *record)
{
    struct search *search = context;
    bool same_size = record->size == search->sealed->content.size;
    bool same_hash = same_size && hash128_equal(&record->hash, &search->sealed->content.hash);
    bool mine = same_attempt(search, record);
    if (!mine && !same_hash) return 0;

    struct inode sibling;
    struct version version;
    struct dirent_record dirent;
    int error = dirent_get(search->store, search->request->directory, SLICE_STRING(record->name), &dirent);
    if (error == ERR_NOENT || (!error && dirent.ino != record->sibling)) return 0;
    if (!error) error = inode_get(search->store, record->sibling, &sibling);
    if (!error) error = version_get(search->store, sibling.head.lineage, sibling.head.ordinal, &version);
    bool same_bytes = false;
    if (!error) error = content_same_as_sealed(search->store, search->sealed, &version, &same_bytes);
    if (error) return error;
    if (!mine && !same_bytes) return 0;

    search->found = true;
    search->same_bytes = same_bytes;
    search->sibling = sibling;
    search->version = version;
    strcpy(search->name, record->name);
    return same_bytes; /* the best there can be; else one with the same bytes may follow */
}

/* ---- storing ---- */

static struct conflict_record record_of(const struct commit_request *request, const struct sealed *sealed,
                                        const struct version_id *base, const struct inode *target)
{
    struct conflict_record record = {
        .target_lineage = target->head.lineage,
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

static struct version version_of(const struct commit_request *request, const struct draft *draft,
                                 const struct sealed *sealed, const struct version_id *base,
                                 const struct inode *sibling)
{
    struct version version = {
        .id = {.lineage = sibling->head.lineage, .ordinal = sibling->head.ordinal + 1, .nonce = store_random()},
        .operation = VERSION_CONFLICT,
        .parent_count = 1,
        .parents = {*base},
        .author = request->writer.author,
        .time = clock_now(),
        .mtime = draft_changed_at(draft),
        .mode = sibling->mode,
        .uid = sibling->uid,
        .gid = sibling->gid,
        .content = sealed->content,
    };
    if (sibling->head.ordinal > 0) version.parents[version.parent_count++] = sibling->head;
    return version;
}

/* Creates the sibling under the first free name, in the transaction. */
static int sibling_create(struct transaction *tx, const struct commit_request *request, const struct inode *target,
                          struct inode *ret_sibling, struct commit_result *result)
{
    struct inode directory;
    int error = inode_load(tx, request->directory, &directory);
    if (error == ERR_NOENT || (!error && directory.nlink == 0)) {
        /* The directory is gone with everything in it: the root is the one place that always is. */
        error = inode_load(tx, ROOT_INO, &directory);
    }
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
        .conflict_target = target->head.lineage,
    };
    error = namespace_create_in(tx, &directory, SLICE_STRING(result->sibling_name), &request->writer, &sibling);
    if (error == ERR_EXIST) return TRANSACTION_AGAIN; /* taken since we looked */
    if (!error) error = file_acl_copy_access(tx, target, &sibling);
    if (error) return error;
    inode_put(tx, &directory);
    result->sibling_directory = directory.ino;
    *ret_sibling = sibling;
    return 0;
}

int conflict_store(struct transaction *tx, struct draft *draft, const struct sealed *sealed,
                   const struct commit_request *request, const struct version_id *base, const struct inode *target,
                   struct commit_result *result, bool *ret_kept_blobs)
{
    struct search search = {.request = request, .base = base, .sealed = sealed, .store = draft->store};
    int error = conflict_record_scan(draft->store, target->head.lineage, sibling_consider, &search);
    if (error) return error;

    struct conflict_record record = record_of(request, sealed, base, target);
    struct inode sibling = search.sibling;
    if (!search.found) {
        error = sibling_create(tx, request, target, &sibling, result);
    } else {
        strcpy(result->sibling_name, search.name);
        result->sibling_directory = request->directory;
        error = inode_load(tx, search.sibling.ino, &sibling);
        if (!error && !version_id_equal(&sibling.head, &search.sibling.head)) error = TRANSACTION_AGAIN;
    }
    if (error) return error;

    if (search.same_bytes) {
        result->version = search.version;
    } else {
        result->version = version_of(request, draft, sealed, base, &sibling);
        version_put(tx, &result->version);
        if (sealed->content.kind == CONTENT_INLINE)
            body_put(tx, &result->version.id, false, buffer_slice(&sealed->body));
        sibling.head = result->version.id;
        sibling.size = sealed->content.size;
        sibling.allocated = sealed->content.allocated;
        sibling.mtime = draft_changed_at(draft);
        sibling.ctime = result->version.time;
        draft_fulfil_locked(draft, tx);
    }
    inode_put(tx, &sibling);
    record.sibling = sibling.ino;
    strcpy(record.name, result->sibling_name);
    conflict_record_put(tx, &record);
    result->sibling = sibling.ino;
    *ret_kept_blobs = !search.same_bytes;
    return transaction_commit(tx, request->durable);
}
