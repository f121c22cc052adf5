/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_BATCH_H
#define OCC_BATCH_H

#include "kv.h"

/* ERR_NOMEM if something could not be added to the batch: it must not be committed. */
int kv_batch_failed(const struct kv_batch *batch);

#endif
