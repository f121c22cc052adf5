/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_RESERVATION_H
#define OCC_RESERVATION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <uthash.h>

struct node;

/*
 * A thread was answered ESTALE and will look the name up again: what it is to get. One per thread, replaced by
 * the next, dropped by the thread's next open; guarded by views.lock like all of this.
 */
struct reservation {
    pid_t tid;
    bool writing;      /* a fresh view, else the published one */
    uint64_t refused;  /* the node whose open was refused; 0: of what a CREATE found */
    struct node *view; /* handed out at LOOKUP, counted in its `reserved`; NULL until then */
    UT_hash_handle hh;
};

struct reservations {
    struct reservation *by_tid;
};

/* Replaces the thread's reservation; its old view is returned for the caller to settle. false: out of memory. */
bool reservation_make(struct reservations *reservations, pid_t tid, bool writing, uint64_t refused,
                      struct node **ret_old_view);

/* NULL if the thread has none. */
struct reservation *reservation_find(struct reservations *reservations, pid_t tid);

/*
 * Takes the thread's reservation out of the table into *ret_taken (zeroed if there is none). Whether opening this node is what it was
 * for, so that this is the thread's second try: either it has looked the name up and was handed the node, or it could not look and came back
 * to the one that was refused. Else it has found no name to look at, and opens something else now.
 */
bool reservation_take(struct reservations *reservations, pid_t tid, uint64_t nodeid, struct reservation *ret_taken);

/* Takes out one of a thread that has ended, if there is one, looking at a few at each call. */
bool reservation_take_dead(struct reservations *reservations, struct reservation *ret_taken);

#endif
