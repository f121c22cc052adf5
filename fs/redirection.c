/* SPDX-License-Identifier: Apache-2.0 */
#include "redirection.h"

#include <fcntl.h>

#include "filesystem.h"

/* Gives back the view of a reservation that was taken. */
void reservation_settle_locked(struct views *views, const struct reservation *reservation)
{
    if (!reservation->view) return;
    reservation->view->reserved--;
    node_settle_locked(views, reservation->view);
}

int view_redirect_locked(struct views *views, pid_t tid, uint64_t nodeid, bool writing)
{
    struct node *old;
    if (!reservation_make(&views->reservations, tid, writing, nodeid, &old)) return ERR_NOMEM;
    if (old) {
        old->reserved--;
        node_settle_locked(views, old);
    }
    struct reservation dead;
    if (reservation_take_dead(&views->reservations, &dead) && dead.view) {
        dead.view->reserved--;
        node_settle_locked(views, dead.view);
    }
    return ERR_STALE;
}

int view_redirect(struct filesystem *fs, pid_t tid, fuse_ino_t nodeid, bool writing)
{
    MUTEX_GUARD(&fs->views.lock);
    struct node *node = node_find(&fs->views.nodes, nodeid);
    return node ? view_redirect_locked(&fs->views, tid, nodeid, writing) : ERR_STALE;
}

/* Takes the thread's reservation. Whether it opens what it was sent to, or came back to. */
static bool take_reservation_locked(struct views *views, pid_t tid, fuse_ino_t nodeid)
{
    struct reservation reservation;
    bool redirected = reservation_take(&views->reservations, tid, nodeid, &reservation);
    reservation_settle_locked(views, &reservation);
    return redirected;
}

int view_look_again(struct filesystem *fs, pid_t tid, fuse_ino_t nodeid)
{
    struct views *views = &fs->views;
    MUTEX_GUARD(&views->lock);
    bool redirected = take_reservation_locked(views, tid, nodeid);
    const struct node *node = node_find(&views->nodes, nodeid);
    view_answer_arrived_locked(views, node, tid);
    bool left = node && node->state == VIEW_SUPERSEDED && node->opens == 0 && node->lineage != node->file->lineage;
    return left && !redirected && tid != 0 ? view_redirect_locked(views, tid, nodeid, false) : 0;
}

int view_redirect_create(struct filesystem *fs, pid_t tid, int flags)
{
    if (tid == 0) return ERR_STALE;
    MUTEX_GUARD(&fs->views.lock);
    return view_redirect_locked(&fs->views, tid, 0, (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC));
}
