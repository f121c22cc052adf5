/* SPDX-License-Identifier: Apache-2.0 */
#include "request_id.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "content_same.h"
#include "request_record.h"

enum { STEPS_AT_ONCE = 32 };

static bool has_expired(const struct request_record *record)
{
    return record->time.tv_sec + REQUEST_LIFETIME_S < clock_now().tv_sec;
}

/* ---- looking ---- */

/* Whether what the draft has appended is what the version ends with. */
static int tail_same(struct draft *draft, const struct version *version, uint64_t from, bool *ret_same)
{
    uint64_t at = draft->appended_from, left = draft->size - at;
    *ret_same = version->content.size >= from && version->content.size - from == left;
    if (!*ret_same || left == 0) return 0;
    struct content_reader reader;
    uint8_t *pieces = malloc(2 * CHUNK_SIZE);
    if (!pieces) return ERR_NOMEM;
    content_reader_init(&reader, draft->store, &version->id, false, &version->content);
    int error = 0;
    while (left > 0 && *ret_same && !error) {
        size_t size = left < CHUNK_SIZE ? (size_t)left : CHUNK_SIZE;
        error = draft_read_locked(draft, at, pieces, size);
        if (!error) error = content_read(&reader, from, pieces + CHUNK_SIZE, size);
        if (!error) *ret_same = memcmp(pieces, pieces + CHUNK_SIZE, size) == 0;
        at += size;
        from += size;
        left -= size;
    }
    content_reader_release(&reader);
    free(pieces);
    return error;
}

static int whole_same(struct draft *draft, const struct version *version, bool *ret_same)
{
    struct sealed sealed;
    int error = draft_seal_locked(draft, &sealed);
    if (error) return error;
    error = content_same_as_sealed(draft->store, &sealed, version, ret_same);
    sealed_release(&sealed);
    return error;
}

int request_id_look(struct draft *draft, const struct commit_request *request, enum repetition *ret_repetition,
                    struct version *ret_version)
{
    struct inode inode;
    struct request_record record;
    struct version version;
    bool same = false;
    *ret_repetition = REPETITION_NONE;
    int error = inode_get(draft->store, request->ino, &inode);
    if (!error) error = request_record_get(draft->store, inode.lineage, request->id, &record);
    if (error == ERR_NOT_FOUND || (!error && has_expired(&record))) return 0;
    if (!error) error = version_get(draft->store, record.version.lineage, record.version.ordinal, &version);
    bool there = !error && version_id_equal(&version.id, &record.version);
    if (error && error != ERR_NOT_FOUND) return error;
    error = 0;
    if (there && !draft->only_appended) error = whole_same(draft, &version, &same);
    else if (there && record.appended) error = tail_same(draft, &version, record.from, &same);
    if (error) return error;
    *ret_repetition = same ? REPETITION_SAME : REPETITION_OTHER;
    if (same) *ret_version = version;
    return 0;
}

int request_id_made(struct store *store, uint64_t lineage, const char *id, struct version_id *ret_version)
{
    struct request_record record;
    int error = request_record_get(store, lineage, id, &record);
    if (!error && has_expired(&record)) error = ERR_NOT_FOUND;
    if (!error) *ret_version = record.version;
    return error;
}

/* ---- noting ---- */

int request_id_note(struct transaction *tx, const struct draft *draft, const struct commit_request *request,
                    uint64_t lineage, const struct version_id *version)
{
    struct request_record before, record = {
                                      .lineage = lineage,
                                      .version = *version,
                                      .appended = draft->only_appended,
                                      .from = draft->only_appended ? draft->appended_from : 0,
                                      .time = clock_now(),
                                  };
    if (!request->id) return 0;
    int error = request_record_load(tx, lineage, request->id, &before);
    if (!error && !has_expired(&before)) return REQUEST_MEANWHILE;
    if (error && error != ERR_NOT_FOUND) return error;
    strcpy(record.id, request->id);
    request_record_put(tx, &record);
    return 0;
}

/* ---- forgetting ---- */

int request_id_expire(struct store *store)
{
    uint64_t before = (uint64_t)clock_now().tv_sec - REQUEST_LIFETIME_S;
    size_t count = 1;
    int error = 0;
    for (unsigned step = 0; step < STEPS_AT_ONCE && count > 0 && !error; step++)
        error = request_record_expire(store, before, &count);
    return error;
}
