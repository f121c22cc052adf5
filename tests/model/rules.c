/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "kinds.h"

/* How open the file is: 0 not, 1 for reading, 2 for writing. */
static unsigned openness(const struct rules *rules, unsigned long long ino)
{
    unsigned most = 0;
    for (size_t i = 0; i < SLOTS; i++) {
        const struct open_slot *slot = &rules->slots[i];
        if (slot->used && slot->is_file && slot->ino == ino && most < 1U + slot->writing) most = 1U + slot->writing;
    }
    return most;
}

bool rules_has_draft(const struct rules *rules, unsigned long long plain_ino)
{
    return !rules->shared && openness(rules, plain_ino) == 2;
}

static bool writes(int64_t flags)
{
    return (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC);
}

/* Every slot must be open, but those that the operation opens, which must not. */
static bool slots_fit(const struct rules *rules, const struct operation *operation)
{
    size_t number = 0;
    for (const char *letter = operation->kind->arguments; *letter; letter++) {
        if (is_path_letter(*letter)) continue;
        int64_t slot = operation->number[number++];
        if (*letter != 's') continue;
        if (slot < 0 || slot >= SLOTS) return false;
        bool opens = kind_is(operation, "open") || (kind_is(operation, "dup") && number == 2);
        if (rules->slots[slot].used == opens) return false;
    }
    return true;
}

bool rules_allow(const struct rules *rules, const struct operation *operation)
{
    struct stat status;
    bool opens = kind_is(operation, "open"), truncates = kind_is(operation, "truncate");
    if (!slots_fit(rules, operation)) return false;
    if (opens && (operation->number[1] & O_ACCMODE) == O_ACCMODE) return false; /* Linux's own, for ioctl */
    bool passes = kind_is(operation, "read") || kind_is(operation, "write");
    if (passes && rules->slots[operation->number[0]].is_fifo) return false;
    if (rules->shared || !(opens || truncates)) return true;
    if (stat(operation->path[0], &status) != 0 || !S_ISREG(status.st_mode)) return true;
    unsigned open = openness(rules, status.st_ino);
    return open == 0 || (open == 1 && opens && !writes(operation->number[1]));
}

void rules_note(struct rules *rules, const struct operation *operation, const struct side *plain)
{
    struct stat status;
    int64_t slot = operation->number[0], copy = operation->number[1];
    if (kind_is(operation, "close")) rules->slots[slot] = (struct open_slot){0};
    if (kind_is(operation, "dup") && plain->slots[copy] >= 0) rules->slots[copy] = rules->slots[slot];
    if (!kind_is(operation, "open") || plain->slots[slot] < 0 || fstat(plain->slots[slot], &status) != 0) return;
    rules->slots[slot] = (struct open_slot){.used = true,
                                            .writing = writes(operation->number[1]),
                                            .is_file = S_ISREG(status.st_mode),
                                            .is_fifo = S_ISFIFO(status.st_mode),
                                            .ino = status.st_ino};
}
