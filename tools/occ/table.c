/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal.h"

enum { GAP = 2 };

void table_init(struct table *table, const char *const *titles, size_t columns)
{
    *table = (struct table){.titles = titles, .columns = columns};
}

void table_release(struct table *table)
{
    for (size_t i = 0; i < table->rows * table->columns; i++)
        free(table->cells[i]);
    free(table->cells);
    *table = (struct table){0};
}

int table_add(struct table *table, const char *const *cells)
{
    size_t count = table->rows * table->columns;
    char **more = reallocarray(table->cells, count + table->columns, sizeof *more);
    if (!more) return -ENOMEM;
    table->cells = more;
    for (size_t i = 0; i < table->columns; i++) {
        more[count + i] = strdup(cells[i]);
        if (more[count + i]) continue;
        while (i-- > 0)
            free(more[count + i]);
        return -ENOMEM;
    }
    table->rows++;
    return 0;
}

/* In characters of UTF-8, each taken to be one place wide. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static size_t column_width(const struct table *table, size_t column)
{
    size_t widest = width_of(table->titles[column]);
    for (size_t row = 0; row < table->rows; row++) {
        size_t width = width_of(table->cells[row * table->columns + column]);
        if (width > widest) widest = width;
    }
    return widest;
}

static void print_row(const struct table *table, char *const *cells, const size_t *widths)
{
    for (size_t i = 0; i < table->columns; i++) {
        const char *text = cells ? cells[i] : table->titles[i];
        print_text(text);
        if (i + 1 < table->columns) printf("%*s", (int)(widths[i] - width_of(text) + GAP), "");
    }
}

void table_print(const struct table *table)
{
    size_t *widths = calloc(table->columns, sizeof *widths);
    if (!widths || table->rows == 0) {
        free(widths);
        return;
    }
    for (size_t i = 0; i < table->columns; i++)
        widths[i] = column_width(table, i);
    printf("%s", colour(COLOUR_BOLD));
    print_row(table, NULL, widths);
    printf("%s\n", colour(COLOUR_NONE));
    for (size_t row = 0; row < table->rows; row++) {
        print_row(table, table->cells + row * table->columns, widths);
        putchar('\n');
    }
    free(widths);
}
