/* SPDX-License-Identifier: Apache-2.0 */
#include "xattrs.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

size_t xattrs_normalise(char *list, size_t size)
{
    enum { NAMES_MAX = 64 };
    char copy[16 * 1024];
    char *names[NAMES_MAX];
    size_t count = 0, end = 0;
    if (size > sizeof copy) return size;
    memcpy(copy, list, size);
    for (size_t at = 0; at < size && count < NAMES_MAX; at += strnlen(copy + at, size - at) + 1)
        if (strncmp(copy + at, "user.occ.", 9) != 0) names[count++] = copy + at;
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(names[i]) + 1;
        memcpy(list + end, names[i], length);
        end += length;
    }
    return end;
}
