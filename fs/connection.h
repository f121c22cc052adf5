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

/* Readers return with 0 ("ended") once this event is readable. */
void connection_set_stop_event(int event);

#endif
