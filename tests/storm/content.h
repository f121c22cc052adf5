/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORM_CONTENT_H
#define STORM_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Self-describing content: what it says about itself, 3 bytes of checksum over that, the size and the filler, then filler. A torn or
 * mixed read does not check (but for one in 16 million).
 */
struct content_label {
    uint64_t counter; /* one more than that of the content that it replaces */
    uint64_t id;      /* no two contents of a run have the same */
    uint64_t parent;  /* id of what it replaces */
};

enum { CONTENT_LABEL = sizeof(struct content_label), CONTENT_MIN = CONTENT_LABEL + 3, CONTENT_MAX = 400 * 1024 };

/* Fills `bytes`; the filler comes from the generator's state, which moves on. */
void content_make(uint8_t *bytes, size_t size, const struct content_label *label, uint64_t *random);
bool content_check(const uint8_t *bytes, size_t size, struct content_label *ret_label);

/* A size for a new content: mostly small, some of several chunks. */
size_t content_draw_size(uint64_t *random);

/* xorshift64*: all randomness of a run derives from its seed. */
uint64_t random_next(uint64_t *state);

#endif
