/* SPDX-License-Identifier: Apache-2.0 */
#include "error.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

struct error_entry {
    const char *name;
    int errno_value;
    int exit_code;
    const char *text;
};

static const struct error_entry entries[] = {
#define ERROR_ROW(name, errno_value, exit_code, text) {#name, errno_value, exit_code, text},
    ERROR_TABLE(ERROR_ROW)
#undef ERROR_ROW
};

enum { ERROR_COUNT = sizeof entries / sizeof entries[0], EXIT_SOFTWARE = 70 };

static const struct error_entry *entry_of(int error)
{
    int index = error - (ERROR_BASE_ + 1);
    return index >= 0 && index < ERROR_COUNT ? &entries[index] : NULL;
}

int error_errno(int error)
{
    const struct error_entry *entry = entry_of(error);
    return entry ? entry->errno_value : EIO;
}

int error_exit_code(int error)
{
    const struct error_entry *entry = entry_of(error);
    return entry ? entry->exit_code : EXIT_SOFTWARE;
}

const char *error_text(int error)
{
    const struct error_entry *entry = entry_of(error);
    return entry ? entry->text : error == 0 ? "success" : "unknown error";
}

const char *error_name(int error)
{
    const struct error_entry *entry = entry_of(error);
    return entry ? entry->name : error == 0 ? "OK" : "?";
}

int error_from_name(const char *name)
{
    for (int index = 0; index < ERROR_COUNT; index++)
        if (strcmp(entries[index].name, name) == 0) return ERROR_BASE_ + 1 + index;
    return 0;
}

int error_from_errno(int errno_value)
{
    /* The first entry of an errno is the plain one: the table is ordered so. */
    for (int index = 0; index < ERROR_COUNT; index++)
        if (entries[index].errno_value == errno_value && errno_value != EIO) return ERROR_BASE_ + 1 + index;
    return ERR_IO;
}
