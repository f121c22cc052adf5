/* SPDX-License-Identifier: Apache-2.0 */
#include "occ_attributes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "conflict.h"
#include "describe.h"
#include "filesystem.h"
#include "last.h"
#include "policy.h"
#include "token.h"

/* What a getter looks at. */
struct subject {
    struct filesystem *fs;
    fuse_ino_t node;
    struct inode inode;
};

/* Takes the text over. */
static int append_json(char *json, struct buffer *value)
{
    buffer_append(value, SLICE_STRING(json));
    free(json);
    return buffer_failed(value);
}

static int get_version(const struct subject *subject, struct buffer *value)
{
    struct version_id version;
    char token[TOKEN_TEXT_SIZE];
    int error = view_version(subject->fs, subject->node, &version);
    if (error) return error;
    token_mint(subject->fs->store, &version, token);
    buffer_append(value, SLICE_STRING(token));
    return buffer_failed(value);
}

static int get_ordinal(const struct subject *subject, struct buffer *value)
{
    struct version_id version;
    char text[24];
    int error = view_version(subject->fs, subject->node, &version);
    if (error) return error;
    snprintf(text, sizeof text, "%llu", (unsigned long long)version.ordinal);
    buffer_append(value, SLICE_STRING(text));
    return buffer_failed(value);
}

static int shown_version(const struct subject *subject, struct version *ret_version)
{
    struct version_id id;
    int error = view_version(subject->fs, subject->node, &id);
    if (error) return error;
    error = version_get(subject->fs->store, id.lineage, id.ordinal, ret_version);
    return error == ERR_NOT_FOUND ? ERR_DAMAGED : error;
}

static int get_hash(const struct subject *subject, struct buffer *value)
{
    struct version version;
    char text[HASH128_TEXT_SIZE];
    int error = shown_version(subject, &version);
    if (error) return error;
    hash128_text(&version.content.hash, text);
    buffer_append(value, SLICE_STRING(text));
    return buffer_failed(value);
}

static int get_author(const struct subject *subject, struct buffer *value)
{
    struct version version;
    char *json;
    int error = shown_version(subject, &version);
    if (!error) error = describe_version(&version, &json);
    return error ? error : append_json(json, value);
}

static int get_last(const struct subject *subject, struct buffer *value)
{
    char *json;
    if (!S_ISREG(subject->inode.mode) || subject->inode.lineage == 0) return ERR_NODATA;
    int error = last_describe(subject->fs->store, subject->inode.lineage, &json);
    return error ? error : append_json(json, value);
}

static int get_conflict(const struct subject *subject, struct buffer *value)
{
    const struct inode *inode = &subject->inode;
    struct store *store = subject->fs->store;
    struct conflict_record record;
    char *json;
    if (inode->conflict_target == 0) return ERR_NODATA;
    int error = conflict_record_get(store, inode->conflict_target, inode->ino, &record);
    if (!error) error = conflict_describe(store, &record, &json);
    if (error) return error == ERR_NOT_FOUND ? ERR_NODATA : error;
    return append_json(json, value);
}

static int get_policy(const struct subject *subject, struct buffer *value)
{
    enum policy policy = (enum policy)subject->inode.policy;
    if (policy == POLICY_INHERIT) return ERR_NODATA;
    buffer_append(value, SLICE_STRING(policy_name(policy)));
    return buffer_failed(value);
}

struct occ_attribute {
    const char *name;
    bool listed; /* so that cp -a and rsync -X carry it along: the token, and what the user has set */
    int (*get)(const struct subject *subject, struct buffer *value);
};

static const struct occ_attribute attributes[] = {
    {OCC_VERSION_ATTRIBUTE, true, get_version}, {OCC_POLICY_ATTRIBUTE, true, get_policy},
    {"user.occ.ordinal", false, get_ordinal},   {"user.occ.hash", false, get_hash},
    {"user.occ.author", false, get_author},     {"user.occ.last", false, get_last},
    {"user.occ.conflict", false, get_conflict},
};

static const struct occ_attribute *find(const char *name)
{
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
        if (strcmp(name, attributes[i].name) == 0) return &attributes[i];
    return NULL;
}

static int subject_init(struct subject *subject, struct filesystem *fs, fuse_ino_t node)
{
    uint64_t ino = view_ino(&fs->views, node);
    *subject = (struct subject){.fs = fs, .node = node};
    return ino ? inode_get(fs->store, ino, &subject->inode) : ERR_STALE;
}

int occ_attribute_get(struct filesystem *fs, fuse_ino_t node, const char *name, struct buffer *value)
{
    const struct occ_attribute *attribute = find(name);
    struct subject subject;
    if (!attribute) return ERR_NODATA;
    int error = subject_init(&subject, fs, node);
    return error ? error : attribute->get(&subject, value);
}

void occ_attributes_list(struct filesystem *fs, fuse_ino_t node, struct buffer *names)
{
    struct subject subject;
    if (subject_init(&subject, fs, node) != 0) return;
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        struct buffer value = {0};
        const char *name = attributes[i].name;
        if (attributes[i].listed && attributes[i].get(&subject, &value) == 0)
            buffer_append(names, SLICE(name, strlen(name) + 1));
        buffer_release(&value);
    }
}
