/* SPDX-License-Identifier: Apache-2.0 */
#include "draw_path.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const files[] = {"f0", "f1", "f2", "f3"};
static const char *const directories[] = {"d0", "d1", "d2"};
static const char *const links[] = {"s0", "s1"};
static const char *const odd[] = {".hidden", "\xff \n\"\x01", "a.conflict.not", "f0.tmp"};
enum { LONGEST = 255 };

#define ONE_OF(numbers, array) ((array)[random_next(numbers) % (sizeof(array) / sizeof((array)[0]))])

static void append(char path[PATH_MAX], const char *text)
{
    strncat(path, text, PATH_MAX - strlen(path) - 1);
}

/* How many of a hundred are files, directories and symlinks. */
static void draw_name(struct random_numbers *numbers, char path[PATH_MAX], unsigned file, unsigned directory,
                      unsigned link)
{
    char longest[LONGEST + 2];
    unsigned which = (unsigned)(random_next(numbers) % 100);
    if (which < file) {
        append(path, ONE_OF(numbers, files));
    } else if (which < file + directory) {
        append(path, ONE_OF(numbers, directories));
    } else if (which < file + directory + link) {
        append(path, ONE_OF(numbers, links));
    } else if (random_next(numbers) % 3) {
        append(path, ONE_OF(numbers, odd));
    } else { /* as long as a name may be, or by one byte longer */
        size_t length = LONGEST + (random_next(numbers) % 4 == 0);
        memset(longest, 'l', length);
        longest[length] = '\0';
        append(path, longest);
    }
}

char *draw_path(struct random_numbers *numbers, char letter, bool target)
{
    static const char *const ends[] = {"/", "/.", "/..", "//"};
    char path[PATH_MAX] = "";
    unsigned kind = (unsigned)(random_next(numbers) % 20), depth = kind < 11 ? 0 : kind < 18 ? 1 : 2;
    unsigned special = (unsigned)(random_next(numbers) % 100);
    if (special == 0) return strdup(random_next(numbers) % 2 ? "" : ".");
    for (unsigned i = 0; i < depth; i++) {
        draw_name(numbers, path, 3, 88, 8);
        append(path, "/");
    }
    if (special == 1 && !target && depth > 0) append(path, "../"); /* one at most: see side_make */
    if (letter == 'P') draw_name(numbers, path, 76, 8, 10);
    else if (letter == 'D') draw_name(numbers, path, 8, 80, 8);
    else draw_name(numbers, path, 45, 32, 15);
    if (special == 2 || special == 3) {
        const char *end = ONE_OF(numbers, ends);
        if (!target || !strstr(end, "..")) append(path, end);
    }
    return strdup(path);
}
