/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_STORE_DIRECTORY_H
#define OCC_STORE_DIRECTORY_H

#include <stdbool.h>
#include <sys/types.h>

#include "fault.h"
#include "store.h"

/*
 * The directory that a store lives in:
 *
 *     lock     held by the process that has it open; also says that this is a store
 *     db/      RocksDB
 *     live/    content of live files that are open (live.h)
 *
 * Scratch files of drafts are made in it without a name.
 */
struct store_directory {
    int descriptor; /* of the directory */
    int lock;
    struct fault_plan *fault_plan; /* of the engines below the store; NULL: none */
    struct store *store;
};

struct store_directory_options {
    size_t cache_bytes;
    bool trace;             /* log every call of the engines */
    const char *fault_plan; /* a file (fault.h) that says how the engines shall fail, for tests; NULL: none */
};

/*
 * Opens the store, or creates one if `path` is absent or an empty directory (mode 0700). Errors are told on standard
 * error, with the remedy; the result is then the error's number. ERR_NOT_A_STORE, ERR_NEWER_FORMAT, ERR_STORE_IN_USE, ...
 * Waits for a store that another process is closing.
 */
int store_directory_open(const char *path, const struct store_directory_options *options,
                         struct store_directory *ret_directory);
/* The mount has gone or is about to: who wants the store waits for store_directory_close and is not refused. */
void store_directory_ending(struct store_directory *directory);
void store_directory_close(struct store_directory *directory);

#endif
