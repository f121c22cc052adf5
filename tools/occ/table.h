/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_TABLE_H
#define OCC_TABLE_H

#include <stddef.h>

/* Rows of text in columns, on standard output: as wide as their widest cell, under a line of titles. */

struct table {
    const char *const *titles;
    size_t columns;
    char **cells; /* row by row */
    size_t rows;
};

/* `titles` stay the caller's, and are to outlive the table. */
void table_init(struct table *table, const char *const *titles, size_t columns);
void table_release(struct table *table);

/* Appends a row; the cells are copied. -ENOMEM. */
int table_add(struct table *table, const char *const *cells);

/* Nothing, if there are no rows. */
void table_print(const struct table *table);

#endif
