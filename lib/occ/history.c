/* SPDX-License-Identifier: Apache-2.0 */
#include "history.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "acl.h"
#include "acl_record.h"
#include "clock.h"
#include "dirent_record.h"
#include "history_rights.h"
#include "limit_record.h"
#include "succession.h"
#include "xattr.h"

/* ---- which history ---- */

int history_of_inode(struct store *store, const struct inode *inode, struct history *ret_history)
{
    struct history history = {
        .ino = inode->ino,
        .head = *succession_head(inode),
        .now = {.mode = inode->mode, .uid = inode->uid, .gid = inode->gid},
    };
    struct version head;
    int error = version_get(store, history.head.lineage, history.head.ordinal, &head);
    if (error) return error == ERR_NOT_FOUND ? ERR_DAMAGED : error;
    history.changed = head.time;
    if (inode->acl & INODE_ACL_ACCESS) {
        struct buffer list = {0};
        error = xattr_get(store, inode->ino, SLICE_STRING(ACL_ACCESS_NAME), &list);
        if (!error) history.now.acl = acl_record_hash(buffer_slice(&list));
        buffer_release(&list);
        if (error == ERR_NODATA) error = 0; /* removed since the inode was read */
    }
    if (!error) *ret_history = history;
    return error;
}

static int history_of_removed(struct store *store, uint64_t directory, struct slice name, struct history *ret_history)
{
    struct name_record record;
    int error = succession_find(store, directory, name, &record);
    if (error) return error == ERR_NOT_FOUND ? ERR_NOENT : error;
    *ret_history = (struct history){.head = record.head, .changed = record.time, .now = record.rights};
    return 0;
}

int history_of_name(struct store *store, uint64_t directory, struct slice name, struct history *ret_history)
{
    struct dirent_record dirent;
    struct inode inode;
    int error = dirent_get(store, directory, name, &dirent);
    if (error == ERR_NOENT) return history_of_removed(store, directory, name, ret_history);
    if (!error && dirent.type != S_IFREG) return ERR_NOENT;
    if (!error) error = inode_get(store, dirent.ino, &inode);
    return error ? error : history_of_inode(store, &inode, ret_history);
}

/* ---- lineages ---- */

static int take_committed(void *context, const struct version *version)
{
    if (version->abandoned) return 0;
    *(struct version *)context = *version;
    return 1;
}

/* The oldest version of the lineage that `at` stands in, and the version that it goes back to in another lineage (lineage 0: none). */
static int lineage_begin(struct store *store, const struct version_id *at, uint64_t *ret_first,
                         struct version_id *ret_before)
{
    struct version oldest = {0};
    int error = version_scan(store, at->lineage, 0, false, take_committed, &oldest);
    if (error) return error;
    if (oldest.id.lineage == 0 || oldest.id.ordinal > at->ordinal) return ERR_NOENT;
    *ret_first = oldest.id.ordinal;
    *ret_before = (struct version_id){0};
    /* A conflict's sibling descends from its base, but has a history of its own. */
    if (oldest.parent_count == 0 || oldest.operation == VERSION_CONFLICT) return 0;
    const struct version_id *parent = &oldest.parents[0];
    if (parent->lineage != at->lineage && oldest.id.ordinal > 0 && parent->ordinal == oldest.id.ordinal - 1)
        *ret_before = *parent;
    return 0;
}

/* The committed version of that ordinal. Each turn of the loop goes to a lower ordinal. */
static int find_committed(struct store *store, const struct version_id *head, uint64_t ordinal,
                          struct version *ret_version)
{
    struct version_id at = *head;
    while (at.lineage != 0 && ordinal <= at.ordinal) {
        uint64_t first;
        int error = version_get(store, at.lineage, ordinal, ret_version);
        if (error != ERR_NOT_FOUND) return error;
        error = lineage_begin(store, &at, &first, &at);
        if (error) return error;
    }
    return ERR_NOENT;
}

/* ---- limits ---- */

/* Of one lineage's part of the history, applied to one version in it or in an older part. */
struct limiting {
    struct version *version;
    uint64_t last; /* ordinal at which the part ends */
};

static int limit_apply(void *context, uint64_t ordinal, const struct file_rights *rights)
{
    const struct limiting *limiting = context;
    if (ordinal <= limiting->last) history_rights_limit(rights, limiting->version);
    return 0;
}

int history_limit(struct store *store, const struct version_id *head, struct version *version)
{
    struct version_id at = *head;
    int error = 0;
    while (!error) {
        bool found = at.lineage == version->id.lineage;
        struct limiting limiting = {.version = version, .last = at.ordinal};
        uint64_t first;
        error = limit_record_scan(store, at.lineage, found ? version->id.ordinal : 0, limit_apply, &limiting);
        if (error || found) return error;
        error = lineage_begin(store, &at, &first, &at);
    }
    return error;
}

/* ---- those of killed writers ---- */

/* What stands behind one version, in the order of time. */
struct killed {
    struct version *versions;
    size_t count, capacity;
    uint64_t ordinal;
};

static int killed_add(struct killed *killed, const struct version *version)
{
    if (killed->count == killed->capacity) {
        size_t capacity = killed->capacity ? killed->capacity * 2 : 4;
        struct version *versions = realloc(killed->versions, capacity * sizeof *versions);
        if (!versions) return ERR_NOMEM;
        killed->versions = versions;
        killed->capacity = capacity;
    }
    size_t at = killed->count++;
    for (; at > 0 && clock_before(&version->time, &killed->versions[at - 1].time); at--)
        killed->versions[at] = killed->versions[at - 1];
    killed->versions[at] = *version;
    return 0;
}

static int take_killed(void *context, const struct version *version)
{
    struct killed *killed = context;
    if (version->id.ordinal != killed->ordinal) return 1;
    return version->abandoned ? killed_add(killed, version) : 0;
}

int history_find(struct store *store, const struct version_id *head, uint64_t ordinal, unsigned killed,
                 struct version *ret_version)
{
    struct version version;
    int error = find_committed(store, head, ordinal, &version);
    if (error) return error;
    if (killed > 0) {
        struct killed behind = {.ordinal = ordinal};
        error = version_scan(store, version.id.lineage, ordinal, false, take_killed, &behind);
        if (!error && killed > behind.count) error = ERR_NOENT;
        if (!error) version = behind.versions[killed - 1];
        free(behind.versions);
    }
    if (!error) error = history_limit(store, head, &version);
    if (!error) *ret_version = version;
    return error;
}

int history_find_id(struct store *store, const struct version_id *head, const struct version_id *id,
                    struct version *ret_version, unsigned *ret_killed)
{
    struct version version;
    struct killed behind = {.ordinal = id->ordinal};
    unsigned killed = 0;
    int error = find_committed(store, head, id->ordinal, &version);
    if (!error && version.id.lineage != id->lineage) error = ERR_NOENT;
    if (!error && version.id.nonce != id->nonce)
        error = version_scan(store, id->lineage, id->ordinal, false, take_killed, &behind);
    while (!error && version.id.nonce != id->nonce) {
        if (killed == behind.count) error = ERR_NOENT;
        else version = behind.versions[killed++];
    }
    free(behind.versions);
    if (!error) error = history_limit(store, head, &version);
    if (error) return error;
    *ret_version = version;
    *ret_killed = killed;
    return 0;
}

/* ---- all of them ---- */

struct walk {
    struct store *store;
    const struct version_id *head;
    bool limited; /* some version of the history may be */
    uint64_t first_ordinal;
    unsigned first_killed;
    history_visit *visit;
    void *context;
    uint64_t last;        /* ordinal at which this lineage's part ends */
    struct killed killed; /* of the version that was visited last */
    bool ended;           /* by the visitor */
};

static int walk_visit(struct walk *walk, const struct version *version, unsigned killed)
{
    if (version->id.ordinal == walk->first_ordinal && killed < walk->first_killed) return 0;
    struct version shown = *version;
    int error = walk->limited ? history_limit(walk->store, walk->head, &shown) : 0;
    if (error) return error;
    int result = walk->visit(walk->context, &shown, killed);
    walk->ended = result == 1;
    return result;
}

static int walk_killed(struct walk *walk)
{
    int result = 0;
    for (unsigned i = 0; i < walk->killed.count && result == 0; i++)
        result = walk_visit(walk, &walk->killed.versions[i], i + 1);
    walk->killed.count = 0;
    return result;
}

static int walk_take(void *context, const struct version *version)
{
    struct walk *walk = context;
    if (version->id.ordinal > walk->last) return 1;
    if (version->abandoned) return killed_add(&walk->killed, version);
    int result = walk_killed(walk);
    return result ? result : walk_visit(walk, version, 0);
}

/* The parts of lineages that make up the history, newest first. */
struct part {
    uint64_t lineage, first, last;
};
struct parts {
    struct part *parts;
    size_t count, capacity;
};

static int parts_find(struct store *store, const struct version_id *head, uint64_t ordinal, struct parts *parts)
{
    struct version_id at = *head;
    while (at.lineage != 0) {
        if (parts->count == parts->capacity) {
            size_t capacity = parts->capacity ? parts->capacity * 2 : 4;
            struct part *grown = realloc(parts->parts, capacity * sizeof *grown);
            if (!grown) return ERR_NOMEM;
            parts->parts = grown;
            parts->capacity = capacity;
        }
        struct part part = {.lineage = at.lineage, .last = at.ordinal};
        int error = lineage_begin(store, &at, &part.first, &at);
        if (error) return error == ERR_NOENT ? 0 : error;
        parts->parts[parts->count++] = part;
        if (part.first <= ordinal) return 0;
    }
    return 0;
}

static int limit_seen(void *context, uint64_t ordinal, const struct file_rights *rights)
{
    (void)ordinal;
    (void)rights;
    *(bool *)context = true;
    return 0;
}

/* Most histories have none: then no version asks. */
static int any_limits(struct store *store, const struct parts *parts, bool *ret_any)
{
    int error = 0;
    *ret_any = false;
    for (size_t i = 0; i < parts->count && !error; i++)
        error = limit_record_scan(store, parts->parts[i].lineage, 0, limit_seen, ret_any);
    return error;
}

int history_scan(struct store *store, const struct version_id *head, uint64_t ordinal, unsigned killed,
                 history_visit *visit, void *context)
{
    struct walk walk = {.store = store,
                        .head = head,
                        .first_ordinal = ordinal,
                        .first_killed = killed,
                        .visit = visit,
                        .context = context};
    struct parts parts = {0};
    int error = parts_find(store, head, ordinal, &parts);
    if (!error) error = any_limits(store, &parts, &walk.limited);
    while (!error && parts.count > 0 && !walk.ended) {
        const struct part *part = &parts.parts[--parts.count];
        if (part->last < ordinal) continue;
        walk.last = part->last;
        error =
            version_scan(store, part->lineage, ordinal > part->first ? ordinal : part->first, false, walk_take, &walk);
        if (!error && !walk.ended) error = walk_killed(&walk);
        if (error == 1) error = 0;
    }
    free(parts.parts);
    free(walk.killed.versions);
    return error;
}
