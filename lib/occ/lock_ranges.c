/* SPDX-License-Identifier: Apache-2.0 */
#include "lock_ranges.h"

#include <assert.h>
#include <stdlib.h>

#include "error.h"

static bool same_lock(const struct lock_range *a, const struct lock_range *b)
{
    return a->owner == b->owner && a->mode == b->mode && a->handle == b->handle;
}

/* `b` goes on where `a` ends, as far as other processes can tell. */
static bool continues(const struct lock_range *a, const struct lock_range *b)
{
    return a->owner == b->owner && a->mode == b->mode && a->end + 1 == b->start;
}

/* ---- asking ---- */

const struct lock_range *lock_ranges_conflict(const struct lock_ranges *ranges, const struct lock_range *wanted,
                                              const struct lock_range *after)
{
    if (wanted->mode == LOCK_NONE) return NULL;
    for (const struct lock_range *range = after ? after->next : ranges->first; range; range = range->next) {
        if (range->owner == wanted->owner || range->end < wanted->start || range->start > wanted->end) continue;
        if (range->mode == LOCK_EXCLUSIVE || wanted->mode == LOCK_EXCLUSIVE) return range;
    }
    return NULL;
}

struct lock_range lock_ranges_whole(const struct lock_ranges *ranges, const struct lock_range *range)
{
    struct lock_range whole = *ranges->first;
    for (const struct lock_range *at = ranges->first->next; at; at = at->next) {
        if (continues(&whole, at)) whole.end = at->end;
        else if (whole.owner == range->owner && whole.end >= range->start) break;
        else whole = *at;
    }
    whole.pid = range->pid;
    whole.next = NULL;
    return whole;
}

/* Where the owner's first range that ends at or behind `start` is, or would be. */
static struct lock_range **place_of(struct lock_ranges *ranges, uint64_t owner, uint64_t start)
{
    struct lock_range **link = &ranges->first;
    while (*link && ((*link)->owner < owner || ((*link)->owner == owner && (*link)->end < start)))
        link = &(*link)->next;
    return link;
}

enum lock_mode lock_ranges_mode(const struct lock_ranges *ranges, uint64_t owner, uint64_t byte)
{
    for (const struct lock_range *range = ranges->first; range; range = range->next)
        if (range->owner == owner && range->start <= byte && byte <= range->end) return range->mode;
    return LOCK_NONE;
}

/* ---- setting ---- */

static void range_remove(struct lock_ranges *ranges, struct lock_range **link)
{
    struct lock_range *range = *link;
    *link = range->next;
    ranges->count--;
    free(range);
}

static void range_insert(struct lock_ranges *ranges, struct lock_range **link, struct lock_range *range)
{
    range->next = *link;
    *link = range;
    ranges->count++;
}

/* Takes the bytes of `wanted` out of the owner's ranges, which begin at `link`. `rest`: storage for the second half of a range that is
 * split, taken over then. */
static void cut(struct lock_ranges *ranges, struct lock_range **link, const struct lock_range *wanted,
                struct lock_range *rest)
{
    struct lock_range *range;
    while ((range = *link) && range->owner == wanted->owner && range->start <= wanted->end) {
        bool before = range->start<wanted->start, behind = range->end> wanted->end;
        if (before && behind) {
            *rest = *range;
            rest->start = wanted->end + 1;
            range_insert(ranges, &range->next, rest);
        }
        if (before) {
            range->end = wanted->start - 1;
            link = &range->next;
        } else if (behind) {
            range->start = wanted->end + 1;
        } else {
            range_remove(ranges, link);
        }
        if (behind) return;
    }
}

/* Makes one of the ranges around `set` that touch and are alike. */
static void join(struct lock_ranges *ranges, const struct lock_range *set)
{
    struct lock_range *range = *place_of(ranges, set->owner, set->start > 0 ? set->start - 1 : 0);
    while (range && range->owner == set->owner && range->start <= set->end) {
        struct lock_range *next = range->next;
        if (next && same_lock(range, next) && continues(range, next)) {
            range->end = next->end;
            range->pid = set->pid;
            range_remove(ranges, &range->next);
        } else {
            range = next;
        }
    }
}

int lock_ranges_set(struct lock_ranges *ranges, const struct lock_range *wanted, size_t room)
{
    assert(wanted->start <= wanted->end && wanted->end <= LOCK_END);
    struct lock_range **link = place_of(ranges, wanted->owner, wanted->start);
    const struct lock_range *first = *link && (*link)->owner == wanted->owner ? *link : NULL;
    if (first && same_lock(first, wanted) && first->start <= wanted->start && first->end >= wanted->end) return 0;
    bool adds = wanted->mode != LOCK_NONE;
    bool splits = first && first->start < wanted->start && first->end > wanted->end;
    if ((size_t)adds + splits > room) return ERR_NOLCK;
    struct lock_range *added = adds ? malloc(sizeof *added) : NULL;
    struct lock_range *rest = splits ? malloc(sizeof *rest) : NULL;
    if ((adds && !added) || (splits && !rest)) {
        free(added);
        free(rest);
        return ERR_NOLCK;
    }
    cut(ranges, link, wanted, rest);
    if (!adds) return 0;
    *added = *wanted;
    range_insert(ranges, place_of(ranges, wanted->owner, wanted->start), added);
    join(ranges, wanted);
    return 0;
}

void lock_ranges_drop_owner(struct lock_ranges *ranges, uint64_t owner)
{
    struct lock_range **link = place_of(ranges, owner, 0);
    while (*link && (*link)->owner == owner)
        range_remove(ranges, link);
}

void lock_ranges_drop_handle(struct lock_ranges *ranges, uint64_t handle)
{
    for (struct lock_range **link = &ranges->first; *link;)
        if ((*link)->handle == handle) range_remove(ranges, link);
        else link = &(*link)->next;
}

void lock_ranges_release(struct lock_ranges *ranges)
{
    while (ranges->first)
        range_remove(ranges, &ranges->first);
}
