/* SPDX-License-Identifier: Apache-2.0 */
#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "commit.h"
#include "log.h"
#include "scratch.h"

enum { GROUPS_PER_COMMIT = 64, NAME_SIZE = 48 };

static void scratch_name(const struct draft_live *live, char name[NAME_SIZE])
{
    snprintf(name, NAME_SIZE, "%" PRIu64 ".%016" PRIx64, live->ino, live->generation);
}

/* ---- beginning ---- */

static int group_restore(void *context, const struct live_group *group)
{
    struct draft *draft = context;
    for (unsigned bit = 0; bit < LIVE_GROUP_CHUNKS; bit++) {
        if (!(group->bits[bit / 8] & 1 << bit % 8)) continue;
        uint64_t index = group->number * LIVE_GROUP_CHUNKS + bit;
        if (index * CHUNK_SIZE >= draft->size) continue; /* cut off since */
        int error = draft_chunks_find_again(&draft->chunks, index);
        if (error) return error;
    }
    return 0;
}

static int restore(struct draft *draft, const struct live_record *record)
{
    draft->live.recorded = true;
    draft->live.size = record->size;
    draft->size = record->size;
    draft->live.visible = record->visible;
    draft->visible = record->visible;
    draft->live.synced = true;
    draft->changed = true;
    draft_set_mtime(draft, record->mtime);
    return live_group_scan(draft->store, record->ino, record->generation, group_restore, draft);
}

int live_init(struct draft *draft, struct store *store, uint64_t ino, const struct version *head)
{
    struct live_record record;
    struct version origin = *head;
    char name[NAME_SIZE];
    int error = live_record_get(store, ino, &record);
    bool left = error == 0;
    if (error && error != ERR_NOT_FOUND) return error;
    if (left) error = version_get(store, record.origin.lineage, record.origin.ordinal, &origin);
    if (left && error) return error == ERR_NOT_FOUND ? ERR_DAMAGED : error;

    draft_init(draft, store, &origin);
    draft->live.ino = ino;
    draft->live.generation = left ? record.generation : store_random();
    mutex_init(&draft->live.sync_lock);
    scratch_name(&draft->live, name);
    error = draft_chunks_init_named(&draft->chunks, store, name);
    if (!error && left) error = restore(draft, &record);
    if (error) live_release(draft, false);
    return error;
}

/* ---- making it durable ---- */

/* What of a draft goes into its record. */
struct sync {
    struct live_record record;
    bool record_changed;
    uint64_t *added; /* chunks that no group names yet, ascending */
    size_t added_count;
    struct live_group *groups;
    size_t group_count;
    int scratch; /* a descriptor of its own, -1: no such file */
};

static void sync_release(struct sync *sync)
{
    free(sync->added);
    free(sync->groups);
    if (sync->scratch >= 0) close(sync->scratch);
}

static int groups_collect(struct draft *draft, struct sync *sync)
{
    if (sync->added_count == 0) return 0;
    sync->groups = malloc(sync->added_count * sizeof *sync->groups);
    if (!sync->groups) return ERR_NOMEM;
    for (size_t i = 0; i < sync->added_count; i++) {
        uint64_t number = sync->added[i] / LIVE_GROUP_CHUNKS;
        if (sync->group_count > 0 && sync->groups[sync->group_count - 1].number == number) continue;
        struct live_group *group = &sync->groups[sync->group_count++];
        *group = (struct live_group){.ino = draft->live.ino, .generation = sync->record.generation, .number = number};
        for (unsigned bit = 0; bit < LIVE_GROUP_CHUNKS; bit++)
            if (draft_chunks_has(&draft->chunks, number * LIVE_GROUP_CHUNKS + bit))
                group->bits[bit / 8] |= (uint8_t)(1 << bit % 8);
    }
    return 0;
}

static void record_of(const struct draft *draft, struct live_record *ret_record)
{
    *ret_record = (struct live_record){
        .ino = draft->live.ino,
        .generation = draft->live.generation,
        .size = draft->size,
        .visible = draft->visible,
        .origin = draft->origin.id,
        .mtime = draft_changed_at(draft),
    };
}

static int sync_collect_locked(struct draft *draft, struct sync *sync)
{
    mutex_assert_held(&draft->lock);
    int error = draft_chunks_spill(&draft->chunks);
    if (!error) error = draft_chunks_unrecorded(&draft->chunks, &sync->added, &sync->added_count);
    if (error) return error;
    record_of(draft, &sync->record);
    sync->record_changed = !draft->live.recorded || sync->added_count > 0 || draft->live.size != sync->record.size ||
                           draft->live.visible != sync->record.visible;
    error = groups_collect(draft, sync);
    if (!error && draft->chunks.scratch >= 0) {
        sync->scratch = fcntl(draft->chunks.scratch, F_DUPFD_CLOEXEC, 0);
        if (sync->scratch < 0) error = error_from_errno(errno);
    }
    if (!error) draft->live.synced = true; /* as of now; undone where it fails */
    return error;
}

/* Groups first: without the record they mean nothing. */
static int sync_commit(struct draft *draft, const struct sync *sync)
{
    struct transaction tx;
    transaction_init(&tx, draft->store);
    int error = 0;
    for (size_t i = 0; i < sync->group_count && !error; i++) {
        live_group_put(&tx, &sync->groups[i]);
        if ((i + 1) % GROUPS_PER_COMMIT != 0) continue;
        error = transaction_commit(&tx, false);
        transaction_restart(&tx);
    }
    live_record_put(&tx, &sync->record);
    if (!error) error = transaction_commit(&tx, true);
    transaction_release(&tx);
    return error;
}

int live_sync(struct draft *draft)
{
    MUTEX_GUARD(&draft->live.sync_lock);
    mutex_lock(&draft->lock);
    struct sync sync = {.scratch = -1};
    bool nothing = draft->live.synced || !draft->changed;
    int error = nothing ? 0 : sync_collect_locked(draft, &sync);
    mutex_unlock(&draft->lock);
    if (nothing) return kv_sync(draft->store->kv); /* a version may have been committed since */

    if (!error) error = scratch_sync(sync.scratch);
    if (!error && sync.record_changed) error = sync_commit(draft, &sync);
    mutex_lock(&draft->lock);
    if (error) draft->live.synced = false;
    if (!error && sync.record_changed) {
        draft->live.recorded = true;
        draft->live.size = sync.record.size;
        draft->live.visible = sync.record.visible;
        draft_chunks_set_recorded(&draft->chunks, sync.added, sync.added_count);
    }
    mutex_unlock(&draft->lock);
    sync_release(&sync);
    return error;
}

int live_shorten(struct draft *draft, uint64_t size)
{
    mutex_assert_held(&draft->live.sync_lock);
    mutex_assert_held(&draft->lock);
    if (!draft->live.recorded || (size >= draft->live.size && size >= draft->live.visible)) return 0;
    struct live_record record;
    record_of(draft, &record);
    record.size = size < draft->live.size ? size : draft->live.size;
    record.visible = size < draft->live.visible ? size : draft->live.visible;
    struct transaction tx;
    transaction_init(&tx, draft->store);
    live_record_put(&tx, &record);
    int error = transaction_commit(&tx, true);
    transaction_release(&tx);
    if (error) return error;
    draft->live.size = record.size;
    draft->live.visible = record.visible;
    return 0;
}

/* ---- the end of a record ---- */

void live_forget_in(const struct draft *draft, struct transaction *tx)
{
    if (draft->live.recorded) live_record_delete(tx, draft->live.ino);
}

void live_forgotten(struct draft *draft)
{
    if (draft->live.ino == 0) return;
    mutex_assert_held(&draft->live.sync_lock);
    bool had_groups = draft->live.recorded;
    draft->live.recorded = false;
    draft->live.synced = false;
    if (!had_groups) return;
    int error = live_group_delete_all(draft->store, draft->live.ino);
    if (error) log_warning("groups of live inode %" PRIu64 " are left over: %s", draft->live.ino, error_text(error));
}

int live_forget(struct draft *draft)
{
    if (!draft->live.recorded) return 0;
    struct transaction tx;
    transaction_init(&tx, draft->store);
    live_forget_in(draft, &tx);
    int error = transaction_commit(&tx, false);
    transaction_release(&tx);
    if (!error) live_forgotten(draft);
    return error;
}

void live_release(struct draft *draft, bool gone)
{
    char name[NAME_SIZE];
    scratch_name(&draft->live, name);
    mutex_lock(&draft->live.sync_lock);
    int error = gone ? live_forget(draft) : 0;
    bool needed = draft->live.recorded;
    bool there = draft->chunks.scratch >= 0;
    mutex_unlock(&draft->live.sync_lock);
    if (error) log_warning("the record of live inode %s stays until the next mount: %s", name, error_text(error));
    mutex_release(&draft->live.sync_lock);
    draft_release(draft);
    if (there && !needed) draft_chunks_unlink(name);
}

/* ---- after a crash ---- */

struct left {
    struct live_record *records;
    size_t count, capacity;
};

static int left_collect(void *context, const struct live_record *record)
{
    struct left *left = context;
    if (left->count == left->capacity) {
        size_t capacity = left->capacity ? left->capacity * 2 : 16;
        struct live_record *records = realloc(left->records, capacity * sizeof *records);
        if (!records) return ERR_NOMEM;
        left->records = records;
        left->capacity = capacity;
    }
    left->records[left->count++] = *record;
    return 0;
}

static int recover(struct store *store, uint64_t ino)
{
    struct inode inode;
    struct version head;
    struct draft draft;
    int error = inode_get(store, ino, &inode);
    bool gone = error == ERR_NOENT || (!error && inode.nlink == 0);
    if (error && !gone) return error;
    if (gone) head = (struct version){0};
    else error = version_get(store, inode.head.lineage, inode.head.ordinal, &head);
    if (!error || gone) error = live_init(&draft, store, ino, &head);
    if (error) return error;
    if (!gone) {
        const struct commit_request request = {
            .ino = ino, .policy = POLICY_LIVE, .operation = VERSION_WRITE, .durable = true, .name = ""};
        struct commit_result result;
        error = commit_draft(&draft, &request, &result);
    }
    live_release(&draft, gone);
    return error;
}

int live_recover_all(struct store *store, uint64_t *ret_count)
{
    struct left left = {0};
    int error = live_record_scan(store, left_collect, &left);
    for (size_t i = 0; i < left.count && !error; i++)
        error = recover(store, left.records[i].ino);
    free(left.records);
    if (!error) *ret_count = left.count;
    return error;
}
