/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_TRACE_H
#define OCC_TRACE_H

#include "blob.h"
#include "kv.h"

/*
 * Decorators that log every call with its keys, outcome and duration at debug level, and pass it on. The inner
 * engine is owned by the decorator from then on, also on failure (NULL, out of memory: inner is freed). A NULL inner is
 * taken for such a failure.
 */
struct kv *trace_kv_new(struct kv *inner);
struct blobs *trace_blobs_new(struct blobs *inner);

#endif
