/* SPDX-License-Identifier: Apache-2.0 */
#include "last.h"

#include <string.h>

#include "describe.h"

void last_conflict_put(struct transaction *tx, const struct conflict_record *conflict)
{
    struct last_record last = {
        .lineage = conflict->target_lineage,
        .kind = LAST_CONFLICT,
        .operation = conflict->operation,
        .base = conflict->base,
        .head = conflict->head,
        .writer = conflict->writer,
        .time = conflict->time,
        .size = conflict->size,
        .directory = conflict->directory,
    };
    strcpy(last.sibling, conflict->name);
    last_record_put(tx, &last);
}

void last_killed_put(struct transaction *tx, const struct inode *inode, const struct version *abandoned)
{
    const struct last_record last = {
        .lineage = inode->lineage,
        .kind = LAST_KILLED,
        .operation = VERSION_WRITE,
        .base = abandoned->parents[0],
        .head = inode->head,
        .writer = abandoned->author,
        .time = abandoned->time,
        .size = abandoned->content.size,
    };
    last_record_put(tx, &last);
}

static json_t *sibling_of(const struct last_record *last)
{
    return last->kind == LAST_CONFLICT ? describe_sibling(last->directory, last->sibling) : json_null();
}

int last_describe(struct store *store, uint64_t lineage, char **ret_json)
{
    struct last_record last;
    int error = last_record_get(store, lineage, &last);
    if (error == ERR_NOT_FOUND) {
        char *none = strdup("null");
        if (none) *ret_json = none;
        return none ? 0 : ERR_NOMEM;
    }
    if (error) return error;
    json_t *object =
        json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:I, s:o}", "kind", last.kind == LAST_KILLED ? "killed" : "conflict",
                  "operation", describe_operation(last.operation), "base", describe_token(store, &last.base), "head",
                  describe_token(store, &last.head), "writer", describe_author(&last.writer), "time",
                  describe_time(last.time), "size", (json_int_t)last.size, "sibling", sibling_of(&last));
    return describe_finish(object, ret_json);
}

int last_describe_killed(struct store *store, const struct version *abandoned, const char *path, char **ret_json)
{
    char hash[HASH128_TEXT_SIZE];
    hash128_text(&abandoned->content.hash, hash);
    json_t *object =
        json_pack("{s:s, s:o, s:n, s:s, s:o, s:o, s:o, s:I, s:s}", "kind", "killed", "path",
                  path ? describe_text(path) : json_null(), "sibling", "operation", describe_operation(VERSION_WRITE),
                  "base", describe_token(store, &abandoned->parents[0]), "writer", describe_author(&abandoned->author),
                  "time", describe_time(abandoned->time), "size", (json_int_t)abandoned->content.size, "hash", hash);
    return describe_finish(object, ret_json);
}
