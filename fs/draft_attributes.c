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

struct draft_attribute {
    const char *name;
    int (*set)(struct open_draft *draft, struct slice value);
};

static const struct draft_attribute attributes[] = {
    {OCC_MESSAGE_ATTRIBUTE, set_message},
};

static const struct draft_attribute *find(const char *name)
{
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
        if (strcmp(name, attributes[i].name) == 0) return &attributes[i];
    return NULL;
}

bool draft_attribute_is(const char *name)
{
    return find(name);
}

int draft_attribute_set(fuse_req_t request, fuse_ino_t node, const char *name, struct slice value)
{
    struct handle *handle = draft_attribute_join(request, node);
    if (!handle) return ERR_PERM;
    struct open_draft *draft = handle->draft;
    mutex_lock(&draft->commit_lock);
    int error = find(name)->set(draft, value);
    mutex_unlock(&draft->commit_lock);
    draft_attribute_done(filesystem_of(request), handle);
    return error;
}
