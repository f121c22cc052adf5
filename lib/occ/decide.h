/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_DECIDE_H
#define OCC_DECIDE_H

#include "base.h"
#include "policy.h"

/* What becomes of a changed draft. */
enum decision {
    DECIDE_COMMIT,    /* it becomes the next version */
    DECIDE_UNCHANGED, /* success without a version: the head says the same, byte for byte */
    DECIDE_APPEND,    /* its appended bytes go behind the head's, then it is asked again */
    DECIDE_REPEATED,  /* success without another version: the same request has made one */
    DECIDE_REUSED,    /* it cannot be: another request had its id */
    DECIDE_DISCARD,   /* success without a trace: a scratch file that its own process unlinked */
    DECIDE_CONFLICT,  /* the file keeps its head, the draft goes to a sibling */
};

enum removal { REMOVAL_NONE, REMOVAL_BY_SELF, REMOVAL_BY_OTHER };

/* Whether there was a commit with the request's id, with the same content or another one. */
enum repetition { REPETITION_NONE, REPETITION_SAME, REPETITION_OTHER };

struct decide_facts {
    enum policy policy; /* INHERIT counts as REJECT */
    struct base base;
    struct version_id head;
    enum removal removal;
    enum repetition repetition;
    bool conflicted;    /* an earlier attempt of this draft was a conflict */
    bool only_appended; /* through O_APPEND, and nothing else */
    bool same_content;  /* as the head's */
    bool resolves;      /* a conflict: then what it says is a version in any case */
    bool anew; /* the file was created where the head had been removed: what it says is a version in any case */
};

/* Pure. The rows of its table are in the tests. */
enum decision decide(const struct decide_facts *facts);

#endif
