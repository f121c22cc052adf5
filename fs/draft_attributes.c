/* SPDX-License-Identifier: Apache-2.0 */
#include "draft_attributes.h"

#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>

#include "caller.h"
#include "closing.h"
#include "filesystem.h"
#include "occ_attributes.h"
#include "operations.h"
#include "request_id.h"
#include "request_record.h"
#include "resolution.h"
#include "token.h"

struct handle *draft_attribute_join(fuse_req_t request, fuse_ino_t node)
{
    return view_join(filesystem_of(request), fuse_req_ctx(request), node, true);
}

/* A copy that ends with NUL. ERR_INVAL for what is empty or has a NUL itself. */
static int text_of(struct slice value, size_t most, char **ret_text)
{
    if (value.size > most) return ERR_TOOBIG;
    if (value.size == 0 || memchr(value.data, '\0', value.size)) return ERR_INVAL;
    char *text = strndup(value.data, value.size);
    if (!text) return ERR_NOMEM;
    *ret_text = text;
    return 0;
}

/* ---- each of them; the commit lock is held ---- */

static int set_message(fuse_req_t request, struct open_draft *draft, struct slice value)
{
    (void)request;
    char *message;
    int error = text_of(value, VERSION_MESSAGE_MAX, &message);
    if (error) return error;
    free(draft->next.message);
    draft->next.message = message;
    return 0;
}

static int set_request(fuse_req_t request, struct open_draft *draft, struct slice value)
{
    (void)request;
    char *id;
    int error = text_of(value, REQUEST_ID_MAX, &id);
    if (error) return error;
    for (const char *at = id; *at; at++)
        if (*at < '!' || *at > '~') error = ERR_INVAL;
    if (error) {
        free(id);
        return error;
    }
    free(draft->next.request);
    draft->next.request = id;
    return 0;
}

static struct credentials credentials_of(fuse_req_t request)
{
    const struct fuse_ctx *context = fuse_req_ctx(request);
    gid_t groups[CREDENTIAL_GROUPS_MAX];
    int count = fuse_req_getgroups(request, CREDENTIAL_GROUPS_MAX, groups);
    struct credentials who = {
        .uid = context->uid,
        .gid = context->gid,
        .overrides = caller_is_capable(context->pid, context->uid, CAP_DAC_OVERRIDE),
        .owns_all = caller_is_capable(context->pid, context->uid, CAP_FOWNER),
    };
    for (int i = 0; i < count && i < CREDENTIAL_GROUPS_MAX; i++)
        who.groups[who.group_count++] = groups[i];
    return who;
}

static int set_resolves(fuse_req_t request, struct open_draft *draft, struct slice value)
{
    struct filesystem *fs = filesystem_of(request);
    const struct credentials who = credentials_of(request);
    struct version_id token;
    struct resolution *resolution = malloc(sizeof *resolution);
    int error = resolution ? token_parse(fs->store, value, &token) : ERR_NOMEM;
    if (!error) error = resolution_find(fs->store, draft->file->ino, &token, &who, resolution);
    if (error) {
        free(resolution);
        return error;
    }
    free(draft->next.resolves);
    draft->next.resolves = resolution;
    return 0;
}

static const struct {
    const char *name;
    int (*set)(fuse_req_t request, struct open_draft *draft, struct slice value);
} attributes[] = {
    {OCC_MESSAGE_ATTRIBUTE, set_message},
    {OCC_REQUEST_ATTRIBUTE, set_request},
    {OCC_RESOLVES_ATTRIBUTE, set_resolves},
};
enum { ATTRIBUTES = sizeof attributes / sizeof attributes[0] };

static int say(fuse_req_t request, struct open_draft *draft, const char *name, struct slice value)
{
    MUTEX_GUARD(&draft->commit_lock);
    size_t i = 0;
    while (strcmp(name, attributes[i].name) != 0)
        i++;
    return attributes[i].set(request, draft, value);
}

/* ---- taking back ---- */

/* Makes the kernel write what was stored through mappings, or forget pages of the draft that are as they were. */
static int drop_pages(struct filesystem *fs, fuse_ino_t node)
{
    if (!workers_may_wait(&fs->workers)) return ERR_BUSY;
    fuse_lowlevel_notify_inval_inode(fs->session, node, 0, 0);
    workers_waited(&fs->workers);
    return 0;
}

/* First what would otherwise be written later. */
static int discard(struct filesystem *fs, fuse_ino_t node, struct open_draft *draft, struct expiry *expiry)
{
    int error = drop_pages(fs, node);
    if (!error) error = closing_discard(fs, draft, expiry);
    return error ? error : drop_pages(fs, node);
}

/* ---- either ---- */

bool draft_attribute_is(const char *name)
{
    bool is = strcmp(name, OCC_DISCARD_ATTRIBUTE) == 0;
    for (size_t i = 0; i < ATTRIBUTES && !is; i++)
        is = strcmp(name, attributes[i].name) == 0;
    return is;
}

int draft_attribute_set(fuse_req_t request, fuse_ino_t node, const char *name, struct slice value,
                        struct expiry *expiry)
{
    struct filesystem *fs = filesystem_of(request);
    struct handle *handle = draft_attribute_join(request, node);
    if (!handle) return ERR_PERM;
    int error = strcmp(name, OCC_DISCARD_ATTRIBUTE) == 0 ? discard(fs, node, handle->draft, expiry)
                                                         : say(request, handle->draft, name, value);
    closing_handle(fs, handle, expiry);
    return error;
}

/* ---- asking ---- */

static int request_made(struct filesystem *fs, struct open_draft *draft, struct version_id *ret_version)
{
    struct inode inode;
    MUTEX_GUARD(&draft->commit_lock);
    if (!draft->next.request) return ERR_NODATA;
    int error = inode_get(fs->store, draft->file->ino, &inode);
    if (!error) error = request_id_made(fs->store, inode.lineage, draft->next.request, ret_version);
    return error == ERR_NOT_FOUND ? ERR_NODATA : error;
}

int draft_attribute_get(fuse_req_t request, fuse_ino_t node, struct buffer *value)
{
    struct filesystem *fs = filesystem_of(request);
    struct handle *handle = draft_attribute_join(request, node);
    struct version_id version;
    char token[TOKEN_TEXT_SIZE];
    struct expiry expiry;
    if (!handle) return ERR_NODATA;
    expiry_init(&expiry, fs);
    int error = request_made(fs, handle->draft, &version);
    closing_handle(fs, handle, &expiry);
    expiry_run(&expiry);
    if (error) return error;
    token_mint(fs->store, &version, token);
    buffer_append(value, SLICE_STRING(token));
    return buffer_failed(value);
}
