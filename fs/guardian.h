/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_GUARDIAN_H
#define OCC_GUARDIAN_H

#include <sys/types.h>

/*
 * A process that outlives a daemon which was killed, for one act: to abort its connection.
 *
 * A thread that expires a name may wait in the kernel for a directory's lock whose holder waits for an answer of the daemon. If the
 * daemon is killed there, that thread cannot die before it has the lock, and the kernel does not see the connection end as
 * long as a thread has it open: both would wait forever, and with them everybody on the mount. Aborting the connection gives
 * the holder an error (ENOTCONN) and everybody the end.
 */
struct guardian {
    pid_t process;
    int tell; /* pipe to it */
};

/* Before any thread and any other descriptor exists. The guardian is bound to the calling thread's life. */
int guardian_start(const char *mountpoint, struct guardian *ret_guardian);

/* After the mount: which connection it is. */
void guardian_tell(struct guardian *guardian, dev_t device);

/* The daemon ends in order. */
void guardian_stop(struct guardian *guardian);

#endif
