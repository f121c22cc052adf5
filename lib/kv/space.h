/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_SPACE_H
#define OCC_SPACE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "mutex.h"

/*
 * Keeps an engine from filling its disk to the last byte. An engine that cannot write out what it holds in memory stops for
 * everybody, also for who wants to remove something; so writes are refused while there is still room for that. The disk
 * is looked at again when so much was written that it matters; what others write to it meanwhile is seen then.
 */
struct space_engine {
    int64_t (*pending)(void *context); /* bytes that it has still to write out, at most */
    void (*flush)(void *context);      /* writes them out, and returns when it has */
    void *context;
};

struct space {
    int directory; /* descriptor of one on that disk */
    struct space_engine engine;
    struct mutex lock;      /* one at a time looks */
    _Atomic int64_t budget; /* bytes that may be written before the next look */
};

/* `directory` exists and is on the disk. Errors are those of open(2). */
int space_init(struct space *space, const char *directory, const struct space_engine *engine);
void space_release(struct space *space);

/* Before a write of about so many bytes. ERR_NOSPC: not to be done. Small writes, among which are those that free something,
 * are let pass for longer than content. */
int space_take(struct space *space, size_t bytes);

/* Bytes of the disk; 0 if it does not say. */
uint64_t space_of_disk(const struct space *space);

#endif
