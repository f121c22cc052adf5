/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_TERMINAL_H
#define OCC_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

/* What people see: messages, colour, the pager, progress. */

/* `occ: PLACE: text` on standard error; PLACE may be NULL. Control characters are shown as '?'. */
__attribute__((format(printf, 2, 3))) void complain(const char *place, const char *format, ...);
/* The same, unless --quiet. */
__attribute__((format(printf, 2, 3))) void tell(const char *place, const char *format, ...);

/* Complains of a negative errno value that concerns `place`, with the remedy where there is one, and returns the exit code for it. */
int failure(const char *place, int error);

/* Whether standard output is to be coloured: it is a terminal, or the pager's, NO_COLOR is unset, TERM is not dumb. */
bool colour_wanted(void);

enum colour { COLOUR_NONE, COLOUR_RED, COLOUR_GREEN, COLOUR_YELLOW, COLOUR_CYAN, COLOUR_BOLD };
/* The sequence for standard output; "" where no colour is wanted. */
const char *colour(enum colour colour);

/* From here on standard output goes through $OCC_PAGER, $PAGER or less, if it is a terminal. Waited for by pager_end. */
void pager_begin(void);
/* Also flushes standard output; EXIT_DONE, or EXIT_FAILURE_IO with a complaint if something could not be written. To be called last. */
int pager_end(void);

/* A bar on standard error for what takes longer than a second on a terminal. `total` 0: not known. */
void progress(const char *what, uint64_t done, uint64_t total);
void progress_end(void);

/* Text of somebody else on standard output: control characters, but for tab, are shown as '?'. */
void print_text(const char *text);

#endif
