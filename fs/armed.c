/* SPDX-License-Identifier: Apache-2.0 */
#include "armed.h"

#include <limits.h>
#include <stdlib.h>
#include <utlist.h>

#include "caller.h"
#include "error.h"

enum { CHAIN_MAX = 32 };

struct armed_token {
    uint64_t lineage;
    struct version_id version;
    struct process *chain[CHAIN_MAX]; /* the setter and its ancestors */
    unsigned length;
    unsigned holder; /* in the chain, once settled */
    bool settled;
    struct armed_token *prev, *next;
};

void armed_init(struct armed *armed, struct processes *processes)
{
    *armed = (struct armed){.processes = processes};
    mutex_init(&armed->lock);
}

static void token_free(struct armed *armed, struct armed_token *token)
{
    for (unsigned i = 0; i < token->length; i++)
        process_drop(armed->processes, token->chain[i]);
    free(token);
}

static void remove_locked(struct armed *armed, struct armed_token *token)
{
    mutex_assert_held(&armed->lock);
    DL_DELETE(armed->tokens, token);
    armed->count--;
    token_free(armed, token);
}

void armed_release(struct armed *armed)
{
    mutex_lock(&armed->lock);
    while (armed->tokens)
        remove_locked(armed, armed->tokens);
    mutex_unlock(&armed->lock);
    mutex_release(&armed->lock);
}

/* The process that holds the token now; NULL: nobody any more. */
static const struct process *holder_of(struct armed_token *token)
{
    if (!token->settled && !process_lives(token->chain[0])) {
        token->settled = true;
        while (token->holder + 1 < token->length && !process_lives(token->chain[token->holder]))
            token->holder++;
    }
    const struct process *holder = token->chain[token->holder];
    return process_lives(holder) ? holder : NULL;
}

/* How many generations the process is below the holder; INT_MAX if the token does not bind it. */
static int distance(struct armed_token *token, pid_t process)
{
    const struct process *holder = holder_of(token);
    int generations = holder ? caller_generations(process, holder->pid) : -1;
    return generations < 0 ? INT_MAX : generations;
}

/* ---- arming ---- */

/* Holds the process and its ancestors. That an ancestor is still the parent is asked once it is held. */
static void chain_make(struct armed *armed, struct armed_token *token, pid_t process)
{
    pid_t child = 0;
    while (process > 1 && token->length < CHAIN_MAX) {
        struct process *held = process_hold(armed->processes, process);
        if (!held) return;
        if (child != 0 && caller_parent(child) != process) {
            process_drop(armed->processes, held);
            process = caller_parent(child);
            continue;
        }
        token->chain[token->length++] = held;
        child = process;
        process = caller_parent(child);
    }
}

int armed_arm(struct armed *armed, pid_t process, uint64_t lineage, const struct version_id *version)
{
    struct armed_token *token = calloc(1, sizeof *token);
    if (!token) return ERR_NOMEM;
    token->lineage = lineage;
    token->version = *version;
    chain_make(armed, token, process);
    if (token->length == 0) {
        token_free(armed, token);
        return ERR_NOTSUP;
    }
    armed_disarm(armed, process, lineage);
    MUTEX_GUARD(&armed->lock);
    DL_PREPEND(armed->tokens, token);
    if (++armed->count > ARMED_MAX) remove_locked(armed, armed->tokens->prev);
    return 0;
}

/* ---- asking ---- */

/* Of two with one holder (jobs of one make) the older one: it may refuse what the other would allow, never the other way round. */
static struct armed_token *nearest_locked(struct armed *armed, pid_t process, uint64_t lineage)
{
    struct armed_token *nearest = NULL;
    int least = INT_MAX;
    mutex_assert_held(&armed->lock);
    for (struct armed_token *token = armed->tokens; token; token = token->next) {
        int generations = token->lineage == lineage ? distance(token, process) : INT_MAX;
        if (generations == INT_MAX || generations > least) continue;
        least = generations;
        nearest = token;
    }
    return nearest;
}

bool armed_find(struct armed *armed, pid_t process, uint64_t lineage, struct version_id *ret_version)
{
    if (armed->count == 0) return false;
    MUTEX_GUARD(&armed->lock);
    const struct armed_token *token = nearest_locked(armed, process, lineage);
    if (token) *ret_version = token->version;
    return token;
}

void armed_spend(struct armed *armed, pid_t process, uint64_t lineage)
{
    if (armed->count == 0) return;
    MUTEX_GUARD(&armed->lock);
    struct armed_token *token = nearest_locked(armed, process, lineage);
    if (token) remove_locked(armed, token);
}

bool armed_disarm(struct armed *armed, pid_t process, uint64_t lineage)
{
    bool any = false;
    struct armed_token *token, *next;
    if (armed->count == 0) return false;
    MUTEX_GUARD(&armed->lock);
    DL_FOREACH_SAFE(armed->tokens, token, next)
    {
        if (token->lineage != lineage || distance(token, process) == INT_MAX) continue;
        remove_locked(armed, token);
        any = true;
    }
    return any;
}

void armed_tick(struct armed *armed)
{
    struct armed_token *token, *next;
    if (armed->count == 0) return;
    MUTEX_GUARD(&armed->lock);
    DL_FOREACH_SAFE(armed->tokens, token, next)
    {
        if (!holder_of(token)) remove_locked(armed, token);
    }
}
