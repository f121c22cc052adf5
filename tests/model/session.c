/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "kinds.h"
#include "looks.h"
#include "tree.h"
#include "user.h"

bool session_begin(struct session *session, const struct place *place, const char *name, bool make)
{
    static const char *const labels[SIDES] = {"plain directory", "mount"};
    *session = (struct session){.place = place, .rules = {.shared = place->shared}};
    snprintf(session->name, sizeof session->name, "%s", name);
    umask(022);
    for (unsigned i = 0; i < SIDES; i++)
        session->sides[i] = side_none(labels[i]);
    for (unsigned i = 0; i < SIDES; i++)
        if ((make && !side_make(place->directories[i], name)) ||
            !side_init(&session->sides[i], place->directories[i], name) || !outcome_init(&session->outcomes[i]))
            return false;
    return true;
}

void session_end(struct session *session, bool keep)
{
    for (unsigned i = 0; i < SIDES; i++) {
        side_release(&session->sides[i]);
        outcome_release(&session->outcomes[i]);
        if (!keep) side_remove(session->place->directories[i], session->name);
    }
    inodes_release(&session->inodes);
}

static void run_on(struct session *session, const struct operation *operation, enum which_side which)
{
    side_enter(&session->sides[which]);
    outcome_clear(&session->outcomes[which]);
    user_become(operation->user);
    operation->kind->run(&session->sides[which], operation, &session->outcomes[which]);
    user_return();
}

static bool same_outcome(struct session *session, const struct operation *operation, struct complaint *complaint)
{
    const struct outcome *plain = &session->outcomes[PLAIN], *mount = &session->outcomes[MOUNT];
    if (!outcome_same(plain, mount, complaint)) return false;
    if (!plain->has_status) return true;
    const struct facts expected = {.status = plain->status}, got = {.status = mount->status};
    bool descriptor = kind_is(operation, "fstat");
    bool hidden = !descriptor && rules_has_draft(&session->rules, plain->status.st_ino);
    return facts_same(&expected, &got, hidden ? IGNORE_CONTENT : 0, "what stat gave", complaint);
}

/*
 * Who may do these is checked by the kernel with the owner that it knows, and of a descriptor's own inode it does not ask for
 * that again when it was told that attributes have changed. A look makes it ask.
 */
static bool needs_look(const struct operation *operation)
{
    return kind_is(operation, "fchmod") || kind_is(operation, "fchown") || kind_is(operation, "futimens");
}

bool session_do(struct session *session, const struct operation *operation, bool *ret_done, struct complaint *complaint)
{
    struct looks before, after;
    side_enter(&session->sides[PLAIN]);
    *ret_done = rules_allow(&session->rules, operation);
    if (!*ret_done) return true;
    if (kind_is(operation, "check")) return tree_compare(session, complaint);
    bool quiet = operation->quiet && !needs_look(operation);
    if (!quiet) looks_take(&before, session, operation);
    for (unsigned i = 0; i < SIDES; i++)
        run_on(session, operation, i);
    rules_note(&session->rules, operation, &session->sides[PLAIN]);
    if (!same_outcome(session, operation, complaint)) return false;
    if (quiet) return true;
    looks_take(&after, session, operation);
    return looks_agree(&before, &after, session, operation, complaint);
}

bool session_finish(struct session *session, struct complaint *complaint)
{
    for (int64_t slot = 0; slot < SLOTS; slot++) {
        const struct operation close = {.kind = kind_find("close"), .number = {slot}};
        bool done;
        if (session->rules.slots[slot].used && !session_do(session, &close, &done, complaint)) return false;
    }
    return tree_compare(session, complaint);
}

bool session_replay(const struct place *place, const char *name, const struct sequence *sequence, size_t *ret_at,
                    struct complaint *complaint)
{
    struct session session;
    bool good = session_begin(&session, place, name, true), done;
    size_t at = 0;
    *complaint = (struct complaint){0};
    if (!good) complain(complaint, "directories", "a subtree cannot be made");
    for (; good && at < sequence->count; at++)
        if (!session_do(&session, &sequence->operations[at], &done, complaint)) break;
    if (good && at == sequence->count) session_finish(&session, complaint);
    session_end(&session, false);
    *ret_at = at;
    return !complaint->what[0];
}
