/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_SCRATCH_H
#define OCC_SCRATCH_H

#include <stdint.h>

#include "buffer.h"

/*
 * A file, without a name or with one, cut into slots of CHUNK_SIZE bytes. One without a name ends with its descriptor. What was not written reads as
 * zeros. ERR_NOSPC when the disk is full.
 */
int scratch_open(const char *directory, int *ret_scratch);
/* One with a name, made if need be, in `directory`/live. */
int scratch_open_named(const char *directory, const char *name, int *ret_scratch);
void scratch_unlink(const char *directory, const char *name);
/* Makes what was written durable; may run while others write. A negative descriptor is none: 0. */
int scratch_sync(int scratch);

/* Before a new slot: ERR_NOSPC when the store on the same disk needs what is left. */
int scratch_check_room(int scratch);

int scratch_read(int scratch, uint64_t slot, uint32_t offset, void *bytes, uint32_t size);
int scratch_write(int scratch, uint64_t slot, uint32_t offset, struct slice bytes);

/* Makes everything from `offset` to the slot's end zeros. Where the disk can give space back it needs none. */
int scratch_cut(int scratch, uint64_t slot, uint32_t offset);

/* Gives a slot's space back to the disk, if it can. */
void scratch_drop(int scratch, uint64_t slot);

#endif
