/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_OPERATION_H
#define MODEL_OPERATION_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { PATHS_MAX = 2, NUMBERS_MAX = 6 };

struct side;
struct operation;
struct outcome;

/*
 * What a kind of operation takes, a letter an argument, in the order in which scripts have them:
 *
 *     p  path             P  path, mostly of a file      D  path, mostly of a directory
 *     s  slot (descriptor) o  offset                     l  length
 *     d  fill of data     m  mode                        f  flags of open
 *     w  whence           t  seconds   n  nanoseconds    u  uid or gid
 *     r  flags of rename  k  mode of fallocate           a  flags of *at calls
 *     x  name of an xattr c  flags of setxattr           y  how a mapping is written back
 */
struct kind {
    const char *name;
    const char *arguments;
    unsigned weight; /* how often it is drawn */
    void (*run)(struct side *side, const struct operation *operation, struct outcome *outcome);
};

/* One call with its arguments: paths in path[], everything else in number[], both in the order of the letters. */
struct operation {
    const struct kind *kind;
    unsigned user; /* who does it (user.h) */
    bool quiet;    /* attributes are not looked at before and after it */
    char *path[PATHS_MAX];
    int64_t number[NUMBERS_MAX];
};

bool is_path_letter(char letter);

/* One line of a script: `@1 quiet open 0 "d0/f1" rdwr|creat 0644`. User 0 and loudness are not written. */
void operation_print(const struct operation *operation, FILE *out);

/* The reverse; false if the line is none. The paths are owned by the operation: operation_release. */
bool operation_parse(const char *line, struct operation *ret_operation);
void operation_release(struct operation *operation);

/* A copy that owns its paths. */
struct operation operation_copy(const struct operation *operation);

#endif
