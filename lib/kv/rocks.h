/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_ROCKS_H
#define OCC_ROCKS_H

#include "blob.h"
#include "kv.h"

/*
 * Both engines on one RocksDB database, so that one write-ahead log orders blobs before the commits that
 * name them. Conditions are checked and applied under a set of striped locks by key: commits of
 * different keys run, and sync, in parallel and share RocksDB's group commit.
 */
struct rocks_options {
    bool create;        /* make the database if there is none */
    size_t cache_bytes; /* block cache; 0 for the default of 64 MiB */
};

/* Opens the database in `directory`. Both handles are freed by their own free functions; the database
 * closes with the last. ERR_NOT_A_STORE when there is none and `create` is false, ERR_STORE_IN_USE when another
 * process has it open, ERR_DAMAGED, ERR_IO, ERR_NOSPC. The engine's own message is logged. */
int rocks_open(const char *directory, const struct rocks_options *options, struct kv **ret_kv,
               struct blobs **ret_blobs);

#endif
