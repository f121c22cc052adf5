/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_ARGUMENTS_H
#define OCC_ARGUMENTS_H

#include <stdbool.h>

/* The command line of the verb that runs. Options may stand before, between and behind operands; `--` ends them. */

/* What every verb understands: -h, -q, -v. */
extern bool quiet;   /* no text beyond what was asked for */
extern bool verbose; /* what is being done, on standard error */

/*
 * The next option's id; -1 when only operands are left: then argv[optind] is the first of them. Its argument is `optarg`. The common options
 * are dealt with here. An option that the verb does not have ends the program with EXIT_MISUSE.
 */
int option_next(int argc, char *argv[]);

/* `optarg` as a number within limits, or the program ends with EXIT_MISUSE. */
unsigned long option_number(unsigned long least, unsigned long most);
/* As 500ms, 5s, 2m, or plain seconds, in milliseconds. */
unsigned long option_duration_ms(void);
/* `optarg` as what a commit can have: a message, or the id of a request. */
const char *option_message(void);
const char *option_request(void);

/* Ends the program with EXIT_MISUSE unless so many operands are left. `most` negative: any number. */
void operands_check(int argc, int least, int most);

/* Says what is wrong and where to read on; EXIT_MISUSE. */
__attribute__((format(printf, 1, 2))) int misuse(const char *format, ...);

#endif
