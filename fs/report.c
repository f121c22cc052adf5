/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <stdlib.h>
#include <unistd.h>

#include "conflict.h"
#include "content_reader.h"
#include "occ_directory.h"
#include "path.h"
#include "status.h"
#include "unresolved.h"

bool report_tells_all(const struct fuse_ctx *context)
{
    return context->uid == 0 || context->uid == geteuid();
}

/* ---- conflicts: a line of JSON each ---- */

struct conflicts {
    struct filesystem *fs;
    const struct fuse_ctx *context;
    struct path_finder finder;
    struct buffer *text;
};

static bool may_see(const struct conflicts *conflicts, const struct unresolved *conflict)
{
    uint32_t uid = conflicts->context->uid;
    return report_tells_all(conflicts->context) || conflict->record->writer.uid == uid ||
           conflict->sibling_uid == uid || (conflict->has_target && conflict->target_uid == uid);
}

static int conflict_add(void *context, const struct unresolved *conflict)
{
    struct conflicts *conflicts = context;
    const struct conflict_record *record = conflict->record;
    char target[PATH_SIZE], sibling[PATH_SIZE], *json;
    if (!may_see(conflicts, conflict)) return 0;
    bool has_sibling = path_find(&conflicts->finder, record->directory, record->name, sibling) == 0;
    /* What is in lost+found was to be written in a directory that has gone. */
    bool has_target = has_sibling && record->directory != LOST_FOUND_INO &&
                      path_find(&conflicts->finder, record->directory, record->target, target) == 0;
    int error = conflict_describe_places(conflicts->fs->store, record, has_target ? target : NULL,
                                         has_sibling ? sibling : NULL, &json);
    if (error) return error;
    buffer_append(conflicts->text, SLICE_STRING(json));
    buffer_append(conflicts->text, SLICE_STRING("\n"));
    free(json);
    return buffer_failed(conflicts->text);
}

static int conflicts_describe(struct filesystem *fs, const struct fuse_ctx *context, struct buffer *text)
{
    struct conflicts conflicts = {.fs = fs, .context = context, .text = text};
    path_finder_init(&conflicts.finder, fs->store);
    return unresolved_scan(fs->store, conflict_add, &conflicts);
}

int report_open(struct filesystem *fs, const struct fuse_ctx *context, uint64_t ino, struct content_reader **ret_reader)
{
    struct buffer text = {0};
    workers_about_to_block(&fs->workers);
    struct content_reader *reader = malloc(sizeof *reader);
    int error = !reader             ? ERR_NOMEM
                : ino == STATUS_INO ? status_describe(fs, context, &text)
                                    : conflicts_describe(fs, context, &text);
    if (error) {
        buffer_release(&text);
        free(reader);
        return error;
    }
    content_reader_init_bytes(reader, &text);
    *ret_reader = reader;
    return 0;
}
