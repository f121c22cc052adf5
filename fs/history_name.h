/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_HISTORY_NAME_H
#define OCC_HISTORY_NAME_H

#include <stdbool.h>
#include <stdint.h>

struct filesystem;

/*
 * The names of history: beside a file f `f@@` and `f@@TOKEN`; in `f@@` the version's ordinal `3`, `3.killed`, `3.2.killed`, ... for what
 * writers had written when they were killed, and tokens.
 */
enum { HISTORY_BASE_SIZE = 256, HISTORY_ENTRY_SIZE = 40 };

/* Takes the name apart at its last `@@`: the file's name, and what follows (empty: the directory). false: there is none, or no name
 * before it. */
bool history_name_split(const char *name, char base[HISTORY_BASE_SIZE], const char **ret_rest);

/* ERR_INVAL, told in the log, for a name that nothing may be given: one that ends in `@@`. ERR_HISTORY for one that is a version's. */
int history_name_check(struct filesystem *fs, uint64_t directory, const char *name);

/* What a request that removes or moves what it did not find is answered: history is there, and stays. Others as they are. */
int history_name_kept(int error, const char *name);

void history_entry_name(uint64_t ordinal, unsigned killed, char name[HISTORY_ENTRY_SIZE]);
/* false: it is no such name (it may be a token). Each version has one. */
bool history_entry_parse(const char *name, uint64_t *ret_ordinal, unsigned *ret_killed);

#endif
