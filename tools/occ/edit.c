/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The editor works on a private copy, so that nobody waits for it and nothing of the file is held. What it has made is committed against
 * the version that was loaded. After a conflict the text stands in a sibling; from there on each way out looks at the newest version,
 * commits against that, and resolves the sibling.
 */

#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "foreground.h"
#include "landing.h"
#include "marked_text.h"
#include "mountpoints.h"
#include "outcome.h"
#include "place.h"
#include "private_copy.h"
#include "terminal.h"
#include "text_diff.h"
#include "verb.h"

struct session {
    const char *file, *message;
    struct occfs_content base; /* what the text was made from */
    struct occfs_content text; /* what the user has made; its token is not used */
    char *sibling;             /* that keeps the text after a conflict; NULL: none */
    struct private_copy copy;  /* that keeps it before */
    bool has_copy;
};

/* What has become of one round. */
enum round { ROUND_ENDED, ROUND_CONFLICT, ROUND_UNCHANGED };

/* Takes the content over. */
static void content_replace(struct occfs_content *content, struct occfs_content *by)
{
    free(content->data);
    *content = *by;
    *by = (struct occfs_content){0};
}

static bool content_equal(const struct occfs_content *a, const struct occfs_content *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

/* ---- committing ---- */

static void drop_copy(struct session *session)
{
    if (session->has_copy) private_copy_remove(&session->copy);
    session->has_copy = false;
}

/* Where the text can be found once this program has ended. */
static const char *kept_text(struct session *session)
{
    if (session->sibling) return session->sibling;
    if (!session->has_copy &&
        private_copy_init(&session->copy, session->file, session->text.data, session->text.size) != 0)
        return "no place: there is no room for it";
    session->has_copy = false; /* it stays */
    return session->copy.path;
}

/* What cannot be committed is not lost: complains, and tells where it is. */
static int keep_text(struct session *session, int error)
{
    bool made = error == -EEXIST, removed = error == -ENOENT;
    int code = made || removed ? EXIT_CONFLICT : failure(session->file, error);
    const char *why = made      ? "was made by somebody else meanwhile"
                      : removed ? "was removed meanwhile"
                                : "nothing was committed";
    complain(session->file, "%s (your text is kept in %s)", why, kept_text(session));
    return code;
}

/* The text is in a new sibling now. An older one has what it was made from. Where somebody has removed the new one already, the
 * copy is what is left. */
static void follow_sibling(struct session *session, const struct occfs_conflict *conflict)
{
    char *path = outcome_sibling(session->file, conflict);
    if (path && session->sibling && strcmp(session->sibling, path) != 0) unlink(session->sibling);
    free(session->sibling);
    session->sibling = path;
    if (path) drop_copy(session);
}

static enum round commit(struct session *session, const char *expected, int *ret_code)
{
    char resolved[OCCFS_TOKEN_SIZE];
    struct occfs_outcome outcome;
    struct landing landing = {.file = session->file,
                              .expected = expected,
                              .sibling = session->sibling,
                              .resolved = resolved,
                              .message = session->message};
    int error = session->sibling ? occfs_token(AT_FDCWD, session->sibling, resolved) : 0;
    if (error == -ENOENT) { /* somebody has taken care of it */
        landing.sibling = NULL;
        error = 0;
    }
    if (!error) error = landing_commit(&landing, session->text.data, session->text.size, &outcome);
    if (error == -EEXIST) return ROUND_CONFLICT;
    if (error) {
        *ret_code = keep_text(session, error);
        return ROUND_ENDED;
    }
    bool conflict = outcome.result == OCCFS_CONFLICT;
    if (conflict) follow_sibling(session, &outcome.conflict);
    occfs_outcome_release(&outcome);
    *ret_code = EXIT_DONE;
    return conflict ? ROUND_CONFLICT : ROUND_ENDED;
}

/* ---- editing ---- */

/* Opens a content in the editor, and makes what comes of it the session's text. */
static enum round edit(struct session *session, const struct occfs_content *from, int *ret_code)
{
    struct occfs_content made = {0};
    drop_copy(session);
    int error = private_copy_init(&session->copy, session->file, from->data, from->size);
    if (error) {
        *ret_code = failure(session->file, error);
        return ROUND_ENDED;
    }
    session->has_copy = true;
    *ret_code = editor_run(session->copy.path);
    error = private_copy_read(&session->copy, &made);
    bool changed = !error && !content_equal(&made, from);
    if (error && *ret_code == EXIT_DONE) *ret_code = failure(session->copy.path, error);
    if (changed && *ret_code == EXIT_DONE) content_replace(&session->text, &made);
    else if (changed) complain(session->file, "nothing was committed (your text is kept in %s)", session->copy.path);
    else drop_copy(session);
    if (*ret_code != EXIT_DONE) session->has_copy = false; /* it stays */
    free(made.data);
    return *ret_code == EXIT_DONE && !changed ? ROUND_UNCHANGED : ROUND_ENDED;
}

/* ---- after a conflict ---- */

static void show_changes(const struct session *session, const struct occfs_content *theirs)
{
    const struct diff_side old = {session->file, "when you began", session->base.data, session->base.size};
    const struct diff_side new = {session->file, "now", theirs->data, theirs->size};
    tell(session->file, "was changed meanwhile:");
    text_diff_print(stdout, &old, &new);
    fflush(stdout);
}

/* Theirs is a part of the text from then on. */
static enum round merge(struct session *session, struct occfs_content *theirs, int *ret_code)
{
    const struct merge_side base = {session->base.data, session->base.size};
    const struct merge_side mine = {session->text.data, session->text.size}, other = {theirs->data, theirs->size};
    struct text_merge merged;
    struct occfs_content made = {0};
    int error = text_merge_init(&merged, &base, &mine, &other);
    if (error) {
        complain(session->file, "%s", error == -EILSEQ ? "is not text that can be merged" : strerror(-error));
        return ROUND_CONFLICT;
    }
    if (merged.conflicts == 0) {
        made = (struct occfs_content){.data = merged.data, .size = merged.size};
        merged.data = NULL;
    } else if (marked_text_edit(session->file, &merged, &made) != EXIT_DONE) {
        text_merge_release(&merged);
        return ROUND_CONFLICT;
    }
    text_merge_release(&merged);
    content_replace(&session->text, &made);
    drop_copy(session); /* it has what the merge was made from */
    content_replace(&session->base, theirs);
    return commit(session, session->base.token, ret_code);
}

static enum round retry(struct session *session, struct occfs_content *theirs, int *ret_code)
{
    enum round round = edit(session, theirs, ret_code);
    if (round == ROUND_UNCHANGED || *ret_code != EXIT_DONE) return ROUND_CONFLICT;
    content_replace(&session->base, theirs);
    return commit(session, session->base.token, ret_code);
}

static int abandon(struct session *session)
{
    if (session->sibling)
        complain(session->file, "was changed meanwhile (your text is kept in %s; 'occ resolve %s' merges it)",
                 session->sibling, session->file);
    else complain(session->file, "was changed meanwhile (your text is kept in %s)", kept_text(session));
    return EXIT_CONFLICT;
}

/* The first letter of an answer; 'a' if there is none to be had. */
static int ask(void)
{
    char *line = NULL;
    size_t size = 0;
    fprintf(stderr, "[m]erge, [r]etry with the newest, [k]eep mine, [a]bort? ");
    int answer = getline(&line, &size, stdin) > 0 ? line[0] : 'a';
    free(line);
    return answer;
}

static enum round act(struct session *session, struct occfs_content *theirs, int answer, int *ret_code)
{
    switch (answer) {
    case 'm':
        return merge(session, theirs, ret_code);
    case 'r':
        return retry(session, theirs, ret_code);
    case 'k':
        return commit(session, theirs->token, ret_code);
    case 'a':
        *ret_code = abandon(session);
        return ROUND_ENDED;
    default:
        return ROUND_CONFLICT;
    }
}

static int settle(struct session *session)
{
    enum round round = ROUND_CONFLICT;
    int code = EXIT_CONFLICT;
    char shown[OCCFS_TOKEN_SIZE] = "";
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) return abandon(session);
    while (round == ROUND_CONFLICT) {
        struct occfs_content theirs;
        int error = newest_content(session->file, &theirs);
        if (error) return keep_text(session, error);
        if (strcmp(shown, theirs.token) != 0) show_changes(session, &theirs);
        strcpy(shown, theirs.token);
        round = act(session, &theirs, ask(), &code);
        free(theirs.data);
    }
    return code;
}

/* ---- the verb ---- */

/* A file that is to be made: whether that can be is known before an hour was spent in the editor. */
static int check_directory(const char *file)
{
    int error = mountpoint_check(file);
    char *copy = error ? NULL : strdup(file);
    if (!copy) return error ? error : -ENOMEM;
    if (access(dirname(copy), W_OK) != 0) error = -errno;
    free(copy);
    return error;
}

static int load(struct session *session)
{
    int error = newest_content(session->file, &session->base);
    if (error == -ENOENT) return check_directory(session->file);
    if (!error && access(session->file, W_OK) != 0) error = -errno;
    return error;
}

static int edit_file(struct session *session)
{
    int code, error = load(session);
    if (error) return failure(session->file, error);
    enum round round = edit(session, &session->base, &code);
    if (round == ROUND_UNCHANGED) tell(session->file, "unchanged: nothing was committed");
    if (round == ROUND_UNCHANGED || code != EXIT_DONE) return code;
    round = commit(session, session->base.token, &code);
    return round == ROUND_CONFLICT ? settle(session) : code;
}

static int run(int argc, char *argv[])
{
    struct session session = {0};
    struct place place;
    for (int id; (id = option_next(argc, argv)) != -1;)
        if (id == 'm') session.message = optarg;
    operands_check(argc, 1, 1);
    int error = place_init(&place, argv[optind]);
    if (error) return failure(argv[optind], error);
    session.file = place.file;
    int code =
        place.version ? misuse("%s: a version cannot be changed; name the file", argv[optind]) : edit_file(&session);
    drop_copy(&session);
    free(session.base.data);
    free(session.text.data);
    free(session.sibling);
    place_release(&place);
    int end = pager_end();
    return code ? code : end;
}

const struct verb verb_of_edit = {
    .name = "edit",
    .operands = "FILE",
    .summary = "edit a file without overwriting others",
    .help =
        "Opens a private copy of FILE in $VISUAL, $EDITOR or vi, and commits what was made of it against the version\n"
        "that was loaded. If others have committed meanwhile, it shows what they have changed and asks: merge, retry\n"
        "with the newest version, keep mine, or abort. Without a terminal it exits with 75, and the text is in the\n"
        "sibling. A FILE that does not exist is created.",
    .options =
        (const struct verb_option[]){
            {'m', "message", ARGUMENT_TEXT, "TEXT", "for the version's history", NULL},
            {0},
        },
    .operand = ARGUMENT_PATH,
    .run = run,
};
