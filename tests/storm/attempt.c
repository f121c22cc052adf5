/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>

#include "storm.h"

ssize_t read_whole(int file, uint8_t *bytes)
{
    size_t size = 0;
    for (;;) {
        ssize_t got = pread(file, bytes + size, CONTENT_MAX + 1 - size, (off_t)size);
        if (got < 0) return -1;
        if (got == 0) return (ssize_t)size;
        size += (size_t)got;
    }
}

void attempt_begin(const struct storm *storm, const struct content_label *parent, uint8_t *bytes, size_t size,
                   uint64_t *random, struct content_label *ret_label)
{
    uint64_t id = ++storm->board->attempts;
    if (id >= ATTEMPTS_MAX) {
        FAIL(storm, "more than %d attempts: let it run for less long", ATTEMPTS_MAX);
        _exit(2);
    }
    *ret_label = (struct content_label){.counter = parent->counter + 1, .id = id, .parent = parent->id};
    content_make(bytes, size, ret_label, random);
}

void attempt_end(const struct storm *storm, unsigned file, const struct content_label *label, enum outcome outcome,
                 bool seen)
{
    struct board *board = storm->board;
    board->outcomes[label->id] = (uint8_t)outcome;
    if (outcome == OUTCOME_UNKNOWN) board->unknown[file]++;
    if (outcome == OUTCOME_CONFLICT) board->conflicts++;
    if (outcome == OUTCOME_DONE || outcome == OUTCOME_CONFLICT) board->progress++;
    if (outcome != OUTCOME_DONE) return;
    board->commits[file]++;
    uint64_t before = board->acknowledged[file];
    while (seen && before < label->counter &&
           !atomic_compare_exchange_weak(&board->acknowledged[file], &before, label->counter))
        continue;
}
