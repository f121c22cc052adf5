/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Each way of resolving loads the versions that it looks at, by their tokens, and commits against them: whatever changes
 * meanwhile, the file or the sibling, makes the commit fail. What was made without the user is then made anew, out of the versions that
 * are there by then; what the user has made or decided is kept in a sibling, and told.
 */

#include "sibling_resolution.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "landing.h"
#include "marked_text.h"
#include "merge_tool.h"
#include "outcome.h"
#include "place.h"
#include "terminal.h"
#include "text_merge.h"
#include "verb.h"
#include "whole_content.h"

struct sides {
    struct occfs_content base, theirs, mine;
};

/* What has become of one attempt. */
enum attempt { ATTEMPT_ENDED, ATTEMPT_AGAIN };

static void sides_release(struct sides *sides)
{
    free(sides->base.data);
    free(sides->theirs.data);
    free(sides->mine.data);
}

/* Complains of what cannot be loaded, and returns the exit code for it. */
static int sides_load(struct sides *sides, const struct sibling *sibling)
{
    *sides = (struct sides){0};
    int error = newest_content(sibling->path, &sides->mine);
    if (error) return failure(sibling->path, error);
    error = newest_content(sibling->target, &sides->theirs);
    if (error) return failure(sibling->target, error);
    error = version_content(sibling->target, sibling->conflict.base, &sides->base);
    if (!error || error == -ENOMEM) return error ? failure(sibling->target, error) : EXIT_DONE;
    complain(sibling->target,
             "the version that both have begun with cannot be read: %s (use --mine, --theirs or --both)",
             strerror(-error));
    return EXIT_FAILURE_IO;
}

static struct merge_side side_of(const struct occfs_content *content)
{
    return (struct merge_side){content->data, content->size};
}

static struct landing landing_of(const struct sibling *sibling, const struct resolution *resolution,
                                 const char *resolved, const char *expected)
{
    return (struct landing){.file = sibling->target,
                            .expected = expected,
                            .sibling = sibling->path,
                            .resolved = resolved,
                            .message = resolution->message};
}

/* Of content that can be made anew. */
static enum attempt commit_made(const struct landing *landing, const struct occfs_content *content, int *ret_code)
{
    struct occfs_outcome outcome;
    int error = landing_commit(landing, content->data, content->size, &outcome);
    if (error == -ESTALE) { /* the sibling has changed */
        *ret_code = EXIT_CONFLICT;
        return ATTEMPT_AGAIN;
    }
    if (error) {
        *ret_code = failure(landing->file, error);
        return ATTEMPT_ENDED;
    }
    bool conflict = outcome.result == OCCFS_CONFLICT;
    if (conflict) landing_forget(landing, &outcome.conflict);
    occfs_outcome_release(&outcome);
    *ret_code = conflict ? EXIT_CONFLICT : EXIT_DONE;
    return conflict ? ATTEMPT_AGAIN : ATTEMPT_ENDED;
}

/* Of content that the user has made. */
static int commit_edited(const struct landing *landing, const struct occfs_content *content)
{
    struct occfs_outcome outcome;
    struct private_copy copy;
    int error = landing_commit(landing, content->data, content->size, &outcome), code = EXIT_DONE;
    if (error) {
        code = failure(landing->file, error);
        if (private_copy_init(&copy, landing->file, content->data, content->size) == 0)
            complain(landing->file, "what you have made is kept in %s", copy.path);
        return code;
    }
    if (outcome.result == OCCFS_CONFLICT) {
        char *kept = outcome_sibling(landing->file, &outcome.conflict);
        complain(landing->file, "changed meanwhile (what you have made is in %s; resolve that, then %s)",
                 kept ? kept : "a sibling", landing->sibling);
        free(kept);
        code = EXIT_CONFLICT;
    }
    occfs_outcome_release(&outcome);
    return code;
}

/* ---- the file as it is, and the sibling as it is ---- */

static enum attempt take_theirs(const struct sibling *sibling, const struct resolution *resolution, int *ret_code)
{
    struct occfs_content theirs;
    char resolved[OCCFS_TOKEN_SIZE];
    int error = occfs_token(AT_FDCWD, sibling->path, resolved);
    if (!error) error = newest_content(sibling->target, &theirs);
    if (error) {
        *ret_code = failure(sibling->target, error);
        return ATTEMPT_ENDED;
    }
    const struct landing landing = landing_of(sibling, resolution, resolved, theirs.token);
    enum attempt attempt = commit_made(&landing, &theirs, ret_code);
    free(theirs.data);
    return attempt;
}

static int take_mine(const struct sibling *sibling, const struct resolution *resolution)
{
    struct occfs_content mine;
    char expected[OCCFS_TOKEN_SIZE];
    int code, error = occfs_token(AT_FDCWD, sibling->target, expected);
    if (!error) error = newest_content(sibling->path, &mine);
    if (error) return failure(sibling->path, error);
    const struct landing landing = landing_of(sibling, resolution, mine.token, expected);
    commit_made(&landing, &mine, &code);
    if (code == EXIT_CONFLICT)
        complain(sibling->target, "changed meanwhile: nothing was done (look at it, and try again)");
    free(mine.data);
    return code;
}

static int rename_free(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return EXIT_DONE;
    if (errno != EEXIST) return failure(to, -errno);
    complain(to, "exists (choose another name with --as)");
    return EXIT_FAILURE_IO;
}

/* f.2.conflict becomes f.2.mine. */
static int keep_both(const struct sibling *sibling, const char *name)
{
    static const char suffix[] = ".conflict";
    const char *path = sibling->path, *slash = strrchr(path, '/');
    size_t directory = slash ? (size_t)(slash + 1 - path) : 0, length = strlen(path);
    if (length > sizeof suffix - 1 && strcmp(path + length - (sizeof suffix - 1), suffix) == 0)
        length -= sizeof suffix - 1;
    char *to;
    int made =
        name ? asprintf(&to, "%.*s%s", (int)directory, path, name) : asprintf(&to, "%.*s.mine", (int)length, path);
    if (made < 0) return failure(path, -ENOMEM);
    int code = rename_free(path, to);
    if (code == EXIT_DONE) tell(sibling->target, "stays as it is; %s is now %s", path, to);
    free(to);
    return code;
}

/* Of a file that was removed there is one side alone. */
static int resolve_removed(const struct sibling *sibling, const struct resolution *resolution)
{
    switch (resolution->mode) {
    case RESOLUTION_MINE:
        return rename_free(sibling->path, sibling->target);
    case RESOLUTION_THEIRS:
        return unlink(sibling->path) == 0 ? EXIT_DONE : failure(sibling->path, -errno);
    case RESOLUTION_BOTH:
        return keep_both(sibling, resolution->name);
    case RESOLUTION_MERGE:
    case RESOLUTION_TOOL:
        break;
    }
    complain(sibling->target, "was removed by somebody else (--mine brings back yours, --theirs leaves it removed)");
    return EXIT_CONFLICT;
}

/* ---- merging ---- */

static int write_marked(const char *path, const struct text_merge *merge)
{
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int error = fd < 0 ? -errno : content_write(fd, merge->data, merge->size);
    if (!standard && fd >= 0 && close(fd) != 0 && !error) error = -errno;
    return error ? failure(standard ? "standard output" : path, error) : EXIT_DONE;
}

static int leave_marked(const struct sibling *sibling, const struct resolution *resolution,
                        const struct text_merge *merge)
{
    int code = resolution->output ? write_marked(resolution->output, merge) : EXIT_DONE;
    if (code != EXIT_DONE) return code;
    complain(sibling->target, "%zu conflict%s with %s: nothing was changed (--edit, --tool, --mine or --theirs decide)",
             merge->conflicts, merge->conflicts > 1 ? "s" : "", sibling->path);
    return EXIT_CONFLICT;
}

static int refuse_merge(const char *file, int error)
{
    if (error == -EILSEQ) complain(file, "is not text that can be merged (use --mine, --theirs, --both or --tool)");
    else if (error == -EFBIG) complain(file, "is too large to be merged (use --mine, --theirs or --both)");
    else return failure(file, error);
    return EXIT_CONFLICT;
}

static enum attempt merge_text(const struct sibling *sibling, const struct resolution *resolution,
                               const struct sides *sides, int *ret_code)
{
    const struct landing landing = landing_of(sibling, resolution, sides->mine.token, sides->theirs.token);
    const struct merge_side base = side_of(&sides->base), mine = side_of(&sides->mine),
                            theirs = side_of(&sides->theirs);
    enum attempt attempt = ATTEMPT_ENDED;
    struct text_merge merge;
    int error = text_merge_init(&merge, &base, &mine, &theirs);
    if (error) {
        *ret_code = refuse_merge(sibling->target, error);
        return attempt;
    }
    struct occfs_content content = {.data = merge.data, .size = merge.size};
    if (merge.conflicts == 0) {
        attempt = commit_made(&landing, &content, ret_code);
    } else if (resolution->edit) {
        *ret_code = marked_text_edit(sibling->target, &merge, &content);
        if (*ret_code == EXIT_DONE) {
            *ret_code = commit_edited(&landing, &content);
            free(content.data);
        }
    } else {
        *ret_code = leave_marked(sibling, resolution, &merge);
    }
    text_merge_release(&merge);
    return attempt;
}

/* The tool begins with the merge as far as it goes, or with theirs where that is not text. */
static int merge_by_tool(const struct sibling *sibling, const struct resolution *resolution, const struct sides *sides)
{
    const struct landing landing = landing_of(sibling, resolution, sides->mine.token, sides->theirs.token);
    const struct merge_side base = side_of(&sides->base), mine = side_of(&sides->mine),
                            theirs = side_of(&sides->theirs);
    struct text_merge merge = {0};
    struct private_copy copy;
    struct occfs_content made;
    bool text = text_merge_init(&merge, &base, &mine, &theirs) == 0;
    int error =
        private_copy_init(&copy, sibling->target, text ? merge.data : theirs.data, text ? merge.size : theirs.size);
    if (error) {
        text_merge_release(&merge);
        return failure(sibling->target, error);
    }
    int code = merge_tool_run(resolution->tool, &copy, &base, &mine, &theirs);
    error = code == EXIT_DONE ? private_copy_read(&copy, &made) : 0;
    if (error) code = failure(resolution->tool, error);
    private_copy_remove(&copy);
    if (code == EXIT_DONE) {
        size_t left = text ? text_conflicts(made.data, made.size, merge.marker) : 0;
        if (left > 0)
            complain(sibling->target, "%s has left %zu of the conflicts: nothing was changed", resolution->tool, left);
        code = left > 0 ? EXIT_CONFLICT : commit_edited(&landing, &made);
        free(made.data);
    }
    text_merge_release(&merge);
    return code;
}

/* ---- all of them ---- */

static enum attempt try(const struct sibling *sibling, const struct resolution *resolution, int *ret_code)
{
    struct sides sides;
    enum attempt attempt = ATTEMPT_ENDED;
    if (resolution->mode == RESOLUTION_THEIRS) return take_theirs(sibling, resolution, ret_code);
    *ret_code = sides_load(&sides, sibling);
    if (*ret_code == EXIT_DONE && resolution->mode == RESOLUTION_TOOL)
        *ret_code = merge_by_tool(sibling, resolution, &sides);
    else if (*ret_code == EXIT_DONE) attempt = merge_text(sibling, resolution, &sides, ret_code);
    sides_release(&sides);
    return attempt;
}

static int try_again(const struct sibling *sibling, const struct resolution *resolution)
{
    for (unsigned tries = 1;; tries++) {
        int code;
        if (try(sibling, resolution, &code) == ATTEMPT_ENDED) return code;
        long delay = occfs_retry_delay(&occfs_retry_default, tries, 0);
        if (delay < 0) {
            complain(sibling->target, "changes too often (try again later)");
            return EXIT_CONFLICT;
        }
        nanosleep(&(struct timespec){.tv_nsec = delay * 1000000}, NULL);
    }
}

int resolve_sibling(const struct sibling *sibling, const struct resolution *resolution)
{
    int code;
    if (access(sibling->target, F_OK) != 0 && errno == ENOENT) code = resolve_removed(sibling, resolution);
    else if (resolution->mode == RESOLUTION_BOTH) return keep_both(sibling, resolution->name);
    else if (resolution->mode == RESOLUTION_MINE) code = take_mine(sibling, resolution);
    else code = try_again(sibling, resolution);
    if (code == EXIT_DONE) tell(sibling->target, "%s is resolved", sibling->path);
    return code;
}
