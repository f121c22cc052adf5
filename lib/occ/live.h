/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_LIVE_H
#define OCC_LIVE_H

#include "draft.h"
#include "live_record.h"

/*
 * The content of a live file while it is open: a draft that everybody shares and that is durable without being a version.
 *
 * Its changed chunks stand in a scratch file with a name, `live/INO.GENERATION` in the store's directory, each at its place. What of that
 * file counts is said by a record and its groups (live_record.h):
 *
 *     live_sync      data into the scratch file, fdatasync; then, if chunks were added or the size changed, the record, durable
 *     a version      (live_forget_in) deletes the record in the commit that publishes the version; the scratch file is emptied
 *     a crash        live_recover_all makes a version of every record that is left, at the next mount
 *
 * Invariants:
 *  1. A chunk that a record names was whole and durable in the scratch file before the record was.
 *  2. A scratch file is shortened only after the record (if there is one) says so: what had been made durable does not turn into
 *     zeros. draft_truncate sees to it.
 */

/* A shared draft of the file on the version that is its head, with what a former daemon or a failed commit left of it. */
int live_init(struct draft *draft, struct store *store, uint64_t ino, const struct version *head);

/* Makes the content durable as it was when this was called, or later. Others may write meanwhile. */
int live_sync(struct draft *draft);

/* In the transaction that publishes the draft's content as a version: the record ends with it. Then live_forgotten. */
void live_forget_in(const struct draft *draft, struct transaction *tx);
void live_forgotten(struct draft *draft);
/* The same in a commit of its own, where the content turned out to be the head's. */
int live_forget(struct draft *draft);

/* Before the content is cut off at `size`. For these four the caller has the draft locked (draft_lock). */
int live_shorten(struct draft *draft, uint64_t size);

/* Frees the draft, and what stands beside the database, unless a record still needs it. `gone`: so is the file. */
void live_release(struct draft *draft, bool gone);

/* After a crash, before anything is served. Returns how many files got a version in *ret_count. */
int live_recover_all(struct store *store, uint64_t *ret_count);

#endif
