/* SPDX-License-Identifier: Apache-2.0 */
#include "closing.h"

#include <stdio.h>
#include <string.h>

#include "bases.h"
#include "caller.h"
#include "conflict.h"
#include "dirent_record.h"
#include "filesystem.h"
#include "live_file.h"
#include "log.h"
#include "namespace.h"
#include "open_draft.h"

/* ---- what a close means ---- */

/* Drafts of the file that the process opened: as many open file descriptions it would have if it had closed none. */
static int drafts_opened_by(struct filesystem *fs, const struct open_draft *draft, pid_t process)
{
    MUTEX_GUARD(&fs->views.lock);
    int count = 0;
    for (struct open_draft *other = draft->file->drafts; other; other = other->next_of_file)
        if (other->shown_ino == draft->shown_ino) count += other->opener == process || other == draft;
    return count;
}

/* Whether the process still has the draft open. The closing descriptor is gone already; two drafts of one file look alike
 * from outside, so their number is compared. */
static bool still_open_in(struct filesystem *fs, struct open_draft *draft, pid_t process, enum caller_phase phase)
{
    const struct descriptor_query query = {.device = fs->device, .ino = draft->shown_ino};
    int descriptions = caller_count_descriptions(process, phase, &query);
    return descriptions > 0 && descriptions >= drafts_opened_by(fs, draft, process);
}

static void note_writer(struct open_draft *draft, const struct fuse_ctx *context, const struct caller_state *state)
{
    MUTEX_GUARD(&draft->commit_lock);
    draft->last_writer = state->writer;
    draft->last_writer.author.uid = context->uid;
    draft->last_writer.author.gid = context->gid;
}

void closing_note_writer(struct open_draft *draft, const struct fuse_ctx *context)
{
    struct caller_state state;
    if (caller_inspect(caller_process(context->pid), &state)) note_writer(draft, context, &state);
}

void closing_note_opener(struct open_draft *draft)
{
    struct caller_state state;
    bool seen = caller_inspect(draft->opener, &state);
    MUTEX_GUARD(&draft->commit_lock);
    if (!seen || draft->last_writer.author.command[0] != '\0') return;
    state.writer.author.uid = draft->last_writer.author.uid;
    state.writer.author.gid = draft->last_writer.author.gid;
    draft->last_writer = state.writer;
}

enum closing closing_of(struct filesystem *fs, struct open_draft *draft, const struct fuse_ctx *context)
{
    pid_t process = caller_process(context->pid);
    struct caller_state state;
    if (process == 0 || !caller_inspect(process, &state)) return CLOSING_NOT_LAST; /* commits at release */
    note_writer(draft, context, &state);
    if (!state.exiting && still_open_in(fs, draft, process, state.phase)) return CLOSING_NOT_LAST;
    if (draft->opener != 0 && draft->opener != process &&
        still_open_in(fs, draft, draft->opener, caller_phase(draft->opener)))
        return CLOSING_NOT_LAST;
    return state.killed ? CLOSING_KILLED : CLOSING_LAST;
}

bool closing_matters(struct filesystem *fs, const struct handle *handle, const struct fuse_ctx *context)
{
    if (handle->draft) return true;
    const struct file *file = handle->file;
    mutex_lock(&fs->views.lock);
    bool matters = file->record_locked, written = file->drafts;
    mutex_unlock(&fs->views.lock);
    if (matters || !written) return matters;
    pid_t process = caller_process(context->pid);
    MUTEX_GUARD(&fs->views.lock);
    for (const struct open_draft *draft = file->drafts; draft && !matters; draft = draft->next_of_file)
        matters = draft->opener == process;
    return matters;
}

/* ---- committing ---- */

void conflict_told(struct filesystem *fs, uint64_t directory, const char *name, const struct author *writer,
                   const struct commit_result *result, struct expiry *expiry)
{
    char path[4096], sibling_path[4096];
    view_path(&fs->views, directory, name, path, sizeof path);
    view_path(&fs->views, result->sibling_directory, result->sibling_name, sibling_path, sizeof sibling_path);
    log_warning("conflict: %s: %s (pid %u, uid %u) had read an older version; its content is in %s", path,
                writer->command, writer->pid, writer->uid, sibling_path);

    struct file *sibling = file_hold(&fs->views, result->sibling);
    if (sibling) {
        view_committed(fs, sibling, &result->version, NULL, expiry);
        file_drop(fs, sibling);
    }
    expiry_add_directory(expiry, view_single_node(&fs->views, result->sibling_directory));
}

/* A file that stood anew has got back what its name had. */
static void restored_told(struct filesystem *fs, struct file *file, const struct version *restored,
                          struct expiry *expiry)
{
    if (restored->id.lineage == 0) return;
    view_committed(fs, file, restored, NULL, expiry);
    file_tell_views(&fs->views, file, 0, expiry); /* owner, mode */
}

/* The sibling of a conflict is gone with the commit. */
static void resolved_told(struct filesystem *fs, const struct resolved_sibling *resolved, pid_t by,
                          struct expiry *expiry)
{
    if (resolved->ino == 0) return;
    fuse_ino_t directory = view_single_node(&fs->views, resolved->directory);
    view_name_removed(fs, resolved->ino, resolved->directory, resolved->name, resolved->last, by);
    file_tell_all_views(fs, resolved->ino);
    if (directory) expiry_add_name(expiry, directory, resolved->name);
    expiry_add_directory(expiry, directory);
}

/*
 * Whether another file stands where the draft was opened, since somebody else has moved the draft's file away (to a backup) and made
 * that one. What was written was meant for the name.
 */
static bool replaced_by_another(struct filesystem *fs, const struct open_draft *draft, struct moved_from *ret_place)
{
    mutex_lock(&fs->views.lock);
    *ret_place = draft->moved_from;
    mutex_unlock(&fs->views.lock);
    if (ret_place->name[0] == '\0' || ret_place->by == draft->opener) return false;
    struct dirent_record dirent;
    int error = dirent_get(fs->store, ret_place->directory, SLICE_STRING(ret_place->name), &dirent);
    return !error && dirent.ino != draft->file->ino;
}

static uint64_t lineage_of(struct filesystem *fs, const struct file *file)
{
    MUTEX_GUARD(&fs->views.lock);
    return file->lineage;
}

static struct commit_request request_of(struct filesystem *fs, struct open_draft *draft, uint8_t operation,
                                        bool durable, char name[256])
{
    mutex_assert_held(&draft->commit_lock);
    struct moved_from place;
    bool replaced = replaced_by_another(fs, draft, &place);
    const pid_t writers[] = {(pid_t)draft->last_writer.author.pid, draft->opener};
    struct version_id armed = {0};
    bases_armed_on(fs, draft->file->ino, writers, 2, &armed);
    MUTEX_GUARD(&fs->views.lock);
    const struct file *file = draft->file;
    strcpy(name, replaced ? place.name : draft->name);
    return (struct commit_request){
        .ino = file->ino,
        .policy = draft->draft.live.ino ? POLICY_LIVE : POLICY_REJECT,
        .base = {.descriptor_token = draft->descriptor_token,
                 .named = draft->named,
                 .armed = armed,
                 .read_first = draft->read_first,
                 .remembered = draft->remembered,
                 .opened = draft->opened},
        .removal = replaced                             ? REMOVAL_BY_OTHER
                   : !file->unlinked                    ? REMOVAL_NONE
                   : file->unlinked_by == draft->opener ? REMOVAL_BY_SELF
                                                        : REMOVAL_BY_OTHER,
        .conflicted = draft->conflicted,
        .operation = operation,
        .durable = durable,
        .writer = draft->last_writer,
        .directory = replaced ? place.directory : draft->directory,
        .name = name,
        .message = draft->next.message,
        .id = draft->next.request,
        .resolves = draft->next.resolves,
    };
}

/* Who wrote it knows it. */
static void committed_by(struct filesystem *fs, const struct open_draft *draft, const struct version *version,
                         const char *name)
{
    const pid_t writers[] = {draft->opener, (pid_t)draft->last_writer.author.pid};
    size_t count = writers[0] == writers[1] ? 1 : 2;
    bases_committed(fs, draft->file->ino, lineage_of(fs, draft->file), writers, count, &version->id);
    bases_copied(fs, draft->opener, version, name);
}

/* The commit cannot do what its writer has asked for, whose matter it is. */
static bool is_refusal(int error)
{
    return error == ERR_SIBLING_CHANGED || error == ERR_REQUEST_REUSED || error == ERR_ACCES || error == ERR_PERM;
}

int closing_commit(struct filesystem *fs, struct open_draft *draft, uint8_t operation, bool durable, struct node *keep,
                   struct expiry *expiry)
{
    char name[256];
    MUTEX_GUARD(&draft->commit_lock);
    if (draft->finished) return 0;
    bool wanted = draft->draft.changed || draft->next.resolves;
    if (!wanted && draft->conflicted) return ERR_CONFLICT;
    if (!wanted) draft->made = false;
    if (!wanted && !durable) return 0;
    if (!wanted && !draft->next.request) return kv_sync(fs->store->kv);
    durable |= fs->options.sync;
    if (durable || draft->draft.size > CHUNK_SIZE) workers_about_to_block(&fs->workers);
    struct commit_request request = request_of(fs, draft, operation, durable, name);
    struct commit_result result;
    int error = commit_draft(&draft->draft, &request, &result);
    if (is_refusal(error)) return error;
    if (error) {
        log_error("commit of inode %llu failed: %s", (unsigned long long)request.ino, error_text(error));
        return error;
    }
    if (result.outcome == COMMIT_CONFLICT) {
        draft->conflicted = true;
        mutex_lock(&fs->views.lock);
        draft->conflict = (struct found_conflict){.target = result.conflict_target, .sibling = result.sibling};
        mutex_unlock(&fs->views.lock);
        restored_told(fs, draft->file, &result.restored, expiry);
        conflict_told(fs, request.directory, request.name, &request.writer.author, &result, expiry);
        watches_tell_conflict(fs, draft, (pid_t)request.writer.author.pid, &result);
        return ERR_CONFLICT;
    }
    if (result.version.id.lineage == 0) return 0; /* a scratch file: nothing was compared or stored */
    mutex_lock(&fs->views.lock);
    if (result.followed || result.outcome == COMMIT_REPEATED) draft->end_moved = true;
    if (result.outcome == COMMIT_DONE) draft->file->lineage = result.version.id.lineage;
    draft->opened = result.version.id;
    draft->remembered = (struct version_id){0};
    draft->committed = true;
    draft->made = result.outcome == COMMIT_DONE;
    draft->unwritten = false;
    mutex_unlock(&fs->views.lock);
    draft->descriptor_token = draft->named = (struct version_id){0};
    next_commit_clear(&draft->next);
    resolved_told(fs, &result.resolved, draft->opener, expiry);
    committed_by(fs, draft, &result.version, request.name);
    if (result.outcome == COMMIT_REPEATED) restored_told(fs, draft->file, &result.restored, expiry);
    else view_committed(fs, draft->file, &result.version, keep, expiry);
    return 0;
}

int closing_discard(struct filesystem *fs, struct open_draft *draft, struct expiry *expiry)
{
    struct version restored;
    MUTEX_GUARD(&draft->commit_lock);
    if (draft->finished) return 0;
    mutex_lock(&fs->views.lock);
    struct version_id opened = draft->opened;
    mutex_unlock(&fs->views.lock);
    int error = commit_discard(&draft->draft, draft->file->ino, &opened, &restored);
    if (error) return error;
    draft->end_moved = true;
    draft->conflicted = false;
    mutex_lock(&fs->views.lock);
    draft->conflict = (struct found_conflict){0};
    mutex_unlock(&fs->views.lock);
    next_commit_clear(&draft->next);
    restored_told(fs, draft->file, &restored, expiry);
    return 0;
}

/* Of what was not finished nothing is claimed. */
static void unclaim(struct open_draft *draft)
{
    MUTEX_GUARD(&draft->commit_lock);
    next_commit_unclaim(&draft->next);
}

/* What was written is kept behind the version that it was written on. On an error the draft stays: tried again at release. */
static int abandon(struct filesystem *fs, struct open_draft *draft, const char *why, struct expiry *expiry)
{
    char name[256], path[4096];
    MUTEX_GUARD(&draft->commit_lock);
    if (draft->finished || !draft->draft.changed) return 0;
    workers_about_to_block(&fs->workers);
    struct commit_request request = request_of(fs, draft, VERSION_KILLED, false, name);
    struct commit_result result;
    int error = commit_abandon(&draft->draft, &request, &result);
    if (error) return error;
    draft->finished = true;
    restored_told(fs, draft->file, &result.restored, expiry);
    watches_tell_killed(fs, draft, &request, &result.version);
    view_path(&fs->views, request.directory, name, path, sizeof path);
    log_warning("%s: %s: %s (pid %u) wrote it; the file keeps its version, what was written is kept as abandoned", why,
                path, request.writer.author.command, request.writer.author.pid);
    return 0;
}

int closing_killed(struct filesystem *fs, struct open_draft *draft, struct expiry *expiry)
{
    unclaim(draft);
    /* Nothing is replaced where there was nothing, or where every byte went behind what was there. */
    if (draft->opened.ordinal == 0 || draft_only_appended(&draft->draft))
        return closing_commit(fs, draft, VERSION_WRITE, false, NULL, expiry);
    return abandon(fs, draft, "killed", expiry);
}

int closing_last(struct filesystem *fs, struct open_draft *draft, struct expiry *expiry)
{
    int error = closing_commit(fs, draft, VERSION_WRITE, false, NULL, expiry);
    if (!is_refusal(error)) return error;
    unclaim(draft);
    int lost = abandon(fs, draft, "refused", expiry);
    return lost ? lost : error;
}

/* The draft cannot be committed: a file that its writer created anew gets back what its name had. */
static void give_back(struct filesystem *fs, const struct open_draft *draft, struct expiry *expiry)
{
    struct version restored;
    int error = namespace_restore(fs->store, draft->file->ino, &restored);
    if (!error) restored_told(fs, draft->file, &restored, expiry);
    else
        log_error("inode %llu cannot be given back what it had before it was created anew: %s",
                  (unsigned long long)draft->file->ino, error_text(error));
}

/* The last handle is gone: commits what is left and frees the draft. */
static void release(struct filesystem *fs, struct open_draft *draft, struct expiry *expiry)
{
    if (draft->draft.live.ino) {
        live_file_release(fs, draft, expiry);
        return;
    }
    if ((draft->draft.changed || draft->next.resolves) && !draft->finished) {
        int error = closing_last(fs, draft, expiry);
        if (error && error != ERR_CONFLICT && !is_refusal(error))
            log_error("what a closed descriptor had left of inode %llu is lost: %s",
                      (unsigned long long)draft->file->ino, error_text(error));
        if (error && error != ERR_CONFLICT && draft->unwritten) give_back(fs, draft, expiry);
    }
    open_draft_free(fs, draft);
}

void closing_handle(struct filesystem *fs, struct handle *handle, struct expiry *expiry)
{
    struct file *file = file_hold(&fs->views, handle->node->file->ino);
    struct open_draft *last;
    handle_close(fs, handle, &last);
    if (last) release(fs, last, expiry);
    if (file) file_drop(fs, file);
}
