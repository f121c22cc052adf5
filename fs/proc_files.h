/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_PROC_FILES_H
#define OCC_PROC_FILES_H

#include <sys/types.h>

/*
 * Files of /proc/PID, kept open by each thread for the processes that it looked at last: to read one again costs a third of opening
 * it. A file that was opened belongs to the process, not to its number: when the process has ended and another one has
 * the number, reading fails and the file is opened anew.
 */
enum proc_file { PROC_STAT, PROC_STATM, PROC_FILES };

/* Reads the whole file, NUL-terminated; what does not fit is left out. -1 when it cannot be read. */
ssize_t proc_file_read(pid_t process, enum proc_file file, char *text, size_t size);

/* The descriptor of /proc/PID/fd, at its beginning; -1. Valid until the thread's next call here. */
int proc_descriptors(pid_t process);

#endif
