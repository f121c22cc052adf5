/* SPDX-License-Identifier: Apache-2.0 */
#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caller.h"
#include "conflict.h"
#include "filesystem.h"
#include "handle.h"
#include "last.h"
#include "log.h"
#include "occ_directory.h"
#include "path.h"
#include "report.h"

struct watch {
    struct watches *watches;
    struct watch *next;
    uint64_t number; /* from 1, never used again */
    struct process *process;
    uint32_t uid;
    bool sees_all;
    struct buffer text; /* guarded by watches->lock, like `full` */
    bool full;
};

void watches_init(struct watches *watches, struct processes *processes)
{
    *watches = (struct watches){.processes = processes};
    mutex_init(&watches->lock);
}

void watches_release(struct watches *watches)
{
    mutex_release(&watches->lock);
}

int watch_open(struct filesystem *fs, const struct fuse_ctx *context, struct watch **ret_watch)
{
    struct watches *watches = &fs->watches;
    struct process *process = process_hold(watches->processes, caller_process(context->pid));
    if (!process) return ERR_NOTSUP;
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch) {
        process_drop(watches->processes, process);
        return ERR_NOMEM;
    }
    *watch = (struct watch){
        .watches = watches, .process = process, .uid = context->uid, .sees_all = report_tells_all(context)};
    MUTEX_GUARD(&watches->lock);
    watch->number = ++watches->made;
    watch->next = watches->list;
    watches->list = watch;
    watches->count++;
    *ret_watch = watch;
    return 0;
}

void watch_close(struct watch *watch)
{
    if (!watch) return;
    struct watches *watches = watch->watches;
    mutex_lock(&watches->lock);
    struct watch **link = &watches->list;
    while (*link != watch)
        link = &(*link)->next;
    *link = watch->next;
    watches->count--;
    mutex_unlock(&watches->lock);
    process_drop(watches->processes, watch->process);
    buffer_release(&watch->text);
    free(watch);
}

size_t watch_read(struct watch *watch, uint64_t offset, void *bytes, size_t size)
{
    MUTEX_GUARD(&watch->watches->lock);
    size_t there = offset < watch->text.size ? watch->text.size - (size_t)offset : 0;
    if (size > there) size = there;
    if (size > 0) memcpy(bytes, watch->text.data + offset, size);
    return size;
}

/* ---- whom a writer belongs to ---- */

static bool descends_locked(const struct watch *watch, pid_t process)
{
    mutex_assert_held(&watch->watches->lock);
    return process_lives(watch->process) && caller_descends_from(process, watch->process->pid);
}

void watches_note(struct watches *watches, pid_t process, uint64_t ret_numbers[WATCHES_OF_DRAFT])
{
    size_t count = 0;
    if (watches->count == 0) return;
    MUTEX_GUARD(&watches->lock);
    for (const struct watch *watch = watches->list; watch && count < WATCHES_OF_DRAFT; watch = watch->next)
        if (descends_locked(watch, process)) ret_numbers[count++] = watch->number;
}

static bool is_told_locked(const struct watch *watch, const struct open_draft *draft, pid_t process)
{
    for (size_t i = 0; draft && i < WATCHES_OF_DRAFT; i++)
        if (draft->watches[i] == watch->number) return true;
    return descends_locked(watch, process) || (draft && descends_locked(watch, draft->opener));
}

/* ---- telling ---- */

static void add_locked(struct watch *watch, const char *line)
{
    static const char overflow[] = "{\"kind\":\"overflow\"}";
    mutex_assert_held(&watch->watches->lock);
    if (watch->full) return;
    watch->full = watch->text.size + strlen(line) + sizeof overflow > WATCH_TEXT_MAX;
    buffer_append(&watch->text, SLICE_STRING(watch->full ? overflow : line));
    buffer_append(&watch->text, SLICE_STRING("\n"));
}

/* Whose path it is sees it as in .occ/conflicts; another one (of a program that changed its user) learns that something happened. */
static void tell(struct watches *watches, const struct open_draft *draft, pid_t process, uint32_t uid, const char *line,
                 const char *kind)
{
    char little[80];
    snprintf(little, sizeof little, "{\"kind\":\"%s\",\"path\":null,\"sibling\":null}", kind);
    MUTEX_GUARD(&watches->lock);
    for (struct watch *watch = watches->list; watch; watch = watch->next)
        if (is_told_locked(watch, draft, process))
            add_locked(watch, watch->sees_all || watch->uid == uid ? line : little);
}

static const char *path_of(struct path_finder *finder, uint64_t directory, const char *name, char path[PATH_SIZE])
{
    return path_find(finder, directory, name, path) == 0 ? path : NULL;
}

void watches_tell_conflict(struct filesystem *fs, const struct open_draft *draft, pid_t process,
                           const struct commit_result *result)
{
    struct path_finder finder;
    struct conflict_record record;
    char target[PATH_SIZE], sibling[PATH_SIZE], *json;
    if (fs->watches.count == 0) return;
    path_finder_init(&finder, fs->store);
    int error = conflict_record_get(fs->store, result->conflict_target, result->sibling, &record);
    if (!error) {
        bool lost = record.directory == LOST_FOUND_INO;
        const char *path = lost ? NULL : path_of(&finder, record.directory, record.target, target);
        error = conflict_describe_event(fs->store, &record, path,
                                        path_of(&finder, record.directory, record.name, sibling), &json);
    }
    if (error) {
        log_warning("a conflict was not told to those who watch: %s", error_text(error));
        return;
    }
    tell(&fs->watches, draft, process, result->version.author.uid, json, "conflict");
    free(json);
}

void watches_tell_killed(struct filesystem *fs, const struct open_draft *draft, const struct commit_request *request,
                         const struct version *abandoned)
{
    struct path_finder finder;
    char path[PATH_SIZE], *json;
    if (fs->watches.count == 0) return;
    path_finder_init(&finder, fs->store);
    int error =
        last_describe_killed(fs->store, abandoned, path_of(&finder, request->directory, request->name, path), &json);
    if (error) {
        log_warning("a killed writer was not told to those who watch: %s", error_text(error));
        return;
    }
    tell(&fs->watches, draft, (pid_t)abandoned->author.pid, abandoned->author.uid, json, "killed");
    free(json);
}
