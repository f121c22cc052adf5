/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/falloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

struct word {
    char letter;
    bool bit; /* joined with others by '|' */
    const char *name;
    int64_t value;
};

static const struct word words[] = {
    {'f', true, "wronly", O_WRONLY},
    {'f', true, "rdwr", O_RDWR},
    {'f', true, "creat", O_CREAT},
    {'f', true, "excl", O_EXCL},
    {'f', true, "trunc", O_TRUNC},
    {'f', true, "append", O_APPEND},
    {'f', true, "nofollow", O_NOFOLLOW},
    {'f', true, "directory", O_DIRECTORY},
    {'f', false, "rdonly", O_RDONLY},
    {'w', false, "set", SEEK_SET},
    {'w', false, "cur", SEEK_CUR},
    {'w', false, "end", SEEK_END},
    {'n', false, "now", UTIME_NOW},
    {'n', false, "omit", UTIME_OMIT},
    {'r', true, "noreplace", RENAME_NOREPLACE},
    {'r', true, "exchange", RENAME_EXCHANGE},
    {'k', true, "keep-size", FALLOC_FL_KEEP_SIZE},
    {'k', true, "punch", FALLOC_FL_PUNCH_HOLE},
    {'k', true, "collapse", FALLOC_FL_COLLAPSE_RANGE},
    {'k', true, "zero", FALLOC_FL_ZERO_RANGE},
    {'k', true, "insert", FALLOC_FL_INSERT_RANGE},
    {'a', true, "nofollow", AT_SYMLINK_NOFOLLOW},
    {'a', true, "follow", AT_SYMLINK_FOLLOW},
    {'c', true, "create", XATTR_CREATE},
    {'c', true, "replace", XATTR_REPLACE},
    {'y', false, "munmap", 0},
    {'y', false, "async", MS_ASYNC},
    {'y', false, "sync", MS_SYNC},
    {'x', false, "user.a", 0},
    {'x', false, "user.b", 1},
    {'x', false, "user.longer", 2},
    {'x', false, "user.", 3},
    {'x', false, "bogus.a", 4},
    {'x', false, "trusted.a", 5},
    {'x', false, "security.a", 6},
};
enum { WORDS = sizeof words / sizeof words[0] };

const char *xattr_name(int64_t number)
{
    for (size_t i = 0; i < WORDS; i++)
        if (words[i].letter == 'x' && words[i].value == number) return words[i].name;
    return "user.unknown";
}

void word_print(char letter, int64_t value, FILE *out)
{
    for (size_t i = 0; i < WORDS; i++)
        if (words[i].letter == letter && !words[i].bit && words[i].value == value) {
            fputs(words[i].name, out);
            return;
        }
    const char *between = "";
    for (size_t i = 0; i < WORDS; i++)
        if (words[i].letter == letter && words[i].bit && (value & words[i].value) == words[i].value) {
            fprintf(out, "%s%s", between, words[i].name);
            value &= ~words[i].value;
            between = "|";
        }
    if (letter == 'm') fprintf(out, "0%" PRIo64, (uint64_t)value);
    else if (value || !between[0]) fprintf(out, "%s%" PRId64, between, value);
}

static bool one_word(char letter, const char *text, int64_t *ret_value)
{
    for (size_t i = 0; i < WORDS; i++)
        if (words[i].letter == letter && strcmp(words[i].name, text) == 0) {
            *ret_value = words[i].value;
            return true;
        }
    char *end;
    *ret_value = strtoll(text, &end, 0);
    return *text && !*end;
}

bool word_parse(char letter, const char *text, int64_t *ret_value)
{
    char copy[256];
    if (strlen(text) >= sizeof copy) return false;
    strcpy(copy, text);
    int64_t all = 0, one;
    char *rest;
    for (char *word = strtok_r(copy, "|", &rest); word; word = strtok_r(NULL, "|", &rest)) {
        if (!one_word(letter, word, &one)) return false;
        all |= one;
    }
    *ret_value = all;
    return copy[0];
}
