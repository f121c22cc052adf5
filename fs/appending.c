/* SPDX-License-Identifier: Apache-2.0 */
#include "appending.h"

#include "clock.h"
#include "closing.h"
#include "filesystem.h"
#include "log.h"

/* A handle on one that has waited since before then; NULL when there is none. */
static struct handle *take_due(struct views *views, int64_t before)
{
    MUTEX_GUARD(&views->lock);
    for (struct open_draft *draft = views->appending; draft; draft = draft->next_appending) {
        bool waits = draft->draft.changed && !draft->conflicted && !draft->finished;
        if (!waits || draft->draft.first_written_ns > before || draft->append_tried_ns > before) continue;
        draft->append_tried_ns = clock_monotonic_ns(); /* also where it fails: not again at once */
        return handle_share_locked(views, draft);
    }
    return NULL;
}

/* Somebody who has named a base, or what the commit is to do, is told at the close whether it was so. */
static bool waits_for_close(struct open_draft *draft)
{
    MUTEX_GUARD(&draft->commit_lock);
    return draft->descriptor_token.lineage != 0 || draft->named.lineage != 0 || draft->next.resolves ||
           draft->next.request;
}

static void commit(struct filesystem *fs, struct open_draft *draft, struct expiry *expiry)
{
    if (!draft_only_appended(&draft->draft) || waits_for_close(draft)) return;
    closing_note_opener(draft);
    int error = closing_commit(fs, draft, VERSION_WRITE, false, NULL, expiry);
    if (error && error != ERR_CONFLICT)
        log_warning("inode %llu: what was appended is not committed yet: %s", (unsigned long long)draft->file->ino,
                    error_text(error));
}

void appending_tick(struct filesystem *fs)
{
    if (fs->options.append_commit_s == 0) return;
    int64_t before = clock_monotonic_ns() - fs->options.append_commit_s * NS_PER_S;
    struct handle *handle;
    while ((handle = take_due(&fs->views, before))) {
        struct expiry expiry;
        expiry_init(&expiry, fs);
        commit(fs, handle->draft, &expiry);
        closing_handle(fs, handle, &expiry);
        expiry_run(&expiry);
    }
}
