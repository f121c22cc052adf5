/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_CONNECTION_H
#define OCC_CONNECTION_H

#include "filesystem.h"

/*
 * The device behind the mount, between libfuse and the kernel: polls before it sleeps, and completes the answer to INIT with
 * what this libfuse does not offer (FUSE_HANDLE_KILLPRIV_V2: without it every write(2) costs a GETXATTR of
 * security.capability). One per process.
 */

/* After fuse_session_mount, before any request is read. */
int connection_init(struct filesystem *fs);

/* Whether the kernel said of the request that the calling thread read last that its caller lacks CAP_FSETID, and so takes
 * set-id bits away (libfuse does not hand that on). Of WRITE, OPEN with O_TRUNC and CREATE; false for all others. */
bool connection_sheds_privileges(void);

/* Readers return with 0 ("ended") once this event is readable. */
void connection_set_stop_event(int event);

#endif
