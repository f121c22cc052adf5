/* SPDX-License-Identifier: Apache-2.0 */
#include "commit.h"

#include <string.h>

#include "clock.h"
#include "conflict.h"
#include "content_same.h"
#include "file_acl.h"
#include "live.h"
#include "request_id.h"
#include "resolution.h"
#include "succession.h"

/* Whether the sealed draft says what the head says. */
static int same_as_head(struct draft *draft, const struct sealed *sealed, const struct inode *inode,
                        struct version *ret_head, bool *ret_same)
{
    const struct version_id *head = succession_head(inode);
    *ret_same = false;
    if (inode->size != sealed->content.size && inode->continues.lineage == 0) return 0;
    int error = version_get(draft->store, head->lineage, head->ordinal, ret_head);
    if (error) return error == ERR_NOT_FOUND ? ERR_DAMAGED : error;
    return content_same_as_sealed(draft->store, sealed, ret_head, ret_same);
}

void commit_describe_version(struct version *version, const struct draft *draft, const struct sealed *sealed,
                             const struct commit_request *request, const struct inode *inode)
{
    *version = (struct version){
        .operation = request->operation,
        .author = request->writer.author,
        .time = clock_now(),
        .mtime = draft_changed_at(draft),
        .mode = inode->mode,
        .uid = inode->uid,
        .gid = inode->gid,
        .content = sealed->content,
    };
}

void commit_put_version(struct transaction *tx, struct version *version, const struct sealed *sealed,
                        const struct commit_request *request)
{
    const char *message = request->message;
    version->message_size = message ? (uint16_t)strlen(message) : 0;
    version_put(tx, version);
    if (sealed->content.kind == CONTENT_INLINE)
        body_put(tx, &version->id, version->abandoned, buffer_slice(&sealed->body));
    if (message) message_put(tx, version, SLICE_STRING(message));
}

static int publish(struct transaction *tx, struct draft *draft, const struct sealed *sealed,
                   const struct commit_request *request, struct inode *inode, struct commit_result *result)
{
    const struct resolution *resolves = request->resolves;
    struct version version;
    commit_describe_version(&version, draft, sealed, request, inode);
    version.parent_count = 1;
    version.parents[0] = *succession_head(inode);
    if (resolves) {
        version.operation = VERSION_RESOLVE;
        version.parents[version.parent_count++] = resolves->version;
    }
    int error = resolves ? resolution_take(tx, resolves, inode, &result->resolved) : 0;
    if (!error) error = file_acl_keep(tx, inode, &version.acl);
    if (!error) error = succession_next(tx, inode, &version.id);
    if (error) return error;
    error = request_id_note(tx, draft, request, version.id.lineage, &version.id);
    if (error) return error;
    commit_put_version(tx, &version, sealed, request);

    succession_settled(tx, inode);
    inode->head = version.id;
    inode->size = version.content.size;
    inode->allocated = version.content.allocated;
    inode->mtime = version.mtime;
    inode->ctime = draft->changed ? draft_ctime(draft, inode->ctime) : version.time;
    inode_put(tx, inode);
    draft_fulfil_locked(draft, tx);
    live_forget_in(draft, tx);
    error = transaction_commit(tx, request->durable);
    if (error == ERR_UNKNOWN_OUTCOME) draft_unsettled_locked(draft, &version.id);
    if (!error) result->version = version;
    return error;
}

/* If an earlier attempt has made a version after all, that one is the base, and what it holds was appended. */
static int settle(struct draft *draft, struct commit_request *request)
{
    const struct version_id *id = &draft->unsettled;
    struct version version;
    if (id->lineage == 0) return 0;
    int error = version_get(draft->store, id->lineage, id->ordinal, &version);
    if (error) return error == ERR_NOT_FOUND ? 0 : error;
    if (!version_id_equal(&version.id, id)) return 0;
    request->base = (struct base_facts){.opened = version.id};
    if (draft->only_appended) draft->appended_from = version.content.size;
    if (version.operation == VERSION_RESOLVE && request->resolves &&
        version_id_equal(&version.parents[1], &request->resolves->version))
        request->resolves = NULL;
    return 0;
}

static struct decide_facts facts_of(const struct draft *draft, const struct commit_request *request,
                                    const struct inode *inode)
{
    /* Removed since the request was made: who did it is not known, and the lineage may be another file's by now. */
    bool removed_since = request->removal == REMOVAL_NONE && inode->nlink == 0;
    struct base base = base_choose(&request->base);
    /* Who opened what stands anew replaces what its name had. */
    if (version_id_equal(&base.id, &inode->head)) base.id = *succession_head(inode);
    return (struct decide_facts){
        .policy = request->policy,
        .base = base,
        .head = *succession_head(inode),
        .removal = removed_since ? REMOVAL_BY_OTHER : request->removal,
        .conflicted = request->conflicted,
        .only_appended = draft->only_appended,
        .resolves = request->resolves,
        .anew = inode->continues.lineage != 0,
    };
}

/* Moves an append behind whatever the head is now, before anything is sealed. Sets *ret_followed if it was not there. */
static int append_follow(struct draft *draft, struct commit_request *request, bool *ret_followed)
{
    struct inode inode;
    int error = inode_get(draft->store, request->ino, &inode);
    if (error) return error;
    struct decide_facts facts = facts_of(draft, request, &inode);
    if (decide(&facts) != DECIDE_APPEND) return 0;
    struct version head;
    error = version_get(draft->store, inode.head.lineage, inode.head.ordinal, &head);
    if (!error) error = draft_append_to_locked(draft, &head);
    if (error) return error == ERR_NOT_FOUND ? ERR_DAMAGED : error;
    request->base = (struct base_facts){.opened = head.id};
    *ret_followed = true;
    return 0;
}

/*
 * The file was written, with what it said already: its times say so. `base`: what the writer says that it was made of. Who has named another
 * one than the head has computed what somebody else computed meanwhile, and may have to do it again, as the same request: that is not noted.
 */
static int touch(struct transaction *tx, const struct draft *draft, const struct commit_request *request,
                 const struct base *base, struct inode *inode, struct version *version)
{
    version->mtime = inode->mtime = draft_changed_at(draft);
    inode->ctime = draft_ctime(draft, inode->ctime);
    inode_put(tx, inode);
    bool coincides = base_is_explicit(base) && !version_id_equal(&base->id, &version->id);
    int error = coincides ? 0 : request_id_note(tx, draft, request, inode->lineage, &version->id);
    return error ? error : transaction_commit(tx, request->durable);
}

/* The content goes to a sibling, and a file that stood anew gets back what its name had. */
static int refuse(struct transaction *tx, struct draft *draft, const struct sealed *sealed,
                  const struct commit_request *request, const struct version_id *base, struct inode *inode,
                  struct commit_result *result, bool *ret_kept_blobs)
{
    const struct conflict_content content = {
        .sealed = sealed,
        .mtime = draft_changed_at(draft),
        .sibling = draft->sibling,
    };
    int error = 0;
    if (inode->continues.lineage != 0) {
        error = succession_restore(tx, inode, &result->restored);
        inode_put(tx, inode);
    }
    if (!error) error = conflict_put(tx, &content, request, base, inode, result, ret_kept_blobs);
    if (error) return error;
    if (*ret_kept_blobs) draft_fulfil_locked(draft, tx);
    error = transaction_commit(tx, request->durable);
    if (error == ERR_UNKNOWN_OUTCOME) draft_unsettled_locked(draft, NULL);
    return error;
}

/* One attempt. TRANSACTION_AGAIN: somebody was in between; the caller asks again from the beginning. */
static int attempt(struct transaction *tx, struct draft *draft, const struct sealed *sealed,
                   const struct commit_request *request, struct commit_result *result, bool *ret_kept_blobs)
{
    struct inode inode;
    int error = inode_load(tx, request->ino, &inode);
    if (error) return error;
    struct version head;
    struct decide_facts facts = facts_of(draft, request, &inode);
    if (!version_id_equal(&facts.base.id, &facts.head)) error = succession_resolve(tx->store, &facts.base.id);
    if (!error) error = same_as_head(draft, sealed, &inode, &head, &facts.same_content);
    if (error) return error;

    switch (decide(&facts)) {
    case DECIDE_APPEND:
        return TRANSACTION_AGAIN;
    case DECIDE_REPEATED:
    case DECIDE_REUSED: /* what is noted of requests was looked at before */
        return REQUEST_MEANWHILE;
    case DECIDE_DISCARD: /* else it is known before anything is sealed: the file was removed since */
        result->outcome = COMMIT_UNCHANGED;
        return request->durable ? kv_sync(draft->store->kv) : 0;
    case DECIDE_UNCHANGED:
        result->outcome = COMMIT_UNCHANGED;
        result->version = head;
        return touch(tx, draft, request, &facts.base, &inode, &result->version);
    case DECIDE_COMMIT:
        result->outcome = COMMIT_DONE;
        *ret_kept_blobs = true;
        return publish(tx, draft, sealed, request, &inode, result);
    case DECIDE_CONFLICT:
        break;
    }
    result->outcome = COMMIT_CONFLICT;
    return refuse(tx, draft, sealed, request, &facts.base.id, &inode, result, ret_kept_blobs);
}

/* The draft lies over what was stored; one that was discarded stays as it is, for those who have it open. */
static int conclude(struct draft *draft, const struct commit_result *result, bool kept_blobs)
{
    if (result->version.id.lineage == 0) return 0;
    int error = result->outcome == COMMIT_UNCHANGED ? live_forget(draft) : 0;
    if (error) return error;
    draft_rebase_locked(draft, &result->version, kept_blobs);
    draft->sibling = result->sibling;
    live_forgotten(draft);
    return 0;
}

static int commit_locked(struct draft *draft, struct commit_request *request, struct commit_result *ret_result)
{
    struct transaction tx;
    struct commit_result result;
    bool followed = false;
    int error = settle(draft, request);
    if (error) return error;
    transaction_init(&tx, draft->store);
    do {
        struct sealed sealed;
        bool kept_blobs;
        error = draft->only_appended ? append_follow(draft, request, &followed) : 0;
        if (!error) error = draft_seal_locked(draft, &sealed);
        if (error) break;
        do {
            transaction_restart(&tx);
            memset(&result, 0, sizeof result);
            kept_blobs = false;
            error = attempt(&tx, draft, &sealed, request, &result, &kept_blobs);
        } while (error == TRANSACTION_AGAIN && !draft->only_appended);
        sealed_release(&sealed);
        if (!error) error = conclude(draft, &result, kept_blobs);
    } while (error == TRANSACTION_AGAIN);
    transaction_release(&tx);
    result.followed = followed;
    if (!error) *ret_result = result;
    return error;
}

/* What the same request has made stands; the draft lies over that. */
static int repeat(struct draft *draft, const struct commit_request *request, const struct version *made,
                  struct commit_result *ret_result)
{
    struct commit_result result = {.outcome = COMMIT_REPEATED, .version = *made};
    struct inode inode;
    int error = inode_get(draft->store, request->ino, &inode);
    if (!error) error = commit_restore(draft->store, request->ino, &inode.head, &result.restored);
    if (!error && request->durable) error = kv_sync(draft->store->kv);
    if (error) return error;
    draft_rebase_locked(draft, made, false);
    *ret_result = result;
    return 0;
}

static int attempt_request(struct draft *draft, const struct commit_request *request, struct commit_result *ret_result)
{
    struct commit_request follow = *request; /* an append's base moves along */
    struct version made;
    struct decide_facts known = {
        .policy = request->policy, .removal = request->removal, .conflicted = request->conflicted};
    bool wanted = draft->changed || request->resolves;
    int error = request->id ? request_id_look(draft, request, &known.repetition, &made) : 0;
    if (error) return error;
    switch (decide(&known)) {
    case DECIDE_REPEATED:
        return repeat(draft, request, &made, ret_result);
    case DECIDE_REUSED:
        if (wanted) return ERR_REQUEST_REUSED;
        break;
    case DECIDE_DISCARD:
        wanted = false;
        break;
    default:
        if (wanted) return commit_locked(draft, &follow, ret_result);
    }
    if (request->durable) error = kv_sync(draft->store->kv);
    if (!error) *ret_result = (struct commit_result){.outcome = COMMIT_UNCHANGED};
    return error;
}

int commit_draft(struct draft *draft, const struct commit_request *request, struct commit_result *ret_result)
{
    int error;
    draft_lock(draft);
    do {
        error = attempt_request(draft, request, ret_result);
    } while (error == REQUEST_MEANWHILE);
    draft_unlock(draft);
    return error;
}
