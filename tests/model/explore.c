/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "draw.h"
#include "kinds.h"
#include "model.h"
#include "seconds.h"
#include "shrink.h"

struct counts {
    unsigned done, succeeded;
};

/* One sequence of random operations; those that were done are recorded. */
static bool run_random(const struct model *model, struct session *session, uint64_t seed, struct sequence *done,
                       struct counts *counts, struct complaint *complaint)
{
    struct random_numbers seeded = {.state = seed}, numbers = {.state = random_next(&seeded)};
    while (counts->done < model->operations) {
        struct operation operation = draw_operation(&numbers, &model->abilities);
        bool was_done, same = session_do(session, &operation, &was_done, complaint);
        if (was_done) {
            sequence_add(done, operation);
            counts->done++;
            counts->succeeded += !session->outcomes[PLAIN].error;
        } else {
            operation_release(&operation);
        }
        if (!same) return false;
    }
    return session_finish(session, complaint);
}

/* Nothing can be tried again then. */
static bool mount_is_gone(const struct session *session)
{
    int error = session->outcomes[MOUNT].error;
    return error == ENOTCONN || error == ECONNABORTED;
}

/* All at once, so that what several processes tell is not mixed. */
static void tell(const char *text, size_t size)
{
    if (write(STDOUT_FILENO, text, size) != (ssize_t)size) exit(2);
}

static void tell_failure(const struct model *model, const char *name, uint64_t seed, const struct sequence *sequence,
                         const struct complaint *complaint)
{
    struct shrunk shrunk;
    char *text = NULL;
    size_t size = 0;
    printf("model: seed %llu: FAILED after %zu operations: %s; shrinking\n", (unsigned long long)seed, sequence->count,
           complaint->text);
    fflush(stdout);
    shrink(&model->place, name, sequence, complaint, model->shrink_seconds, &shrunk);
    FILE *out = open_memstream(&text, &size);
    if (!out) abort();
    fprintf(out, "# model --seed %llu --operations %u%s: failed in %u of %u replays, %zu of %zu operations are left\n",
            (unsigned long long)seed, model->operations, model->place.shared ? " --shared" : "", shrunk.failed,
            shrunk.replayed, shrunk.sequence.count, sequence->count);
    sequence_print(&shrunk.sequence, out);
    fprintf(out, "# %s: ", shrunk.complaint.what);
    for (const char *at = shrunk.complaint.text; *at; at++)
        fprintf(out, *at == '\n' ? "%c#     " : "%c", *at);
    fprintf(out, "\n");
    fclose(out);
    tell(text, size);
    free(text);
    sequence_release(&shrunk.sequence);
}

bool explore(const struct model *model, unsigned process)
{
    double end = seconds_now() + model->seconds;
    uint64_t seed = model->seed + process;
    bool good = true;
    struct counts all = {0};
    unsigned sequences = 0;
    do {
        struct session session;
        struct sequence done = {0};
        struct counts counts = {0};
        struct complaint complaint = {0};
        char name[32];
        snprintf(name, sizeof name, "model-%llu", (unsigned long long)seed);
        if (!session_begin(&session, &model->place, name, true)) return false;
        good = run_random(model, &session, seed, &done, &counts, &complaint);
        session_end(&session, model->keep && good);
        if (!good && mount_is_gone(&session))
            printf("model: seed %llu: FAILED: the daemon is gone\n", (unsigned long long)seed);
        else if (!good) tell_failure(model, name, seed, &done, &complaint);
        sequence_release(&done);
        all.done += counts.done;
        all.succeeded += counts.succeeded;
        sequences++;
        seed += model->processes;
    } while (good && seconds_now() < end);
    printf("model: process %u: %u sequences, %u operations, %u without an error: %s\n", process, sequences, all.done,
           all.succeeded, good ? "ok" : "FAILED");
    fflush(stdout);
    return good;
}
