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

/* ---- of a version ---- */

static int get_token(struct store *store, const struct version *version, struct buffer *value)
{
    char token[TOKEN_TEXT_SIZE];
    token_mint(store, &version->id, token);
    buffer_append(value, SLICE_STRING(token));
    return buffer_failed(value);
}

static int get_ordinal(struct store *store, const struct version *version, struct buffer *value)
{
    (void)store;
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)version->id.ordinal);
    buffer_append(value, SLICE_STRING(text));
    return buffer_failed(value);
}

static int get_hash(struct store *store, const struct version *version, struct buffer *value)
{
    (void)store;
    char text[HASH128_TEXT_SIZE];
    hash128_text(&version->content.hash, text);
    buffer_append(value, SLICE_STRING(text));
    return buffer_failed(value);
}

static int get_author(struct store *store, const struct version *version, struct buffer *value)
{
    (void)store;
    char *json;
    int error = describe_version(version, &json);
    return error ? error : append_json(json, value);
}

static int get_commit(struct store *store, const struct version *version, struct buffer *value)
{
    char *json;
    int error = describe_commit(store, version, NULL, &json);
    return error ? error : append_json(json, value);
}

static int get_message(struct store *store, const struct version *version, struct buffer *value)
{
    return version->message_size > 0 ? message_get(store, version, value) : ERR_NODATA;
}

/* ---- of a file ---- */

/* The version that the node shows. */
static int subject_version(const struct subject *subject, struct version *ret_version)
{
    struct store *store = subject->fs->store;
    struct version_id id;
    int error = view_version(subject->fs, subject->node, &id);
    if (!error) error = version_get(store, id.lineage, id.ordinal, ret_version);
    return error == ERR_NOT_FOUND ? ERR_DAMAGED : error;
}

/* To a writer it also says whether its commit has made the version. */
static int get_own_commit(const struct subject *subject, struct buffer *value)
{
    struct version version;
    char *json;
    bool made;
    int error = subject_version(subject, &version);
    if (error) return error;
    bool committed = view_made(&subject->fs->views, subject->node, &made);
    error = describe_commit(subject->fs->store, &version, committed ? &made : NULL, &json);
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
    struct found_conflict conflict;
    struct conflict_record record;
    char *json;
    bool met = view_conflict(&subject->fs->views, subject->node, &conflict);
    if (!met) conflict = (struct found_conflict){.target = inode->conflict_target, .sibling = inode->ino};
    if (conflict.target == 0) return ERR_NODATA;
    int error = conflict_record_get(store, conflict.target, conflict.sibling, &record);
    if (!error) error = met ? conflict_describe_found(store, &record, &json) : conflict_describe(store, &record, &json);
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

/* One of the getters is set; where both are, nodes of files have the second. */
struct occ_attribute {
    const char *name;
    bool listed; /* so that cp -a and rsync -X carry it along: the token, and what the user has set */
    int (*of_version)(struct store *store, const struct version *version, struct buffer *value);
    int (*of_file)(const struct subject *subject, struct buffer *value);
};

static const struct occ_attribute attributes[] = {
    {OCC_VERSION_ATTRIBUTE, .listed = true, .of_version = get_token},
    {OCC_POLICY_ATTRIBUTE, .listed = true, .of_file = get_policy},
    {"user.occ.ordinal", .of_version = get_ordinal},
    {"user.occ.hash", .of_version = get_hash},
    {"user.occ.author", .of_version = get_author},
    {"user.occ.commit", .of_version = get_commit, .of_file = get_own_commit},
    {OCC_MESSAGE_ATTRIBUTE, .of_version = get_message},
    {"user.occ.last", .of_file = get_last},
    {"user.occ.conflict", .of_file = get_conflict},
};

static const struct occ_attribute *find(const char *name)
{
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
        if (strcmp(name, attributes[i].name) == 0) return &attributes[i];
    return NULL;
}

/* ---- asking ---- */

int occ_attribute_of_version(struct store *store, const struct version *version, const char *name, struct buffer *value)
{
    const struct occ_attribute *attribute = find(name);
    return attribute && attribute->of_version ? attribute->of_version(store, version, value) : ERR_NODATA;
}

static int subject_init(struct subject *subject, struct filesystem *fs, fuse_ino_t node)
{
    uint64_t ino = view_ino(&fs->views, node);
    *subject = (struct subject){.fs = fs, .node = node};
    return ino ? inode_get(fs->store, ino, &subject->inode) : ERR_STALE;
}

static int get(const struct occ_attribute *attribute, const struct subject *subject, struct buffer *value)
{
    struct version version;
    if (attribute->of_file) return attribute->of_file(subject, value);
    int error = subject_version(subject, &version);
    return error ? error : attribute->of_version(subject->fs->store, &version, value);
}

int occ_attribute_get(struct filesystem *fs, fuse_ino_t node, const char *name, struct buffer *value)
{
    const struct occ_attribute *attribute = find(name);
    struct subject subject;
    if (!attribute) return ERR_NODATA;
    int error = subject_init(&subject, fs, node);
    return error ? error : get(attribute, &subject, value);
}

void occ_attributes_list(struct filesystem *fs, fuse_ino_t node, struct buffer *names)
{
    struct subject subject;
    if (subject_init(&subject, fs, node) != 0) return;
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        struct buffer value = {0};
        const char *name = attributes[i].name;
        if (attributes[i].listed && get(&attributes[i], &subject, &value) == 0)
            buffer_append(names, SLICE(name, strlen(name) + 1));
        buffer_release(&value);
    }
}
