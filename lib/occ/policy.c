/* SPDX-License-Identifier: Apache-2.0 */
#include "policy.h"

#include <string.h>
#include <sys/stat.h>

#include "clock.h"

static const char *const names[] = {[POLICY_REJECT] = "reject", [POLICY_LIVE] = "live"};

const char *policy_name(enum policy policy)
{
    return names[policy];
}

int policy_parse(struct slice text, enum policy *ret_policy)
{
    if (text.size == 0) {
        *ret_policy = POLICY_INHERIT;
        return 0;
    }
    for (size_t i = POLICY_REJECT; i < sizeof names / sizeof names[0]; i++) {
        if (!slice_equal(text, SLICE_STRING(names[i]))) continue;
        *ret_policy = (enum policy)i;
        return 0;
    }
    return ERR_INVAL;
}

int policy_set(struct store *store, uint64_t ino, uint32_t uid, enum policy policy, struct inode *ret_inode)
{
    struct transaction tx;
    struct inode inode;
    int error;
    transaction_init(&tx, store);
    do {
        transaction_restart(&tx);
        error = inode_load(&tx, ino, &inode);
        if (!error && !S_ISREG(inode.mode) && !S_ISDIR(inode.mode)) error = ERR_INVAL;
        if (!error && uid != 0 && uid != inode.uid) error = ERR_PERM;
        if (error) break;
        inode.policy = (uint8_t)policy;
        inode.ctime = clock_now();
        inode_put(&tx, &inode);
        error = transaction_commit(&tx, false);
    } while (error == TRANSACTION_AGAIN);
    transaction_release(&tx);
    if (!error) *ret_inode = inode;
    return error;
}

int policy_of_directory(struct store *store, uint64_t ino, enum policy *ret_policy)
{
    for (;;) {
        struct inode inode;
        int error = inode_get(store, ino, &inode);
        if (error) return error;
        if (inode.policy != POLICY_INHERIT || ino == ROOT_INO) {
            *ret_policy = (enum policy)inode.policy;
            return 0;
        }
        ino = inode.parent;
    }
}
