/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_LISTENER_H
#define OCC_LISTENER_H

#include <stdio.h>

/* What is written to standard error between the two calls; a failed test in between says nothing. */
struct listener {
    FILE *file;
    int terminal; /* where standard error goes otherwise */
    char text[64 * 1024];
};

void listen_begin(struct listener *listener);
/* All of it, as long as the listener lives. */
const char *listen_end(struct listener *listener);

#endif
