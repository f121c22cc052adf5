/* SPDX-License-Identifier: Apache-2.0 */

/* Extended attributes: the users' own, and user.occ.* which is occfs's interface for scripts. */

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "attributes.h"
#include "bases.h"
#include "caller.h"
#include "closing.h"
#include "draft_attributes.h"
#include "file_acl.h"
#include "history_view.h"
#include "occ_attributes.h"
#include "operations.h"
#include "policy.h"
#include "privileges.h"
#include "redirection.h"
#include "succession.h"
#include "token.h"

static void reply_value(fuse_req_t request, size_t size, const void *value, size_t length)
{
    if (size == 0) fuse_reply_xattr(request, length);
    else if (size < length) reply_error(request, ERR_RANGE);
    else fuse_reply_buf(request, value, length);
}

/* Who asks for the token has read that version. */
static void note_token(fuse_req_t request, fuse_ino_t node, const char *name, const struct buffer *value)
{
    struct filesystem *fs = filesystem_of(request);
    struct version_id version;
    if (strcmp(name, OCC_VERSION_ATTRIBUTE) != 0) return;
    if (token_parse(fs->store, buffer_slice(value), &version) == 0)
        bases_read(fs, fuse_req_ctx(request)->pid, node, view_tells_head(&fs->views, node), &version);
}

static int own_attribute_get(fuse_req_t request, fuse_ino_t node, const char *name, struct buffer *value)
{
    struct filesystem *fs = filesystem_of(request);
    int error = view_look_again(fs, fuse_req_ctx(request)->pid, node);
    return error ? error : occ_attribute_get(fs, node, name, value);
}

void op_getxattr(fuse_req_t request, fuse_ino_t node, const char *name, size_t size)
{
    struct filesystem *fs = filesystem_of(request);
    struct buffer value = {0};
    uint64_t ino = view_ino(&fs->views, node);
    int error;
    if (!ino) error = history_xattr_get(fs, node, name, &value);
    else if (strcmp(name, OCC_REQUEST_ATTRIBUTE) == 0) error = draft_attribute_get(request, node, &value);
    else if (strncmp(name, OCC_ATTRIBUTES, strlen(OCC_ATTRIBUTES)) == 0)
        error = own_attribute_get(request, node, name, &value);
    else error = attributes_xattr_get(fs->store, ino, SLICE_STRING(name), &value);
    if (!error) note_token(request, node, name, &value);
    if (error) reply_error(request, error);
    else reply_value(request, size, value.data, value.size);
    buffer_release(&value);
}

/* Takes names with the prefix out of a list. */
static void names_hide(struct buffer *names, const char *prefix)
{
    size_t kept = 0;
    for (size_t at = 0, length; at < names->size && !names->failed; at += length) {
        const char *name = (const char *)names->data + at;
        length = strlen(name) + 1;
        if (strncmp(name, prefix, strlen(prefix)) == 0) continue;
        memmove(names->data + kept, name, length);
        kept += length;
    }
    if (!names->failed) names->size = kept;
}

void op_listxattr(fuse_req_t request, fuse_ino_t node, size_t size)
{
    struct filesystem *fs = filesystem_of(request);
    struct buffer names = {0};
    uint64_t ino = view_ino(&fs->views, node);
    int error = ino ? attributes_xattr_list(fs->store, ino, &names) : history_xattr_list(fs, node, &names);
    if (!error && ino) occ_attributes_list(fs, node, &names);
    if (!error && fuse_req_ctx(request)->uid != 0) names_hide(&names, "trusted.");
    if (!error) error = buffer_failed(&names);
    if (error) reply_error(request, error);
    else reply_value(request, size, names.data, names.size);
    buffer_release(&names);
}

/* ---- offering a token ---- */

/* Remembers that another file's token was offered to this one. */
static int token_carry(struct store *store, uint64_t ino, const struct version_id *token)
{
    struct transaction tx;
    struct inode inode;
    int error;
    transaction_init(&tx, store);
    do {
        transaction_restart(&tx);
        error = inode_load(&tx, ino, &inode);
        if (error) break;
        inode.carried = *token;
        inode_put(&tx, &inode);
        error = transaction_commit(&tx, false);
    } while (error == TRANSACTION_AGAIN);
    transaction_release(&tx);
    return error;
}

/* On the writing descriptor: the base of its draft. false: it is none of the caller's. */
static bool token_bind(fuse_req_t request, fuse_ino_t nodeid, const struct version_id *token, struct expiry *expiry)
{
    struct handle *handle = draft_attribute_join(request, nodeid);
    if (!handle) return false;
    mutex_lock(&handle->draft->commit_lock);
    handle->draft->descriptor_token = *token;
    mutex_unlock(&handle->draft->commit_lock);
    closing_handle(filesystem_of(request), handle, expiry);
    return true;
}

/* Whether the process has committed what is the head: it restores attributes (tar, rsync -X) and edits nothing. */
static bool wrote_head(struct filesystem *fs, pid_t process, const struct inode *inode)
{
    const struct version_id *head = succession_head(inode);
    struct version version;
    if (version_get(fs->store, head->lineage, head->ordinal, &version) != 0) return false;
    if ((pid_t)version.author.pid != process) return false;
    struct version_id known = bases_remembered(fs, process, inode, head);
    return fs->options.base_open || version_id_equal(&known, head);
}

/* By path: binds what the caller does next with the file. */
static int token_arm(struct filesystem *fs, pid_t tid, const struct inode *inode, const struct version_id *token)
{
    pid_t process = caller_process(tid);
    if (process == 0) return ERR_NOTSUP;
    if (wrote_head(fs, process, inode)) return 0;
    int error = armed_arm(&fs->armed, process, inode->lineage, token);
    if (error) return error;
    /* EAGAIN would be told as EOPNOTSUPP: the kernel has a use of its own for it there. */
    return version_id_equal(token, succession_head(inode)) ? 0 : ERR_STALE_TOKEN;
}

static int token_offered(fuse_req_t request, fuse_ino_t node, uint64_t ino, struct slice text, struct expiry *expiry)
{
    struct filesystem *fs = filesystem_of(request);
    struct version_id token;
    struct inode inode;
    int error = token_parse(fs->store, text, &token);
    if (error == ERR_BAD_TOKEN && fs->options.foreign_tokens) return 0;
    if (!error) error = view_look_again(fs, fuse_req_ctx(request)->pid, node);
    if (!error) error = inode_get(fs->store, ino, &inode);
    if (error) return error;
    if (!S_ISREG(inode.mode)) return ERR_PERM;
    bool owns;
    error = succession_owns(fs->store, &inode, &token, &owns);
    if (error) return error;
    if (!owns && token.lineage != inode.head.lineage) return token_carry(fs->store, ino, &token);
    if (token_bind(request, node, &token, expiry)) return 0;
    return token_arm(fs, fuse_req_ctx(request)->pid, &inode, &token);
}

/* Ends what binds the caller. */
static int token_disarm(fuse_req_t request, fuse_ino_t node, uint64_t ino)
{
    struct filesystem *fs = filesystem_of(request);
    struct inode inode;
    int error = view_look_again(fs, fuse_req_ctx(request)->pid, node);
    if (!error) error = inode_get(fs->store, ino, &inode);
    if (error) return error;
    return bases_disarm(fs, &inode, caller_process(fuse_req_ctx(request)->pid)) ? 0 : ERR_NODATA;
}

/* ---- the policy ---- */

static int policy_change(fuse_req_t request, uint64_t ino, struct slice text, int flags)
{
    struct filesystem *fs = filesystem_of(request);
    enum policy policy;
    struct inode inode;
    int error = policy_parse(text, &policy);
    if (!error) error = inode_get(fs->store, ino, &inode);
    if (!error && inode.policy == POLICY_INHERIT && (flags & XATTR_REPLACE)) error = ERR_NODATA;
    if (!error && inode.policy != POLICY_INHERIT && (flags & XATTR_CREATE)) error = ERR_EXIST;
    if (!error) error = policy_set(fs->store, ino, fuse_req_ctx(request)->uid, policy, &inode);
    if (error) return error;
    struct file *file = file_hold(&fs->views, ino);
    if (file) {
        mutex_lock(&fs->views.lock);
        file->own_policy = inode.policy;
        mutex_unlock(&fs->views.lock);
        file_drop(fs, file);
    }
    if (S_ISDIR(inode.mode)) fs->policy_generation++;
    return 0;
}

/* ---- access control lists ---- */

static int acl_change(fuse_req_t request, uint64_t ino, const char *name, const struct slice *value)
{
    struct filesystem *fs = filesystem_of(request);
    struct inode inode;
    int error = inode_get(fs->store, ino, &inode);
    if (error) return error;
    bool keeps_sgid = !(inode.mode & S_ISGID) || privileges_in_group(request, &inode);
    return file_acl_set(fs->store, ino, SLICE_STRING(name), value, keeps_sgid, &inode);
}

static void reply_change(fuse_req_t request, fuse_ino_t node, int error, bool grants, struct expiry *expiry)
{
    struct filesystem *fs = filesystem_of(request);
    struct file *file = error ? NULL : file_hold_node(&fs->views, node);
    if (file) { /* ctime, mode */
        if (grants) privileges_granted(fs, file);
        file_tell_views(&fs->views, file, node, expiry);
        file_drop(fs, file);
    }
    expiry_reply_error(expiry, request, error);
}

void op_setxattr(fuse_req_t request, fuse_ino_t node, const char *name, const char *value, size_t size, int flags)
{
    struct filesystem *fs = filesystem_of(request);
    uint64_t ino = view_ino(&fs->views, node);
    struct inode inode;
    struct expiry expiry;
    expiry_init(&expiry, fs);
    expiry.answer_first = true; /* the node's lock is held until then */
    int error;
    if (!ino) error = view_refusal(&fs->views, node);
    else if (strcmp(name, OCC_VERSION_ATTRIBUTE) == 0)
        error = token_offered(request, node, ino, SLICE(value, size), &expiry);
    else if (strcmp(name, OCC_POLICY_ATTRIBUTE) == 0) error = policy_change(request, ino, SLICE(value, size), flags);
    else if (draft_attribute_is(name)) error = draft_attribute_set(request, node, name, SLICE(value, size), &expiry);
    else if (attributes_is_acl(SLICE_STRING(name))) error = acl_change(request, ino, name, &SLICE(value, size));
    else error = attributes_xattr_set(fs->store, ino, SLICE_STRING(name), SLICE(value, size), flags, &inode);
    reply_change(request, node, error, attributes_is_capability(SLICE_STRING(name)), &expiry);
}

void op_removexattr(fuse_req_t request, fuse_ino_t node, const char *name)
{
    struct filesystem *fs = filesystem_of(request);
    uint64_t ino = view_ino(&fs->views, node);
    struct inode inode;
    struct expiry expiry;
    expiry_init(&expiry, fs);
    int error;
    if (!ino) error = view_refusal(&fs->views, node);
    else if (strcmp(name, OCC_VERSION_ATTRIBUTE) == 0) error = token_disarm(request, node, ino);
    else if (strcmp(name, OCC_POLICY_ATTRIBUTE) == 0)
        error = policy_change(request, ino, SLICE(NULL, 0), XATTR_REPLACE);
    else if (attributes_is_acl(SLICE_STRING(name))) error = acl_change(request, ino, name, NULL);
    else error = attributes_xattr_remove(fs->store, ino, SLICE_STRING(name), &inode);
    reply_change(request, node, error, false, &expiry);
}
