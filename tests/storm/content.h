/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORM_CONTENT_H
#define STORM_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Self-describing content: u64 counter, 3 bytes of checksum over counter, size and filler, then filler. A torn or mixed read
 * does not check (but for one in 16 million).
 */
enum { CONTENT_MIN = 11, CONTENT_MAX = 400 * 1024 };

/* Fills `bytes`; the filler comes from the generator's state, which moves on. */
void content_make(uint8_t *bytes, size_t size, uint64_t counter, uint64_t *random);
bool content_check(const uint8_t *bytes, size_t size, uint64_t *ret_counter);

/* xorshift64*: all randomness of a run derives from its seed. */
uint64_t random_next(uint64_t *state);

#endif
