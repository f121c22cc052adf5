/* SPDX-License-Identifier: Apache-2.0 */
#include "shrink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seconds.h"

struct attempt {
    const struct place *place;
    const char *name;
    const char *what; /* the complaint that must come again */
    unsigned tries;   /* of each candidate: more than one if the failure does not come each time */
    double end;       /* seconds_now */
    unsigned replays; /* numbers the subtrees */
    struct shrunk *best;
};

/* Whether the candidate fails in the same way; what follows the failure is cut off then. */
static bool fails(struct attempt *attempt, struct sequence *candidate, struct complaint *ret_complaint)
{
    for (unsigned i = 0; i < attempt->tries && seconds_now() < attempt->end; i++) {
        char name[64];
        size_t at;
        snprintf(name, sizeof name, "%.40s-%u", attempt->name, attempt->replays++);
        if (session_replay(attempt->place, name, candidate, &at, ret_complaint)) continue;
        if (strcmp(ret_complaint->what, attempt->what) != 0) continue;
        while (at + 1 < candidate->count)
            operation_release(&candidate->operations[--candidate->count]);
        return true;
    }
    return false;
}

/* Takes the candidate over if it fails, drops it if not. */
static bool accept(struct attempt *attempt, struct sequence *candidate)
{
    struct complaint complaint;
    if (!fails(attempt, candidate, &complaint)) {
        sequence_release(candidate);
        return false;
    }
    sequence_release(&attempt->best->sequence);
    attempt->best->sequence = *candidate;
    attempt->best->complaint = complaint;
    return true;
}

static bool without(struct attempt *attempt, size_t from, size_t count)
{
    const struct sequence *best = &attempt->best->sequence;
    bool *keep = malloc(best->count);
    if (!keep) abort();
    for (size_t i = 0; i < best->count; i++)
        keep[i] = i < from || i >= from + count;
    struct sequence candidate = sequence_copy(best, keep);
    free(keep);
    return accept(attempt, &candidate);
}

/* Pieces of half the sequence, then of a quarter, and so on; from the end, where the least depends on them. */
static void leave_out(struct attempt *attempt)
{
    struct shrunk *best = attempt->best;
    size_t piece = (best->sequence.count + 1) / 2;
    while (piece > 0 && seconds_now() < attempt->end) {
        bool any = false;
        for (size_t end = best->sequence.count; end > 0 && seconds_now() < attempt->end;) {
            size_t from = end > piece ? end - piece : 0;
            any = without(attempt, from, end - from) || any;
            end = from < best->sequence.count ? from : best->sequence.count;
        }
        if (piece > 1 || !any) piece /= 2;
    }
}

static bool with_number(struct attempt *attempt, size_t at, size_t number, int64_t value)
{
    if (at >= attempt->best->sequence.count || attempt->best->sequence.operations[at].number[number] == value)
        return false;
    struct sequence candidate = sequence_copy(&attempt->best->sequence, NULL);
    candidate.operations[at].number[number] = value;
    return accept(attempt, &candidate);
}

/* Offsets and lengths become round or small where that does not matter. */
static void simplify_numbers(struct attempt *attempt, size_t at)
{
    const char *letter = attempt->best->sequence.operations[at].kind->arguments;
    for (size_t number = 0; *letter; letter++) {
        if (is_path_letter(*letter)) continue;
        if (at < attempt->best->sequence.count && (*letter == 'o' || *letter == 'l')) {
            int64_t value = attempt->best->sequence.operations[at].number[number];
            if (!with_number(attempt, at, number, *letter == 'o' ? 0 : 1)) with_number(attempt, at, number, value / 2);
        }
        number++;
    }
}

static void simplify(struct attempt *attempt)
{
    const struct sequence *best = &attempt->best->sequence;
    for (size_t at = 0; at < best->count && seconds_now() < attempt->end; at++) {
        if (best->operations[at].user) {
            struct sequence candidate = sequence_copy(best, NULL);
            candidate.operations[at].user = 0;
            accept(attempt, &candidate);
        }
        if (at < best->count) simplify_numbers(attempt, at);
    }
}

void shrink(const struct place *place, const char *name, const struct sequence *sequence,
            const struct complaint *complaint, double seconds, struct shrunk *ret_shrunk)
{
    enum { REPLAYS = 5, TRIES = 6 };
    struct attempt attempt = {.place = place, .name = name, .what = complaint->what, .best = ret_shrunk};
    *ret_shrunk = (struct shrunk){.sequence = sequence_copy(sequence, NULL), .complaint = *complaint};
    attempt.tries = 1;
    attempt.end = seconds_now() + seconds;
    for (; ret_shrunk->replayed < REPLAYS && seconds_now() < attempt.end; ret_shrunk->replayed++) {
        struct complaint again;
        ret_shrunk->failed += fails(&attempt, &ret_shrunk->sequence, &again);
    }
    if (ret_shrunk->failed == 0) return;
    if (ret_shrunk->failed < ret_shrunk->replayed) attempt.tries = TRIES;
    leave_out(&attempt);
    simplify(&attempt);
    leave_out(&attempt);
}
