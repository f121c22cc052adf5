/* SPDX-License-Identifier: Apache-2.0 */

/* Extended attributes. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>

#include "fill.h"
#include "kinds.h"
#include "outcome.h"
#include "side.h"
#include "words.h"
#include "xattrs.h"

/* ext4 has room for some thousand bytes in all. */
enum { VALUE_MAX = 600 };

static size_t value_size(int64_t number)
{
    return number < 0 ? 0 : (size_t)(number % VALUE_MAX);
}

static bool nofollow(int64_t flags)
{
    return flags & AT_SYMLINK_NOFOLLOW;
}

void run_setxattr(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    uint8_t value[VALUE_MAX];
    size_t size = value_size(operation->number[1]);
    fill_bytes(value, size, operation->number[2]);
    outcome_set(outcome,
                (nofollow(operation->number[4]) ? lsetxattr : setxattr)(
                    operation->path[0], xattr_name(operation->number[0]), value, size, (int)operation->number[3]));
}

void run_fsetxattr(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    uint8_t value[VALUE_MAX];
    size_t size = value_size(operation->number[2]);
    fill_bytes(value, size, operation->number[3]);
    outcome_set(outcome, fsetxattr(side->slots[operation->number[0]], xattr_name(operation->number[1]), value, size,
                                   (int)operation->number[4]));
}

/* A length of 0 asks for the size; one that is too small is an error. */
static void set_value(struct outcome *outcome, ssize_t got, size_t room)
{
    outcome_set(outcome, got);
    outcome->size = got > 0 && room > 0 ? (size_t)got : 0;
}

void run_getxattr(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    size_t room = value_size(operation->number[1]);
    set_value(outcome,
              (nofollow(operation->number[2]) ? lgetxattr : getxattr)(
                  operation->path[0], xattr_name(operation->number[0]), outcome->data, room),
              room);
}

void run_fgetxattr(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    size_t room = value_size(operation->number[2]);
    set_value(outcome,
              fgetxattr(side->slots[operation->number[0]], xattr_name(operation->number[1]), outcome->data, room),
              room);
}

/* The size itself differs, by the names that occfs adds: the whole list is asked for. */
static void set_list(struct outcome *outcome, ssize_t got)
{
    outcome_set(outcome, got < 0 ? got : 0);
    outcome->size = got > 0 ? xattrs_normalise((char *)outcome->data, (size_t)got) : 0;
}

void run_listxattr(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    set_list(outcome, (nofollow(operation->number[1]) ? llistxattr : listxattr)(operation->path[0],
                                                                                (char *)outcome->data, OUTCOME_MAX));
}

void run_flistxattr(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    set_list(outcome, flistxattr(side->slots[operation->number[0]], (char *)outcome->data, OUTCOME_MAX));
}

void run_removexattr(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    outcome_set(outcome, (nofollow(operation->number[1]) ? lremovexattr : removexattr)(
                             operation->path[0], xattr_name(operation->number[0])));
}

void run_fremovexattr(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    outcome_set(outcome, fremovexattr(side->slots[operation->number[0]], xattr_name(operation->number[1])));
}
