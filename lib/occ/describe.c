/* SPDX-License-Identifier: Apache-2.0 */
#include "describe.h"

#include <stdio.h>
#include <time.h>

#include "path.h"
#include "token.h"

json_t *describe_text(const char *bytes)
{
    json_t *text = json_string(bytes);
    if (text) return text;
    char ascii[PATH_SIZE];
    size_t length = 0;
    for (; bytes[length] && length < sizeof ascii - 1; length++)
        ascii[length] = (unsigned char)bytes[length] < 0x80 ? bytes[length] : '?';
    return json_stringn(ascii, length);
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
