/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conflict.h"
#include "dirent_record.h"

static const char suffix[] = ".conflict";
enum { SUFFIX_LENGTH = sizeof suffix - 1 };

bool conflict_is_sibling_name(struct slice name)
{
    if (name.size < SUFFIX_LENGTH) return false;
    return memcmp((const char *)name.data + name.size - SUFFIX_LENGTH, suffix, SUFFIX_LENGTH) == 0;
}

/* Splits `stem.N.conflict` or `stem.conflict`; returns the stem's length and the number, 0 if it is no sibling's name. */
static size_t split(const char *name, unsigned long *ret_number)
{
    size_t length = strlen(name);
    *ret_number = 0;
    if (length <= SUFFIX_LENGTH || !conflict_is_sibling_name(SLICE(name, length))) return length;
    size_t stem = length - SUFFIX_LENGTH;
    *ret_number = 1;

    size_t digits = 0;
    while (digits < stem && isdigit((unsigned char)name[stem - 1 - digits]))
        digits++;
    if (digits == 0 || digits > 9 || digits + 1 >= stem || name[stem - digits - 1] != '.') return stem;
    unsigned long number = strtoul(name + stem - digits, NULL, 10);
    if (number < 2) return stem;
    *ret_number = number;
    return stem - digits - 1;
}

/* At most `room` bytes of a longer name, never through a character: back to where one begins (bytes 10xxxxxx continue one, at
 * most three of them). What is not UTF-8 is cut anywhere. */
static size_t cut(const char *name, size_t room)
{
    for (size_t at = room; at > 0 && room - at <= 3; at--)
        if (((unsigned char)name[at] & 0xC0) != 0x80) return at;
    return room;
}

void conflict_sibling_name(const char *name, unsigned long number, char ret_name[SIBLING_NAME_SIZE])
{
    unsigned long after;
    size_t stem = split(name, &after);
    number += after;

    char tail[40];
    if (number == 1) strcpy(tail, suffix);
    else snprintf(tail, sizeof tail, ".%lu%s", number, suffix);
    size_t room = NAME_MAX_BYTES - strlen(tail);
    if (stem > room) stem = cut(name, room);
    memcpy(ret_name, name, stem);
    strcpy(ret_name + stem, tail);
}
