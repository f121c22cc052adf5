/* SPDX-License-Identifier: Apache-2.0 */
#include "status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caller.h"
#include "clock.h"
#include "describe.h"
#include "handle.h"
#include "path.h"
#include "policy.h"
#include "report.h"
#include "unresolved.h"

/* ---- what is open ---- */

/* A copy of what an open draft says of itself. */
struct draft_seen {
    uint64_t ino;
    uint64_t directory; /* 0: the file has no name any more */
    char name[256];
    pid_t opener;
    uint32_t opener_uid;
    struct timespec since;
    uint64_t size;
    bool changed;
    struct version_id base;
};

struct open_seen {
    size_t handles;
    size_t draft_count;
    struct draft_seen *drafts; /* `room` of them at most; owned */
    size_t room;
};

static struct draft_seen look_at(const struct open_draft *draft)
{
    struct draft_seen seen = {.ino = draft->file->ino,
                              .directory = draft->file->unlinked ? 0 : draft->directory,
                              .opener = draft->opener,
                              .opener_uid = draft->opener_uid,
                              .since = draft->since,
                              .size = draft->draft.size,
                              .changed = draft->draft.changed,
                              .base = draft->opened};
    strcpy(seen.name, draft->name);
    return seen;
}

/* Goes by what is open, not by what is known: that may be a million files. Several handles may have one draft. */
static void look(struct views *views, struct open_seen *seen)
{
    MUTEX_GUARD(&views->lock);
    uint64_t look = ++views->looks;
    seen->handles = seen->draft_count = 0;
    for (const struct handle *handle = views->handles; handle; handle = handle->next) {
        struct open_draft *draft = handle->draft;
        seen->handles++;
        if (!draft || draft->draft.live.ino || draft->look == look) continue;
        draft->look = look;
        if (seen->draft_count < seen->room) seen->drafts[seen->draft_count] = look_at(draft);
        seen->draft_count++;
    }
}

/* Looks twice, for memory is not asked for under the lock; of the drafts that were opened meanwhile some are left out. */
static int open_seen_init(struct open_seen *seen, struct views *views)
{
    *seen = (struct open_seen){0};
    look(views, seen);
    seen->room = seen->draft_count;
    if (seen->room == 0) return 0;
    seen->drafts = calloc(seen->room, sizeof *seen->drafts);
    if (!seen->drafts) return ERR_NOMEM;
    look(views, seen);
    if (seen->room > seen->draft_count) seen->room = seen->draft_count;
    return 0;
}

/* ---- in JSON ---- */

static bool may_see(struct filesystem *fs, const struct fuse_ctx *context, const struct draft_seen *draft)
{
    struct inode inode;
    if (report_tells_all(context) || draft->opener_uid == context->uid) return true;
    return inode_get(fs->store, draft->ino, &inode) == 0 && inode.uid == context->uid;
}

static json_t *draft_of(struct filesystem *fs, struct path_finder *finder, const struct draft_seen *draft)
{
    char path[PATH_SIZE], command[16] = "";
    bool has_path = draft->directory != 0 && path_find(finder, draft->directory, draft->name, path) == 0;
    caller_command(draft->opener, command);
    return json_pack("{s:o, s:I, s:o, s:I, s:o, s:I, s:b, s:o}", "path", has_path ? describe_text(path) : json_null(),
                     "pid", (json_int_t)draft->opener, "command", describe_text(command), "uid",
                     (json_int_t)draft->opener_uid, "since", describe_time(draft->since), "size",
                     (json_int_t)draft->size, "changed", draft->changed, "base",
                     describe_token(fs->store, &draft->base));
}

static json_t *drafts_of(struct filesystem *fs, const struct fuse_ctx *context, const struct open_seen *seen)
{
    struct path_finder finder;
    json_t *list = json_array();
    path_finder_init(&finder, fs->store);
    for (size_t i = 0; i < seen->room && json_array_size(list) < STATUS_DRAFTS_MAX; i++) {
        if (!may_see(fs, context, &seen->drafts[i])) continue;
        if (json_array_append_new(list, draft_of(fs, &finder, &seen->drafts[i])) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *store_of(const struct filesystem *fs)
{
    const struct superblock *superblock = &fs->store->superblock;
    char id[2 * STORE_ID_SIZE + 1];
    for (size_t i = 0; i < STORE_ID_SIZE; i++)
        snprintf(id + 2 * i, 3, "%02x", superblock->store_id[i]);
    return json_pack("{s:s, s:o, s:I, s:o}", "id", id, "path", describe_text(fs->options.store), "format",
                     (json_int_t)superblock->format, "created", describe_time(superblock->created));
}

/* occfs's own; the generic ones stand in /proc/mounts. */
static json_t *options_of(const struct options *options)
{
    const char *policy = policy_name(options->policy);
    return json_pack("{s:b, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:b, s:b}", "sync", options->sync, "policy",
                     policy ? policy : policy_name(POLICY_REJECT), "base", options->base_open ? "open" : "read",
                     "foreign_tokens", options->foreign_tokens ? "ignore" : "refuse", "append_commit",
                     (json_int_t)options->append_commit_s, "workers", (json_int_t)options->workers, "poll",
                     (json_int_t)options->poll_us, "cache", (json_int_t)options->cache_mib, "noatime", options->noatime,
                     "ro", options->read_only);
}

static int count_one(void *context, const struct unresolved *conflict)
{
    (void)conflict;
    ++*(json_int_t *)context;
    return 0;
}

int status_describe(struct filesystem *fs, const struct fuse_ctx *context, struct buffer *text)
{
    struct open_seen seen;
    json_int_t conflicts = 0;
    char *json;
    int error = unresolved_scan(fs->store, count_one, &conflicts);
    if (!error) error = open_seen_init(&seen, &fs->views);
    if (error) return error;
    json_int_t uptime = (clock_monotonic_ns() - fs->started_ns) / NS_PER_S;
    json_t *object = json_pack("{s:s, s:o, s:o, s:I, s:I, s:I, s:o, s:I}", "version", OCCFS_VERSION, "store",
                               store_of(fs), "options", options_of(&fs->options), "uptime_seconds", uptime,
                               "files_open", (json_int_t)seen.handles, "drafts_open", (json_int_t)seen.draft_count,
                               "drafts", drafts_of(fs, context, &seen), "conflicts", conflicts);
    free(seen.drafts);
    error = describe_finish(object, &json);
    if (error) return error;
    buffer_append(text, SLICE_STRING(json));
    buffer_append(text, SLICE_STRING("\n"));
    free(json);
    return buffer_failed(text);
}
