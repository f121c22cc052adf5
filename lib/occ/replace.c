/* SPDX-License-Identifier: Apache-2.0 */
#include "replace.h"

#include <string.h>
#include <sys/stat.h>

#include "conflict.h"
#include "content_same.h"
#include "file_acl.h"
#include "sibling.h"

static int head_version(struct store *store, const struct version_id *id, struct version *ret_version)
{
    int error = version_get(store, id->lineage, id->ordinal, ret_version);
    return error == ERR_NOT_FOUND ? ERR_DAMAGED : error;
}

static int body_copy(struct transaction *tx, const struct version_id *from, const struct version_id *to)
{
    struct buffer body = {0};
    int error = body_get(tx->store, from, false, &body);
    if (!error) body_put(tx, to, false, buffer_slice(&body));
    buffer_release(&body);
    return error;
}

/* What was said of the content is said of it at its new place. */
static int message_copy(struct transaction *tx, const struct version *from, const struct version *to)
{
    struct buffer message = {0};
    int error = from->message_size > 0 ? message_get(tx->store, from, &message) : 0;
    if (!error && message.size > 0) message_put(tx, to, buffer_slice(&message));
    buffer_release(&message);
    return error;
}

/* ---- may it? ---- */

static int decide_on(const struct replacement *replacement, const struct inode *moved, const struct version *old,
                     bool same, struct version_id *ret_base, enum decision *ret_decision)
{
    const struct inode *target = &replacement->target;
    struct claim_facts facts = {.base = {.opened = old->id}};
    bool owns;
    int error = succession_owns(replacement->tx->store, target, &moved->carried, &owns);
    if (error) return error;
    if (owns) facts.base.carried = moved->carried;
    if (!replacement->claim) {
        *ret_decision = same ? DECIDE_UNCHANGED : DECIDE_COMMIT;
        return 0;
    }
    replacement->claim->ask(replacement->claim->context, target, &facts);
    struct base base = base_choose(&facts.base);
    if (!version_id_equal(&base.id, &old->id)) error = succession_resolve(replacement->tx->store, &base.id);
    if (error) return error;
    const struct decide_facts decide_facts = {
        .policy = facts.live ? POLICY_LIVE : POLICY_REJECT,
        .base = base,
        .head = old->id,
        .same_content = same,
        .anew = target->nlink == 0,
    };
    *ret_base = decide_facts.base.id;
    *ret_decision = decide(&decide_facts);
    return 0;
}

/* ---- it may ---- */

/* The moved file, which has the lineage of the name's history already, becomes the next version after `old`. */
static int continue_history(const struct replacement *replacement, const struct version_id *old, struct version *new,
                            struct inode *moved)
{
    struct transaction *tx = replacement->tx;
    const struct version before = *new;
    new->operation = VERSION_RENAME;
    new->parent_count = 1;
    new->parents[0] = *old;
    if (!succession_is_unwritten(moved)) new->parents[new->parent_count++] = before.id;
    moved->continues = *old;
    int error = succession_next(tx, moved, &new->id);
    if (!error) error = file_acl_keep(tx, moved, &new->acl);
    if (error) return error;
    new->author = replacement->writer->author;
    new->time = replacement->now;
    new->mtime = moved->mtime;
    new->mode = moved->mode;
    new->uid = moved->uid;
    new->gid = moved->gid;
    version_put(tx, new);
    if (new->content.kind == CONTENT_INLINE) error = body_copy(tx, &before.id, &new->id);
    if (!error) error = message_copy(tx, &before, new);
    moved->head = new->id;
    return error;
}

/* What had the name last, as an inode without a link. */
static struct inode inode_of_record(const struct name_record *record)
{
    return (struct inode){
        .mode = S_IFREG | record->rights.mode,
        .uid = record->rights.uid,
        .gid = record->rights.gid,
        .lineage = record->lineage,
        .head = record->head,
        .forked_at = record->forked_at,
        .continues_rights = record->rights,
    };
}

int replace_take(struct replacement *replacement, struct inode *gone, struct inode *moved)
{
    struct transaction *tx = replacement->tx;
    struct name_record record;
    struct version old;
    bool same = false;
    int error = gone ? 0 : succession_find(tx->store, replacement->directory, replacement->name, &record);
    if (error) return error == ERR_NOT_FOUND ? 0 : error;
    if (!gone && record.lineage == moved->lineage) /* it comes back */
        return succession_take(tx, replacement->directory, replacement->name, &record, moved, &replacement->forked);

    error = head_version(tx->store, gone ? succession_head(gone) : &record.head, &old);
    if (!error) error = head_version(tx->store, &moved->head, &replacement->content);
    if (!error) error = content_same(tx->store, &old, &replacement->content, &same);
    if (error) return error;
    replacement->target = gone ? *gone : inode_of_record(&record);
    if (gone) replacement->target.nlink++; /* it has this name as yet */
    enum decision decision;
    error = decide_on(replacement, moved, &old, same, &replacement->base, &decision);
    if (error) return error;
    if (decision == DECIDE_CONFLICT) return REPLACE_REFUSED;

    bool resolves = false; /* the conflict whose sibling it was */
    if (gone && moved->conflict_target != 0)
        error = succession_runs_through(tx->store, gone, moved->conflict_target, &resolves);
    if (!error && resolves) error = sibling_forget(tx, moved);
    if (error) return error;
    error = gone ? succession_hand_over(tx, gone, moved)
                 : succession_take(tx, replacement->directory, replacement->name, &record, moved, &replacement->forked);
    if (!error && decision == DECIDE_UNCHANGED) moved->head = old.id;
    else if (!error) error = continue_history(replacement, &old.id, &replacement->content, moved);
    succession_settled(tx, moved);
    moved->carried = (struct version_id){0};
    return error;
}

/* ---- it may not ---- */

static bool target_is_unchanged(struct replacement *replacement, int *ret_error)
{
    const struct inode *target = &replacement->target;
    struct inode now;
    struct name_record record;
    if (target->nlink > 0) {
        *ret_error = inode_load(replacement->tx, target->ino, &now);
        return !*ret_error && version_id_equal(succession_head(&now), succession_head(target));
    }
    *ret_error = succession_find(replacement->tx->store, replacement->directory, replacement->name, &record);
    return !*ret_error && version_id_equal(&record.head, &target->head);
}

int replace_refused(struct replacement *replacement, struct commit_result *ret_result)
{
    struct transaction *tx = replacement->tx;
    const struct version *content = &replacement->content;
    int error;
    if (!target_is_unchanged(replacement, &error))
        return error == 0 || error == ERR_NOENT || error == ERR_NOT_FOUND ? TRANSACTION_AGAIN : error;
    char name[SIBLING_NAME_SIZE];
    memcpy(name, replacement->name.data, replacement->name.size);
    name[replacement->name.size] = '\0';
    struct commit_request request = {
        .operation = VERSION_RENAME,
        .writer = *replacement->writer,
        .directory = replacement->directory,
        .name = name,
    };
    struct buffer message = {0};
    struct sealed sealed = {.content = content->content};
    const struct conflict_content conflict = {.sealed = &sealed, .mtime = content->mtime};
    bool kept;
    *ret_result = (struct commit_result){.outcome = COMMIT_CONFLICT};
    if (sealed.content.kind == CONTENT_INLINE) error = body_get(tx->store, &content->id, false, &sealed.body);
    if (!error && content->message_size > 0) error = message_get(tx->store, content, &message);
    if (!error && message.size > 0) {
        buffer_append_u8(&message, '\0');
        error = buffer_failed(&message);
        request.message = (const char *)message.data;
    }
    if (!error)
        error = conflict_put(tx, &conflict, &request, &replacement->base, &replacement->target, ret_result, &kept);
    buffer_release(&message);
    buffer_release(&sealed.body);
    return error ? error : transaction_commit(tx, false);
}
