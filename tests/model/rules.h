/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_RULES_H
#define MODEL_RULES_H

#include "operation.h"
#include "side.h"

/*
 * What an operation may look at, so that the contract's differences from a plain directory do not show: a reader's
 * descriptor stays at its version, and a draft is invisible until its commit. Unless files are shared (live), one that
 * is open for writing has one open file description, and the content of one that is open is not changed by path.
 */
struct open_slot {
    bool used;
    bool writing;
    bool is_file;
    bool is_fifo;           /* what passes through one moves its times, and FUSE is not told */
    unsigned long long ino; /* on the plain side */
};

struct rules {
    bool shared;
    struct open_slot slots[SLOTS];
};

/* Whether the operation may be done now. The working directory is the plain side's root. */
bool rules_allow(const struct rules *rules, const struct operation *operation);

/* After it was done: which slots are open. */
void rules_note(struct rules *rules, const struct operation *operation, const struct side *plain);

/* Whether size and times of the file are hidden in a draft. */
bool rules_has_draft(const struct rules *rules, unsigned long long plain_ino);

#endif
