/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_MEMORY_H
#define OCC_MEMORY_H

#include "blob.h"
#include "kv.h"

/* Engines in memory, for unit tests: the whole contract but survival of the process. NULL when out of memory. */
struct kv *memory_kv_new(void);
struct blobs *memory_blobs_new(void);

#endif
