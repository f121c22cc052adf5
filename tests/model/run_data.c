/* SPDX-License-Identifier: Apache-2.0 */

/* What reads and changes content. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fill.h"
#include "kinds.h"
#include "outcome.h"
#include "side.h"

static uint8_t *filled(size_t size, int64_t fill)
{
    static uint8_t bytes[OUTCOME_MAX];
    fill_bytes(bytes, size, fill);
    return bytes;
}

static size_t length_of(int64_t number)
{
    return number < 0 ? 0 : number > OUTCOME_MAX ? OUTCOME_MAX : (size_t)number;
}

void run_read(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    outcome_set(outcome, read(side->slots[operation->number[0]], outcome->data, length_of(operation->number[1])));
    outcome->size = outcome->result > 0 ? (size_t)outcome->result : 0;
}

void run_pread(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    outcome_set(outcome, pread(side->slots[operation->number[0]], outcome->data, length_of(operation->number[2]),
                               operation->number[1]));
    outcome->size = outcome->result > 0 ? (size_t)outcome->result : 0;
}

void run_write(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    size_t size = length_of(operation->number[1]);
    outcome_set(outcome, write(side->slots[operation->number[0]], filled(size, operation->number[2]), size));
}

void run_pwrite(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    size_t size = length_of(operation->number[2]);
    outcome_set(outcome, pwrite(side->slots[operation->number[0]], filled(size, operation->number[3]), size,
                                operation->number[1]));
}

/* ---- through memory ---- */

struct mapping {
    uint8_t *page; /* what mmap gave */
    size_t size;   /* of it */
    uint8_t *bytes;
};

/* mmap wants whole pages. */
static bool map(int file, int64_t offset, size_t size, int protection, struct mapping *ret_mapping)
{
    int64_t page = sysconf(_SC_PAGESIZE), from = offset / page * page;
    size_t before = (size_t)(offset - from);
    void *address = mmap(NULL, before + size, protection, MAP_SHARED, file, from);
    if (address == MAP_FAILED) return false;
    *ret_mapping = (struct mapping){.page = address, .size = before + size, .bytes = (uint8_t *)address + before};
    return true;
}

/* Nothing but files is mapped, and nothing behind the end touched: that is a signal. */
static bool can_map(int file, int64_t offset, struct stat *ret_status)
{
    return offset >= 0 && fstat(file, ret_status) == 0 && S_ISREG(ret_status->st_mode);
}

void run_map_read(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    int file = side->slots[operation->number[0]];
    int64_t offset = operation->number[1];
    size_t size = length_of(operation->number[2]);
    struct stat status;
    struct mapping mapping;
    if (!can_map(file, offset, &status)) return;
    if (offset >= status.st_size) size = 0;
    else if (status.st_size - offset < (int64_t)size) size = (size_t)(status.st_size - offset);
    if (size == 0) return;
    if (!map(file, offset, size, PROT_READ, &mapping)) {
        outcome_set(outcome, -1);
        return;
    }
    memcpy(outcome->data, mapping.bytes, size);
    outcome->size = size;
    outcome_set(outcome, munmap(mapping.page, mapping.size));
}

/* A file that is too short is made longer first. */
void run_map_write(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    int file = side->slots[operation->number[0]], how = (int)operation->number[4];
    int64_t offset = operation->number[1];
    size_t size = length_of(operation->number[2]);
    struct stat status;
    struct mapping mapping;
    if (size == 0 || !can_map(file, offset, &status)) return;
    int64_t end = offset + (int64_t)size;
    if ((end > status.st_size && ftruncate(file, end) != 0) ||
        !map(file, offset, size, PROT_READ | PROT_WRITE, &mapping)) {
        outcome_set(outcome, -1);
        return;
    }
    memcpy(mapping.bytes, filled(size, operation->number[3]), size);
    outcome_set(outcome, how ? msync(mapping.page, mapping.size, how) : 0);
    munmap(mapping.page, mapping.size);
}

/* ---- whole ranges ---- */

/* However much one call copies: until it is done. */
void run_copy(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    off_t from = operation->number[2], to = operation->number[3];
    size_t left = length_of(operation->number[4]);
    int64_t copied = 0;
    do {
        ssize_t once =
            copy_file_range(side->slots[operation->number[0]], &from, side->slots[operation->number[1]], &to, left, 0);
        if (once < 0 && copied == 0) {
            outcome_set(outcome, -1);
            return;
        }
        if (once <= 0) break;
        copied += once;
        left -= (size_t)once;
    } while (left > 0);
    outcome_set(outcome, copied);
}

void run_truncate(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    (void)side;
    outcome_set(outcome, truncate(operation->path[0], operation->number[0]));
}

void run_ftruncate(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    outcome_set(outcome, ftruncate(side->slots[operation->number[0]], operation->number[1]));
}

void run_fallocate(struct side *side, const struct operation *operation, struct outcome *outcome)
{
    outcome_set(outcome, fallocate(side->slots[operation->number[0]], (int)operation->number[1], operation->number[2],
                                   operation->number[3]));
}
