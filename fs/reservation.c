/* SPDX-License-Identifier: Apache-2.0 */
#include "reservation.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "node.h"

struct reservation *reservation_find(struct reservations *reservations, pid_t tid)
{
    struct reservation *reservation;
    HASH_FIND_INT(reservations->by_tid, &tid, reservation);
    return reservation;
}

bool reservation_make(struct reservations *reservations, pid_t tid, bool writing, uint64_t refused,
                      struct node **ret_old_view)
{
    *ret_old_view = NULL;
    struct reservation *reservation = reservation_find(reservations, tid);
    if (reservation) {
        *ret_old_view = reservation->view;
    } else {
        reservation = calloc(1, sizeof *reservation);
        if (!reservation) return false;
        reservation->tid = tid;
        HASH_ADD_INT(reservations->by_tid, tid, reservation);
    }
    reservation->writing = writing;
    reservation->refused = refused;
    reservation->view = NULL;
    return true;
}

static void take(struct reservations *reservations, struct reservation *reservation, struct reservation *ret_taken)
{
    HASH_DEL(reservations->by_tid, reservation);
    *ret_taken = *reservation;
    free(reservation);
}

bool reservation_take(struct reservations *reservations, pid_t tid, uint64_t nodeid, struct reservation *ret_taken)
{
    *ret_taken = (struct reservation){0};
    struct reservation *reservation = reservation_find(reservations, tid);
    if (!reservation) return false;
    take(reservations, reservation, ret_taken);
    if (ret_taken->view) return ret_taken->view->id == nodeid;
    return ret_taken->refused == 0 || ret_taken->refused == nodeid;
}

bool reservation_take_dead(struct reservations *reservations, struct reservation *ret_taken)
{
    /* A thread that is alive takes its own soon; only those killed between two requests stay. Few at a time: this
     * runs under the lock of all views. */
    unsigned looked = 0;
    struct reservation *reservation, *next;
    HASH_ITER(hh, reservations->by_tid, reservation, next)
    {
        if (++looked > 8) return false;
        if (kill(reservation->tid, 0) == 0 || errno != ESRCH) continue;
        take(reservations, reservation, ret_taken);
        return true;
    }
    return false;
}
