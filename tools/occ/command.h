/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_COMMAND_H
#define OCC_COMMAND_H

#include <stddef.h>

/* Running a program, found as execvp(3) finds it, and waiting for it. */

/*
 * Its standard streams are the given descriptors; it has no others of this process but what is not close-on-exec. Returns 0 and the status as
 * waitpid(2) gives it, or a negative errno value: it could not be run.
 */
int command_run(char *const argv[], int in, int out, int err, int *ret_status);

enum { COMMAND_TEXT_SIZE = 80 };

/* `exited with 3`, or `was killed by signal 9 (Killed)`. */
void command_status_text(int status, char ret_text[COMMAND_TEXT_SIZE]);

#endif
