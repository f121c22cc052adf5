/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_REDIRECTION_H
#define OCC_REDIRECTION_H

#include "views.h"

/*
 * What a view cannot serve is answered with ESTALE: the kernel looks the name up again, from the same thread, and comes back once with
 * what that leads to. A reservation (reservation.h) tells that second try, and the view that the LOOKUP has found for it.
 */

/* Reserves a view for the thread, for a SETATTR of the size by path that `node` cannot serve: ERR_STALE, or ERR_NOMEM. */
int view_redirect(struct filesystem *fs, pid_t tid, fuse_ino_t nodeid, bool writing);

/* For an attribute of what a name leads to: ERR_STALE, once, where the file has left the name's history and the name may lead elsewhere. */
int view_look_again(struct filesystem *fs, pid_t tid, fuse_ino_t nodeid);

/* The same for a CREATE whose name is there already: the thread's next look at it must not be refused again, since the kernel
 * looks again only once. `flags`: of open(2). */
int view_redirect_create(struct filesystem *fs, pid_t tid, int flags);

/* The same with the lock held, for a node that is there. */
int view_redirect_locked(struct views *views, pid_t tid, uint64_t nodeid, bool writing);

/* Gives back the view of a reservation that was taken. */
void reservation_settle_locked(struct views *views, const struct reservation *reservation);

#endif
