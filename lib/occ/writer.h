/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_WRITER_H
#define OCC_WRITER_H

#include <stdint.h>

#include "version.h"

/* The process on whose behalf something is done, as far as it could be seen. */
struct writer {
    struct author author;
    uint64_t started; /* start time in clock ticks since boot, 0 if unknown: with author.pid it names one process */
};

#endif
