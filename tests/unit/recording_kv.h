/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_RECORDING_KV_H
#define OCC_RECORDING_KV_H

#include <stdatomic.h>

#include "kv.h"

/* What a decorated engine was asked to do, and what it shall answer; outlives the engine. */
struct recording {
    atomic_uint reads;           /* keys asked for, and records that scans visited */
    atomic_uint commits;         /* that put or delete */
    atomic_uint durable_commits; /* of these */
    atomic_uint syncs;
    atomic_uint frees;
    int get_error; /* what every get fails with, instead of being passed on; 0: none */
    /* Called once, before the next commit that has conditions: what others do between its reads and its writes. */
    void (*meddle)(void *context);
    void *context;
};

/* Owns `inner`. */
struct kv *recording_kv_new(struct kv *inner, struct recording *recording);

#endif
