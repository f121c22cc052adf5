/* SPDX-License-Identifier: Apache-2.0 */
#include "describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dirent_record.h"
#include "occ_directory.h"
#include "token.h"

json_t *describe_text(const char *bytes)
{
    json_t *text = json_string(bytes);
    if (text) return text;
    char *ascii = strdup(bytes);
    for (char *at = ascii; at && *at; at++)
        if ((unsigned char)*at >= 0x80) *at = '?';
    text = ascii ? json_string(ascii) : NULL;
    free(ascii);
    return text;
}

json_t *describe_time(struct timespec time)
{
    static const time_t epoch = 0;
    struct tm utc;
    char text[40];
    if (!gmtime_r(&time.tv_sec, &utc)) gmtime_r(&epoch, &utc); /* its year is beyond an int */
    size_t length = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + length, sizeof text - length, ".%09ldZ", time.tv_nsec);
    return json_string(text);
}

json_t *describe_token(const struct store *store, const struct version_id *id)
{
    char token[TOKEN_TEXT_SIZE];
    token_mint(store, id, token);
    return json_string(token);
}

json_t *describe_sibling(uint64_t directory, const char *name)
{
    char path[sizeof OCC_DIRECTORY_NAME + sizeof LOST_FOUND_NAME + NAME_MAX_BYTES + 1];
    bool lost = directory == LOST_FOUND_INO;
    snprintf(path, sizeof path, "%s%s", lost ? OCC_DIRECTORY_NAME "/" LOST_FOUND_NAME "/" : "", name);
    return describe_text(path);
}

json_t *describe_author(const struct author *author)
{
    return json_pack("{s:I, s:I, s:I, s:o}", "uid", (json_int_t)author->uid, "gid", (json_int_t)author->gid, "pid",
                     (json_int_t)author->pid, "command", describe_text(author->command));
}

const char *describe_operation(uint8_t operation)
{
    switch ((enum version_operation)operation) {
    case VERSION_CREATE:
        return "create";
    case VERSION_TRUNCATE:
        return "truncate";
    case VERSION_RENAME:
        return "rename";
    case VERSION_CONFLICT:
        return "conflict";
    case VERSION_KILLED:
        return "killed";
    case VERSION_RESOLVE:
        return "resolve";
    case VERSION_WRITE:
        break;
    }
    return "write";
}

int describe_finish(json_t *object, char **ret_json)
{
    char *json = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (!json) return ERR_NOMEM;
    *ret_json = json;
    return 0;
}

int describe_version(const struct version *version, char **ret_json)
{
    json_t *object = describe_author(&version->author);
    if (object &&
        (json_object_set_new(object, "time", describe_time(version->time)) != 0 ||
         json_object_set_new(object, "operation", json_string(describe_operation(version->operation))) != 0)) {
        json_decref(object);
        object = NULL;
    }
    return describe_finish(object, ret_json);
}

static json_t *parents_of(const struct store *store, const struct version *version)
{
    json_t *parents = json_array();
    for (unsigned i = 0; i < version->parent_count; i++) {
        if (json_array_append_new(parents, describe_token(store, &version->parents[i])) == 0) continue;
        json_decref(parents);
        return NULL;
    }
    return parents;
}

/* The message as a text, or null. */
static json_t *message_of(const struct version *version, struct buffer *message)
{
    if (version->message_size == 0) return json_null();
    buffer_append_u8(message, '\0');
    return buffer_failed(message) ? NULL : describe_text((const char *)message->data);
}

int describe_commit(struct store *store, const struct version *version, const bool *made, char **ret_json)
{
    const struct author *author = &version->author;
    struct buffer message = {0};
    char hash[HASH128_TEXT_SIZE];
    hash128_text(&version->content.hash, hash);
    int error = version->message_size > 0 ? message_get(store, version, &message) : 0;
    if (!error)
        error = describe_finish(
            json_pack("{s:o, s:I, s:o, s:s, s:I, s:I, s:I, s:o, s:o, s:I, s:s, s:o, s:o*}", "token",
                      describe_token(store, &version->id), "ordinal", (json_int_t)version->id.ordinal, "parents",
                      parents_of(store, version), "operation", describe_operation(version->operation), "uid",
                      (json_int_t)author->uid, "gid", (json_int_t)author->gid, "pid", (json_int_t)author->pid,
                      "command", describe_text(author->command), "time", describe_time(version->time), "size",
                      (json_int_t)version->content.size, "hash", hash, "message", message_of(version, &message), "made",
                      made ? json_boolean(*made) : NULL),
            ret_json);
    buffer_release(&message);
    return error;
}
