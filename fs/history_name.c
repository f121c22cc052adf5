/* SPDX-License-Identifier: Apache-2.0 */
#include "history_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filesystem.h"
#include "log.h"
#include "token.h"

bool history_name_split(const char *name, char base[HISTORY_BASE_SIZE], const char **ret_rest)
{
    size_t at = strlen(name);
    if (at < 3 || at >= HISTORY_BASE_SIZE) return false;
    for (at -= 2; at > 0 && (name[at] != '@' || name[at + 1] != '@');)
        at--;
    if (at == 0) return false;
    memcpy(base, name, at);
    base[at] = '\0';
    *ret_rest = name + at + 2;
    return true;
}

int history_name_check(struct filesystem *fs, uint64_t directory, const char *name)
{
    size_t length = strlen(name);
    if (length >= 2 && strcmp(name + length - 2, "@@") == 0) {
        char path[4096];
        view_path(&fs->views, directory, name, path, sizeof path);
        log_warning("refused: %s: names that end in @@ are those of histories", path);
        return ERR_INVAL;
    }
    char base[HISTORY_BASE_SIZE];
    const char *rest;
    struct version_id id;
    bool is_version = history_name_split(name, base, &rest) && token_parse(fs->store, SLICE_STRING(rest), &id) == 0;
    return is_version ? ERR_HISTORY : 0;
}

int history_name_kept(int error, const char *name)
{
    char base[HISTORY_BASE_SIZE];
    const char *rest;
    return error == ERR_NOENT && history_name_split(name, base, &rest) ? ERR_HISTORY : error;
}

void history_entry_name(uint64_t ordinal, unsigned killed, char name[HISTORY_ENTRY_SIZE])
{
    const char *end = killed ? ".killed" : "";
    if (killed > 1) snprintf(name, HISTORY_ENTRY_SIZE, "%" PRIu64 ".%u%s", ordinal, killed, end);
    else snprintf(name, HISTORY_ENTRY_SIZE, "%" PRIu64 "%s", ordinal, end);
}

bool history_entry_parse(const char *name, uint64_t *ret_ordinal, unsigned *ret_killed)
{
    char *end, same[HISTORY_ENTRY_SIZE];
    unsigned killed = 0;
    uint64_t ordinal = strtoull(name, &end, 10);
    if (strcmp(end, ".killed") == 0) killed = 1;
    else if (*end == '.') killed = (unsigned)strtoul(end + 1, NULL, 10);
    history_entry_name(ordinal, killed, same);
    if (strcmp(name, same) != 0) return false; /* other spellings, and what only begins like one */
    *ret_ordinal = ordinal;
    *ret_killed = killed;
    return true;
}
