/* SPDX-License-Identifier: Apache-2.0 */
#include "conflict.h"
#include "describe.h"

static json_t *object_of(struct store *store, const struct conflict_record *record)
{
    char hash[HASH128_TEXT_SIZE];
    hash128_text(&record->hash, hash);
    return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:I, s:s, s:I}", "target", describe_text(record->target),
                     "operation", describe_operation(record->operation), "base", describe_token(store, &record->base),
                     "head", describe_token(store, &record->head), "writer", describe_author(&record->writer), "time",
                     describe_time(record->time), "size", (json_int_t)record->size, "hash", hash, "retry_after_ms",
                     (json_int_t)record->retry_after_ms);
}

int conflict_describe(struct store *store, const struct conflict_record *record, char **ret_json)
{
    return describe_finish(object_of(store, record), ret_json);
}

int conflict_describe_found(struct store *store, const struct conflict_record *record, char **ret_json)
{
    json_t *object = object_of(store, record);
    if (object && json_object_set_new(object, "sibling", describe_sibling(record->directory, record->name)) != 0) {
        json_decref(object);
        object = NULL;
    }
    return describe_finish(object, ret_json);
}

static json_t *path_of(const char *path)
{
    return path ? describe_text(path) : json_null();
}

/* The record's members behind those of `places`, which is released. */
static int describe_behind(struct store *store, const struct conflict_record *record, json_t *places, char **ret_json)
{
    json_t *object = object_of(store, record);
    if (places && json_object_update(places, object) != 0) {
        json_decref(places);
        places = NULL;
    }
    json_decref(object);
    return describe_finish(places, ret_json);
}

int conflict_describe_places(struct store *store, const struct conflict_record *record, const char *path,
                             const char *sibling, char **ret_json)
{
    json_t *places = json_pack("{s:o, s:o}", "path", path_of(path), "sibling", path_of(sibling));
    return describe_behind(store, record, places, ret_json);
}

int conflict_describe_event(struct store *store, const struct conflict_record *record, const char *path,
                            const char *sibling, char **ret_json)
{
    json_t *places =
        json_pack("{s:s, s:o, s:o}", "kind", "conflict", "path", path_of(path), "sibling", path_of(sibling));
    return describe_behind(store, record, places, ret_json);
}
