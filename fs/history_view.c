/* SPDX-License-Identifier: Apache-2.0 */
#include "history_view.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "acl.h"
#include "filesystem.h"
#include "hash.h"
#include "history_name.h"
#include "history_rights.h"
#include "occ_attributes.h"
#include "token.h"

/* ---- nodes ---- */

/* What makes a node the one it is. */
struct identity {
    enum view_state state;
    uint64_t directory;
    char name[HISTORY_BASE_SIZE + 2 + TOKEN_TEXT_SIZE];
    struct version_id version;
    bool abandoned;
};

/* Above all numbers of the store. Should two be the same, so are the numbers that stat shows; the nodes are told apart. */
static uint64_t number_of(const struct identity *identity)
{
    const uint64_t fields[] = {identity->state, identity->directory, identity->version.lineage,
                               identity->version.ordinal, identity->version.nonce};
    return hash64_of_pair(SLICE(fields, sizeof fields), SLICE_STRING(identity->name)) | UINT64_C(1) << 63;
}

static struct node *node_of_locked(struct file *file, const struct identity *identity)
{
    for (struct node *node = file->nodes; node; node = node->next_of_file)
        if (node->state == identity->state && node_is_at(node, identity->directory, identity->name) &&
            version_id_equal(&node->version, &identity->version) && node->abandoned == identity->abandoned)
            return node;
    return NULL;
}

/* The identity's node, on the file of that number, with one more kernel reference. `told_mode`: of a version. */
static int node_refer(struct filesystem *fs, uint64_t ino, const struct identity *identity, uint32_t told_mode,
                      struct fuse_entry_param *ret_entry)
{
    struct views *views = &fs->views;
    struct file *file = file_hold(views, ino);
    if (!file) return ERR_NOMEM;
    mutex_lock(&views->lock);
    struct node *node = node_of_locked(file, identity);
    if (!node) {
        node = node_new(&views->nodes, file, identity->state);
        if (node) node_set_place(node, identity->directory, identity->name);
        if (node && !node->name) { /* out of memory */
            node_free(&views->nodes, node);
            node = NULL;
        }
    }
    if (node) {
        node->version = identity->version;
        node->abandoned = identity->abandoned;
        node->told_mode = told_mode;
        node->lookups++;
        *ret_entry = (struct fuse_entry_param){.ino = node->id, .generation = node->generation};
    }
    mutex_unlock(&views->lock);
    file_drop(fs, file);
    return node ? 0 : ERR_NOMEM;
}

static int identity_of(struct views *views, fuse_ino_t nodeid, struct identity *ret_identity, uint64_t *ret_ino)
{
    MUTEX_GUARD(&views->lock);
    const struct node *node = node_find(&views->nodes, nodeid);
    if (!node || node->state < VIEW_HISTORY) return ERR_STALE;
    *ret_identity = (struct identity){
        .state = node->state, .directory = node->directory, .version = node->version, .abandoned = node->abandoned};
    snprintf(ret_identity->name, sizeof ret_identity->name, "%s", node->name);
    *ret_ino = node->file->ino;
    return 0;
}

/* The name before the `@@` of `f@@`, `f@@/3` and `f@@TOKEN`. */
static void base_of(const struct identity *identity, char base[HISTORY_BASE_SIZE])
{
    char name[sizeof identity->name];
    const char *rest;
    strcpy(name, identity->name);
    char *slash = strchr(name, '/');
    if (slash) *slash = '\0';
    if (!history_name_split(name, base, &rest)) base[0] = '\0';
}

static int place_of_identity(struct filesystem *fs, const struct identity *identity, struct history_place *ret_place)
{
    struct history_place place = {.directory = identity->directory};
    base_of(identity, place.base);
    int error = history_of_name(fs->store, place.directory, SLICE_STRING(place.base), &place.history);
    if (!error) *ret_place = place;
    return error;
}

int history_place_of(struct filesystem *fs, fuse_ino_t nodeid, struct history_place *ret_place)
{
    struct identity identity;
    uint64_t ino;
    int error = identity_of(&fs->views, nodeid, &identity, &ino);
    return error ? error : place_of_identity(fs, &identity, ret_place);
}

/* ---- attributes ---- */

static void directory_fill(const struct history *history, uint64_t ino, struct stat *ret_attributes)
{
    *ret_attributes = (struct stat){
        .st_ino = ino,
        .st_mode = history_directory_mode(history),
        .st_nlink = 2,
        .st_uid = history->now.uid,
        .st_gid = history->now.gid,
        .st_size = 4096,
        .st_atim = history->changed,
        .st_mtim = history->changed,
        .st_ctim = history->changed,
    };
}

static void version_fill(const struct history *history, const struct version *version, uint64_t ino,
                         struct stat *ret_attributes)
{
    *ret_attributes = (struct stat){
        .st_ino = ino,
        .st_mode = history_version_mode(history, version),
        .st_nlink = 1,
        .st_uid = version->uid,
        .st_gid = version->gid,
        .st_size = (off_t)version->content.size,
        .st_blocks = (blkcnt_t)((version->content.allocated + 511) / 512),
        .st_blksize = 64 * 1024,
        .st_atim = version->time,
        .st_mtim = version->mtime,
        .st_ctim = version->time,
    };
}

/* The directory's owner, so that in one that is sticky all may follow it (fs.protected_symlinks). */
static int link_fill(struct filesystem *fs, const struct identity *identity, uint64_t ino, struct stat *ret_attributes)
{
    struct inode directory;
    int error = inode_get(fs->store, identity->directory, &directory);
    if (error) return error;
    *ret_attributes = (struct stat){
        .st_ino = ino,
        .st_mode = S_IFLNK | 0777,
        .st_nlink = 1,
        .st_uid = directory.uid,
        .st_gid = directory.gid,
        .st_size = (off_t)strlen(identity->name) + 1, /* with the slash */
    };
    return 0;
}

static int version_of_identity(struct filesystem *fs, const struct identity *identity, struct version *ret_version)
{
    const struct version_id *id = &identity->version;
    struct version version;
    int error = identity->abandoned ? version_get_abandoned(fs->store, id, &version)
                                    : version_get(fs->store, id->lineage, id->ordinal, &version);
    if (!error && !version_id_equal(&version.id, id)) error = ERR_NOT_FOUND;
    if (error) return error == ERR_NOT_FOUND ? ERR_NOENT : error;
    *ret_version = version;
    return 0;
}

int history_version_of(struct filesystem *fs, fuse_ino_t nodeid, struct version *ret_version)
{
    struct identity identity;
    uint64_t ino;
    int error = identity_of(&fs->views, nodeid, &identity, &ino);
    return error ? error : version_of_identity(fs, &identity, ret_version);
}

static void mode_told(struct views *views, fuse_ino_t nodeid, uint32_t mode)
{
    MUTEX_GUARD(&views->lock);
    struct node *node = node_find(&views->nodes, nodeid);
    if (node) node->told_mode = mode;
}

/* Where the version stands now, and with what rights. If its name has no history any more it stands by itself. */
static int place_of_version(struct filesystem *fs, const struct identity *identity, struct history_place *ret_place,
                            struct version *version)
{
    int error = place_of_identity(fs, identity, ret_place);
    if (!error) error = history_limit(fs->store, &ret_place->history.head, version);
    return error == ERR_NOENT ? 0 : error;
}

int history_attributes(struct filesystem *fs, fuse_ino_t nodeid, struct stat *ret_attributes, double *ret_timeout)
{
    struct identity identity;
    struct history_place place = {0}; /* what has no file any more is still readable */
    struct version version;
    uint64_t ino;
    int error = identity_of(&fs->views, nodeid, &identity, &ino);
    if (error) return error;
    *ret_timeout = 0;
    switch (identity.state) {
    case VIEW_HISTORY:
        error = place_of_identity(fs, &identity, &place);
        if (error) return error;
        directory_fill(&place.history, number_of(&identity), ret_attributes);
        /* It is told of what happens to the file that it hangs on, and to no other. */
        if (place.history.ino == ino) *ret_timeout = VIEW_TIMEOUT;
        return 0;
    case VIEW_VERSION:
        error = version_of_identity(fs, &identity, &version);
        if (error) return error;
        error = place_of_version(fs, &identity, &place, &version);
        if (error) return error;
        version_fill(&place.history, &version, ino, ret_attributes);
        mode_told(&fs->views, nodeid, ret_attributes->st_mode);
        *ret_timeout = HISTORY_VERSION_TIMEOUT;
        return 0;
    default:
        return link_fill(fs, &identity, ino, ret_attributes);
    }
}

int history_readlink(struct filesystem *fs, fuse_ino_t nodeid, struct buffer *ret_target)
{
    struct identity identity;
    char base[HISTORY_BASE_SIZE];
    const char *rest;
    uint64_t ino;
    int error = identity_of(&fs->views, nodeid, &identity, &ino);
    if (error) return error;
    if (identity.state != VIEW_VERSION_LINK || !history_name_split(identity.name, base, &rest)) return ERR_INVAL;
    buffer_append(ret_target, SLICE(identity.name, (size_t)(rest - identity.name)));
    buffer_append_u8(ret_target, '/');
    buffer_append(ret_target, SLICE_STRING(rest));
    return buffer_failed(ret_target);
}

static int version_xattr_get(struct filesystem *fs, const struct identity *identity, const char *name,
                             struct buffer *ret_value)
{
    struct history_place place = {0};
    struct version version;
    int error = version_of_identity(fs, identity, &version);
    if (error) return error;
    if (strcmp(name, ACL_ACCESS_NAME) != 0) return occ_attribute_of_version(fs->store, &version, name, ret_value);
    error = place_of_version(fs, identity, &place, &version);
    if (error) return error;
    return history_version_acl(fs->store, &place.history, &version, ret_value);
}

int history_xattr_get(struct filesystem *fs, fuse_ino_t nodeid, const char *name, struct buffer *ret_value)
{
    struct identity identity;
    struct history_place place;
    uint64_t ino;
    int error = identity_of(&fs->views, nodeid, &identity, &ino);
    if (error) return error;
    if (identity.state == VIEW_VERSION) return version_xattr_get(fs, &identity, name, ret_value);
    if (identity.state != VIEW_HISTORY || strcmp(name, ACL_ACCESS_NAME) != 0) return ERR_NODATA;
    error = place_of_identity(fs, &identity, &place);
    return error ? error : history_directory_acl(fs->store, &place.history, ret_value);
}

int history_xattr_list(struct filesystem *fs, fuse_ino_t nodeid, struct buffer *ret_names)
{
    struct buffer list = {0};
    int error = history_xattr_get(fs, nodeid, ACL_ACCESS_NAME, &list);
    buffer_release(&list);
    if (!error) buffer_append(ret_names, SLICE(ACL_ACCESS_NAME, sizeof ACL_ACCESS_NAME));
    return error == ERR_NODATA ? 0 : error;
}

/* ---- LOOKUP ---- */

static int lookup_directory(struct filesystem *fs, const struct identity *identity, const struct history *history,
                            struct fuse_entry_param *ret_entry)
{
    uint64_t number = number_of(identity);
    int error = node_refer(fs, history->ino ? history->ino : number, identity, 0, ret_entry);
    if (error) return error;
    directory_fill(history, number, &ret_entry->attr);
    ret_entry->entry_timeout = HISTORY_TIMEOUT;
    if (history->ino) ret_entry->attr_timeout = VIEW_TIMEOUT;
    return 0;
}

static int lookup_link(struct filesystem *fs, const struct identity *identity, const struct history *history,
                       const char *token, struct fuse_entry_param *ret_entry)
{
    struct version_id id;
    struct version version;
    unsigned killed;
    struct stat attributes;
    uint64_t number = number_of(identity);
    int error = token_parse(fs->store, SLICE_STRING(token), &id);
    if (!error) error = history_find_id(fs->store, &history->head, &id, &version, &killed);
    if (!error) error = link_fill(fs, identity, number, &attributes);
    if (!error) error = node_refer(fs, number, identity, 0, ret_entry);
    if (error) return error == ERR_BAD_TOKEN ? ERR_NOENT : error;
    ret_entry->attr = attributes;
    return 0;
}

int history_lookup(struct filesystem *fs, uint64_t directory, const char *name, struct fuse_entry_param *ret_entry)
{
    struct history_place place = {.directory = directory};
    struct identity identity = {.directory = directory};
    const char *rest;
    if (!history_name_split(name, place.base, &rest)) return ERR_NOENT;
    int error = history_of_name(fs->store, directory, SLICE_STRING(place.base), &place.history);
    if (error) return error;
    identity.state = *rest ? VIEW_VERSION_LINK : VIEW_HISTORY;
    strcpy(identity.name, name);
    return *rest ? lookup_link(fs, &identity, &place.history, rest, ret_entry)
                 : lookup_directory(fs, &identity, &place.history, ret_entry);
}

int history_entry_view(struct filesystem *fs, const struct history_place *place, const struct history_entry *entry,
                       struct fuse_entry_param *ret_entry)
{
    struct identity identity = {.state = VIEW_VERSION,
                                .directory = place->directory,
                                .version = entry->version.id,
                                .abandoned = entry->version.abandoned};
    char name[HISTORY_ENTRY_SIZE];
    struct stat attributes;
    history_entry_name(entry->version.id.ordinal, entry->killed, name);
    snprintf(identity.name, sizeof identity.name, "%s@@/%s", place->base, name);
    uint64_t number = number_of(&identity);
    version_fill(&place->history, &entry->version, number, &attributes);
    int error = node_refer(fs, number, &identity, attributes.st_mode, ret_entry);
    if (!error) ret_entry->attr = attributes;
    return error;
}

int history_lookup_in(struct filesystem *fs, fuse_ino_t parent, const char *name, struct fuse_entry_param *ret_entry)
{
    struct history_place place;
    struct history_entry entry = {0};
    struct version_id id;
    uint64_t ordinal;
    int error = history_place_of(fs, parent, &place);
    if (error) return error;
    const struct version_id *head = &place.history.head;
    if (history_entry_parse(name, &ordinal, &entry.killed))
        error = history_find(fs->store, head, ordinal, entry.killed, &entry.version);
    else if (token_parse(fs->store, SLICE_STRING(name), &id) == 0)
        error = history_find_id(fs->store, head, &id, &entry.version, &entry.killed);
    else error = ERR_NOENT;
    if (!error) error = history_entry_view(fs, &place, &entry, ret_entry);
    if (!error) ret_entry->entry_timeout = ret_entry->attr_timeout = HISTORY_VERSION_TIMEOUT;
    return error;
}
