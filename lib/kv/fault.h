/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_FAULT_H
#define OCC_FAULT_H

#include "blob.h"
#include "kv.h"

/*
 * Decorators that make an engine misbehave as told by a plan, which tests change while it runs. The inner engine
 * is owned by the decorator from then on, also on failure (NULL, out of memory: inner is freed). A NULL inner is
 * taken for such a failure. The plan must outlive the decorators.
 *
 * A plan is text, one rule a line: `OPERATION ACTION [ARGUMENT] [after=N] [times=N]`
 *   OPERATION  get scan snapshot commit sync blob_put blob_get blob_delete blob_list, or *
 *   ACTION     error NAME     the call fails with that error (name of error.h, e.g. NOSPC) and does nothing
 *              unknown        commit only: the commit happens, the answer is KV_UNKNOWN
 *              lost           commit only: the commit does not happen, the answer is KV_UNKNOWN
 *              delay MS       sleeps, then passes the call on
 *   after=N    lets N matching calls pass first; times=N applies N times (default: always)
 * The first rule that matches, has let its N calls pass and is not used up applies; rules behind it do not count that
 * call. Watches pass. Empty lines are skipped; at most 64 rules.
 */
struct fault_plan;

struct fault_plan *fault_plan_new(void); /* empty: everything passes */
void fault_plan_free(struct fault_plan *plan);

/* Replaces all rules, counting anew. ERR_INVAL, and the plan unchanged, if the text does not parse. */
int fault_plan_set(struct fault_plan *plan, const char *text);

/* Reads the plan from `path` whenever the file's modification time, size or inode changed since the last call of the
 * engine: how a test outside of the process switches faults on and off (it should rename a new file over the old one).
 * An absent file is an empty plan. ERR_INVAL and the errors of opening a file, and the plan unchanged, if it cannot be
 * used now; later such a file is logged, and the rules stay. */
int fault_plan_follow_file(struct fault_plan *plan, const char *path);

/* How often any rule has applied. */
unsigned long fault_plan_applied(const struct fault_plan *plan);

struct kv *fault_kv_new(struct kv *inner, struct fault_plan *plan);
struct blobs *fault_blobs_new(struct blobs *inner, struct fault_plan *plan);

#endif
