/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_COMPLAINT_H
#define MODEL_COMPLAINT_H

#include <stdbool.h>

/* The first difference between the two sides. Empty: there is none. */
struct complaint {
    char what[48]; /* the kind of difference: while a sequence is shrunk it must stay the same */
    char text[2048];
};

/* Notes a difference; returns false, for 'return complain(...)'. A complaint that stands already is kept. */
bool complain(struct complaint *complaint, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
