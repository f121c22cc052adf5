/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_BASE_H
#define OCC_BASE_H

#include <stdbool.h>

#include "inode.h"

/*
 * What a draft claims to replace: "the version that the writer read". The rules are tried in the order of their
 * numbers, which are those of the manual (occfs.7); the first that applies decides. base_choose is a pure function of
 * recorded facts.
 */
enum base_rule {
    BASE_DESCRIPTOR_TOKEN = 1, /* a token was set on the writing descriptor */
    BASE_NAMED = 2,            /* the name that was opened names a version: f@@/3 */
    BASE_ARMED = 3,            /* a token was set by path */
    BASE_CARRIED = 4,          /* of a rename: the file that takes the name carries a token of the name's file */
    BASE_READ_FIRST = 5,       /* the draft was read through its own descriptors before it was changed */
    BASE_REMEMBERED = 6,       /* the process has read the file by name before */
    BASE_HEAD_AT_OPEN = 7,
};

/* Of the versions, lineage 0 means that there is none. */
struct base_facts {
    struct version_id descriptor_token;
    struct version_id named;
    struct version_id armed;
    struct version_id carried;
    bool read_first;
    struct version_id remembered; /* what the process has read last */
    struct version_id opened;     /* the head at open */
};

struct base {
    struct version_id id;
    enum base_rule rule;
};

struct base base_choose(const struct base_facts *facts);

/*
 * Who takes a name from a file, by removing it or by moving another file there, claims to have read what it replaces. The facts depend on
 * the file, which is known inside the transaction: it is asked for them there, as often as the transaction is repeated.
 */
struct claim_facts {
    struct base_facts base; /* `opened` and, of a rename, `carried` are filled in already */
    bool live;              /* the file's policy is live: nothing is compared */
};
struct claim {
    void (*ask)(void *context, const struct inode *target, struct claim_facts *facts);
    void *context;
};

/* Whether somebody named the base, so that even an append must not move to another one. */
bool base_is_explicit(const struct base *base);

#endif
