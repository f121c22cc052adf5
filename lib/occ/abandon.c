/* SPDX-License-Identifier: Apache-2.0 */

/* Drafts that do not become the next version: what a killed writer leaves, and what its writer takes back. */

#include <string.h>

#include "commit.h"
#include "file_acl.h"
#include "last.h"
#include "succession.h"

int commit_abandon(struct draft *draft, const struct commit_request *request, struct commit_result *ret_result)
{
    struct transaction tx;
    struct sealed sealed;
    struct version version, restored;
    transaction_init(&tx, draft->store);
    draft_lock(draft);
    int error = draft_seal_locked(draft, &sealed);
    if (error) goto out;
    do {
        struct inode inode;
        struct version_id base = request->base.opened;
        transaction_restart(&tx);
        restored = (struct version){0};
        error = inode_load(&tx, request->ino, &inode);
        if (error) break;
        /* As the file was when it was written, whatever it gets back. */
        commit_describe_version(&version, draft, &sealed, request, &inode);
        error = file_acl_keep(&tx, &inode, &version.acl);
        if (error) continue;
        if (inode.continues.lineage != 0) {
            base = inode.continues;
            error = succession_restore(&tx, &inode, &restored);
            if (error) break;
            inode_put(&tx, &inode);
        }
        version.operation = VERSION_KILLED;
        version.abandoned = true;
        version.parent_count = 1;
        version.parents[0] = version.id = base;
        version.id.nonce = store_random();
        commit_put_version(&tx, &version, &sealed, request);
        last_killed_put(&tx, &inode, &version);
        draft_fulfil_locked(draft, &tx);
        error = transaction_commit(&tx, request->durable);
    } while (error == TRANSACTION_AGAIN);
    if (error == ERR_UNKNOWN_OUTCOME) draft_unsettled_locked(draft, NULL);
    sealed_release(&sealed);
    if (!error) {
        draft_rebase_locked(draft, &version, true);
        *ret_result = (struct commit_result){.outcome = COMMIT_ABANDONED, .version = version, .restored = restored};
    }
out:
    draft_unlock(draft);
    transaction_release(&tx);
    return error;
}

int commit_restore(struct store *store, uint64_t ino, const struct version_id *opened, struct version *ret_restored)
{
    struct transaction tx;
    int error;
    transaction_init(&tx, store);
    do {
        struct inode inode;
        transaction_restart(&tx);
        error = inode_load(&tx, ino, &inode);
        if (error || inode.nlink == 0 || !version_id_equal(&inode.head, opened) || inode.continues.lineage == 0) break;
        error = succession_restore(&tx, &inode, ret_restored);
        if (error) break;
        inode_put(&tx, &inode);
        error = transaction_commit(&tx, false);
    } while (error == TRANSACTION_AGAIN);
    transaction_release(&tx);
    return error;
}

int commit_discard(struct draft *draft, uint64_t ino, const struct version_id *opened, struct version *ret_restored)
{
    struct version version, restored = {0};
    draft_lock(draft);
    int error = version_get(draft->store, opened->lineage, opened->ordinal, &version);
    if (!error) error = commit_restore(draft->store, ino, opened, &restored);
    if (!error) {
        draft_rebase_locked(draft, &version, false);
        draft_set_mtime(draft, version.mtime);
        draft->written_ns = 0;
        draft->sibling = 0;
        *ret_restored = restored;
    }
    draft_unlock(draft);
    return error == ERR_NOT_FOUND ? ERR_DAMAGED : error;
}
