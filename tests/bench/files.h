/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_FILES_H
#define BENCH_FILES_H

#include <stddef.h>
#include <stdint.h>

/*
 * The files that workloads use, all below the working directory. Nothing here returns an error: a workload in which a
 * call fails measures nothing, and ends the program.
 */

enum { TINY = 100, SMALL = 4096, MIB = 1024 * 1024, FILES_PER_DIRECTORY = 100, PATH_ROOM = 64 };

/* Says what failed and why (errno, if it is not 0), and ends the program. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The number-th file of the working directory, and of a tree with FILES_PER_DIRECTORY files a directory; both return
 * `path`. */
char *file_path(char path[PATH_ROOM], unsigned number);
char *tree_path(char path[PATH_ROOM], unsigned number);

/* A MiB of bytes that do not compress; they are others for each number up to a million. The first call computes. */
const void *content(uint64_t number);

/* Opens for writing with these flags beside O_WRONLY, writes so much of content(number), closes. */
void file_put(const char *path, int flags, size_t size, uint64_t number);

/* Makes files 0 to count - 1 with content. */
void files_make(unsigned count, size_t size);
void tree_make(unsigned count, size_t size);

#endif
