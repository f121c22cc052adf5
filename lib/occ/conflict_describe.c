/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "conflict.h"
#include "token.h"

static const char *operation_name(uint8_t operation)
{
    switch ((enum version_operation)operation) {
    case VERSION_TRUNCATE:
        return "truncate";
    case VERSION_RENAME:
        return "rename";
    case VERSION_CREATE:
    case VERSION_WRITE:
    case VERSION_CONFLICT:
    case VERSION_KILLED:
        break;
    }
    return "write";
}

/* Names and commands may be any bytes, JSON strings may not: what is not UTF-8 becomes '?'. */
static json_t *text_of(const char *bytes)
{
    json_t *text = json_string(bytes);
    if (text) return text;
    char ascii[256];
    size_t length = 0;
    for (; bytes[length] && length < sizeof ascii - 1; length++)
        ascii[length] = (unsigned char)bytes[length] < 0x80 ? bytes[length] : '?';
    return json_stringn(ascii, length);
}

static void time_text(struct timespec time, char text[40])
{
    static const time_t epoch = 0;
    struct tm utc;
    if (!gmtime_r(&time.tv_sec, &utc)) gmtime_r(&epoch, &utc); /* its year is beyond an int */
    size_t length = strftime(text, 40, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + length, 40 - length, ".%09ldZ", time.tv_nsec);
}

int conflict_describe(struct store *store, const struct conflict_record *record, char **ret_json)
{
    char base[TOKEN_TEXT_SIZE], head[TOKEN_TEXT_SIZE], time[40], hash[HASH128_TEXT_SIZE];
    token_mint(store, &record->base, base);
    token_mint(store, &record->head, head);
    time_text(record->time, time);
    hash128_text(&record->hash, hash);

    json_t *writer =
        json_pack("{s:I, s:I, s:I, s:o}", "uid", (json_int_t)record->writer.uid, "gid", (json_int_t)record->writer.gid,
                  "pid", (json_int_t)record->writer.pid, "command", text_of(record->writer.command));
    json_t *object =
        json_pack("{s:o, s:s, s:s, s:s, s:o, s:s, s:I, s:s, s:I}", "target", text_of(record->target), "operation",
                  operation_name(record->operation), "base", base, "head", head, "writer", writer, "time", time, "size",
                  (json_int_t)record->size, "hash", hash, "retry_after_ms", (json_int_t)record->retry_after_ms);
    char *json = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (!json) return ERR_NOMEM;
    *ret_json = json;
    return 0;
}
