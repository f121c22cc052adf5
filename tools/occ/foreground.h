/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_FOREGROUND_H
#define OCC_FOREGROUND_H

/* Programs that have the terminal while they run: editors, merge tools. Interrupts from the keyboard are theirs. */

/* Waits for it. Its exit status, 128 and more for a signal; negative errno value if it could not be started. */
int foreground_run(char *const argv[]);

/* Opens a file in $VISUAL, $EDITOR or vi, the first one that is set. 0, or EXIT_FAILURE_IO, with a complaint. */
int editor_run(const char *path);

#endif
