/* SPDX-License-Identifier: Apache-2.0 */
#include "draw.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "draw_path.h"
#include "kinds.h"
#include "side.h"
#include "user.h"
#include "words.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ONE_OF(numbers, array) ((array)[random_next(numbers) % COUNT(array)])

static bool chance(struct random_numbers *numbers, unsigned percent)
{
    return random_next(numbers) % 100 < percent;
}

static int64_t near(struct random_numbers *numbers, int64_t edge)
{
    return edge - 2 + (int64_t)(random_next(numbers) % 5);
}

/* Where content changes its form: pages, chunks, what is kept inline. */
static int64_t draw_offset(struct random_numbers *numbers)
{
    static const int64_t edges[] = {4096, 8192, 32768, 48 * 1024, 65536, 128 * 1024, 256 * 1024, 384 * 1024};
    static const int64_t far[] = {1LL << 30, 1LL << 31, 1LL << 32, 1LL << 35};
    switch (random_next(numbers) % 20) {
    case 0 ... 3:
        return 0;
    case 4 ... 7:
        return (int64_t)(random_next(numbers) % 200);
    case 8 ... 11:
        return near(numbers, ONE_OF(numbers, edges));
    case 12:
        return chance(numbers, 30) ? near(numbers, ONE_OF(numbers, far)) : 0;
    case 13:
        return chance(numbers, 20) ? -1 : 4096;
    case 14 ... 16:
        return (int64_t)(random_next(numbers) % (16 * 1024));
    default:
        return (int64_t)(random_next(numbers) % (400 * 1024));
    }
}

static int64_t draw_length(struct random_numbers *numbers)
{
    static const int64_t edges[] = {4096, 8192, 48 * 1024, 128 * 1024, 256 * 1024};
    switch (random_next(numbers) % 12) {
    case 0:
        return (int64_t)(random_next(numbers) % 2);
    case 1 ... 5:
        return 1 + (int64_t)(random_next(numbers) % 300);
    case 6 ... 8:
        return 1 + (int64_t)(random_next(numbers) % (16 * 1024));
    case 9:
        return near(numbers, ONE_OF(numbers, edges));
    default:
        return 1 + (int64_t)(random_next(numbers) % (300 * 1024));
    }
}

static int64_t draw_open_flags(struct random_numbers *numbers)
{
    static const int64_t access[] = {O_RDONLY, O_WRONLY, O_RDWR, O_RDWR};
    int64_t flags = ONE_OF(numbers, access);
    if (chance(numbers, 60)) flags |= O_CREAT;
    if (chance(numbers, 8)) flags |= O_EXCL;
    if (chance(numbers, 15)) flags |= O_TRUNC;
    if (chance(numbers, 15)) flags |= O_APPEND;
    if (chance(numbers, 5)) flags |= O_NOFOLLOW;
    if (chance(numbers, 4)) flags |= O_DIRECTORY;
    return flags;
}

static int64_t draw_seconds(struct random_numbers *numbers)
{
    /* As ext4 has them, 1901 to 2446: it rounds the last second at both ends. None near the present (facts.c). */
    static const int64_t edges[] = {
        0, 1, -1, 1000000000, INT32_MAX, 2147483648, 4294967296, INT32_MIN + 1, 15032385534, 951782400};
    return ONE_OF(numbers, edges);
}

static int64_t draw_nanoseconds(struct random_numbers *numbers)
{
    static const int64_t edges[] = {0, 1, 999999999, UTIME_NOW, UTIME_OMIT, 123456789, 1000000000};
    return ONE_OF(numbers, edges);
}

static int64_t draw_xattr(struct random_numbers *numbers, const struct abilities *abilities)
{
    int64_t name = (int64_t)(random_next(numbers) % XATTR_NAMES);
    bool can = name == XATTR_TRUSTED ? abilities->trusted_xattrs : name != XATTR_SECURITY || abilities->security_xattrs;
    return can ? name : 0;
}

static int64_t draw_number(struct random_numbers *numbers, const struct abilities *abilities, char letter)
{
    static const int64_t modes[] = {0644, 0600, 0666, 0755, 0777, 0400, 0, 0444, 0711, 0700, 01777};
    static const int64_t set_id_modes[] = {04755, 02755, 06777, 02644};
    static const int64_t whence[] = {SEEK_SET, SEEK_SET, SEEK_CUR, SEEK_END};
    static const int64_t ids[] = {-1, 0, 1001, 1001, 1002};
    static const int64_t renames[] = {0, 0, 0, RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_NOREPLACE | RENAME_EXCHANGE};
    static const int64_t at_flags[] = {0, 0, AT_SYMLINK_NOFOLLOW, AT_SYMLINK_FOLLOW};
    static const int64_t set_flags[] = {0, 0, 0, XATTR_CREATE, XATTR_REPLACE};
    static const int64_t syncs[] = {0, 0, MS_ASYNC, MS_SYNC};
    switch (letter) {
    case 's':
        return (int64_t)(random_next(numbers) % SLOTS);
    case 'o':
        return draw_offset(numbers);
    case 'l':
        return draw_length(numbers);
    case 'd':
        return chance(numbers, 15) ? 0 : (int64_t)(random_next(numbers) % 1000);
    case 'm':
        return abilities->set_id && chance(numbers, 25) ? ONE_OF(numbers, set_id_modes) : ONE_OF(numbers, modes);
    case 'f':
        return draw_open_flags(numbers);
    case 'w':
        return ONE_OF(numbers, whence);
    case 't':
        return draw_seconds(numbers);
    case 'n':
        return draw_nanoseconds(numbers);
    case 'u':
        return ONE_OF(numbers, ids);
    case 'r':
        return ONE_OF(numbers, renames);
    case 'k':
        return abilities->fallocate_mode_count
                   ? abilities->fallocate_modes[random_next(numbers) % abilities->fallocate_mode_count]
                   : 0;
    case 'a':
        return ONE_OF(numbers, at_flags);
    case 'x':
        return draw_xattr(numbers, abilities);
    case 'c':
        return ONE_OF(numbers, set_flags);
    default:
        return ONE_OF(numbers, syncs);
    }
}

static const struct kind *draw_kind(struct random_numbers *numbers, const struct abilities *abilities)
{
    unsigned sum = 0;
    for (const struct kind *kind = kinds; kind->name; kind++)
        sum += kind->weight;
    unsigned left = (unsigned)(random_next(numbers) % sum);
    const struct kind *kind = kinds;
    for (; left >= kind->weight; kind++)
        left -= kind->weight;
    bool can = strcmp(kind->name, "fallocate") != 0 || abilities->fallocate_mode_count;
    return can ? kind : draw_kind(numbers, abilities);
}

/* Arguments that depend on each other. */
static void make_fit(struct random_numbers *numbers, struct operation *operation)
{
    static const int64_t types[] = {S_IFIFO, S_IFSOCK, S_IFREG, S_IFCHR, S_IFBLK, 0};
    if (kind_is(operation, "mknod")) operation->number[0] = (operation->number[0] & 0777) | ONE_OF(numbers, types);
    bool shifts =
        kind_is(operation, "fallocate") && (operation->number[1] & (FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE));
    if (shifts) { /* ext4 takes whole blocks only */
        operation->number[2] &= ~4095LL;
        operation->number[3] = (1 + operation->number[3] % 40) * 4096;
    }
}

struct operation draw_operation(struct random_numbers *numbers, const struct abilities *abilities)
{
    struct operation operation = {.kind = draw_kind(numbers, abilities), .quiet = chance(numbers, 30)};
    bool symlink = kind_is(&operation, "symlink");
    size_t path = 0, number = 0;
    if (abilities->users && chance(numbers, 25)) operation.user = 1 + (unsigned)(random_next(numbers) % (USERS - 1));
    for (const char *letter = operation.kind->arguments; *letter; letter++) {
        if (is_path_letter(*letter)) {
            operation.path[path] = draw_path(numbers, *letter, symlink && path == 0);
            path++;
        } else {
            operation.number[number++] = draw_number(numbers, abilities, *letter);
        }
    }
    make_fit(numbers, &operation);
    return operation;
}
