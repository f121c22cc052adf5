/* SPDX-License-Identifier: Apache-2.0 */
#include "draft_attributes.h"

#include <stdlib.h>
#include <string.h>

#include "closing.h"
#include "filesystem.h"
#include "occ_attributes.h"
#include "operations.h"

struct handle *draft_attribute_join(fuse_req_t request, fuse_ino_t node)
{
    return view_join(filesystem_of(request), fuse_req_ctx(request), node, true);
}

void draft_attribute_done(struct filesystem *fs, struct handle *handle)
{
    struct expiry expiry;
    expiry_init(&expiry, fs);
    closing_handle(fs, handle, &expiry);
    expiry_run(&expiry);
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

static int set_message(struct open_draft *draft, struct slice value)
{
    char *message;
    int error = text_of(value, VERSION_MESSAGE_MAX, &message);
    if (error) return error;
    free(draft->next.message);
    draft->next.message = message;
    return 0;
}

static const struct {
    const char *name;
    int (*set)(struct open_draft *draft, struct slice value);
} attributes[] = {
    {OCC_MESSAGE_ATTRIBUTE, set_message},
};
enum { ATTRIBUTES = sizeof attributes / sizeof attributes[0] };

static int say(struct open_draft *draft, const char *name, struct slice value)
{
    MUTEX_GUARD(&draft->commit_lock);
    size_t i = 0;
    while (strcmp(name, attributes[i].name) != 0)
        i++;
    return attributes[i].set(draft, value);
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
                                                         : say(handle->draft, name, value);
    draft_attribute_done(fs, handle);
    return error;
}
