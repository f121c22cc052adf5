/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_DESCRIBED_H
#define OCC_DESCRIBED_H

#include <jansson.h>

#include "occfs.h"

/* How versions, writers and times are told: to programs as JSON, to people as text. */

/* New references; NULL if memory is short. Names may be any bytes, JSON strings may not: of what is not UTF-8, each byte beyond ASCII
 * becomes '?'. NULL becomes null. */
json_t *json_of_text(const char *bytes);
json_t *json_of_time(struct timespec time);
json_t *json_of_writer(const struct occfs_writer *writer);
json_t *json_of_version(const struct occfs_version *version);

/* Prints an object on a line of its own, and lets it go. NULL: there was no memory for it. EXIT_DONE or EXIT_FAILURE_IO. */
int json_print(json_t *object);

enum { TIME_TEXT_SIZE = 48, WHO_TEXT_SIZE = 192 };

/* In local time: `Sat Nov 28 13:03:50 2026 +0000`, or short, `2026-11-28 13:03:50`. */
void time_text(struct timespec time, char ret_text[TIME_TEXT_SIZE]);
void time_text_short(struct timespec time, char ret_text[TIME_TEXT_SIZE]);

/* The name of a user; the number if it has none. Stays until the next call. */
const char *user_name(uid_t uid);

/* `alice (uid 1000), with vim (pid 123)` */
void writer_text(const struct occfs_writer *writer, char ret_text[WHO_TEXT_SIZE]);

#endif
