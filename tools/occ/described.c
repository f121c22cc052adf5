/* SPDX-License-Identifier: Apache-2.0 */
#include "described.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal.h"
#include "verb.h"

/* ---- for programs ---- */

json_t *json_of_text(const char *bytes)
{
    if (!bytes) return json_null();
    json_t *text = json_string(bytes);
    char *ascii = text ? NULL : strdup(bytes);
    if (!ascii) return text;
    for (char *c = ascii; *c; c++)
        if ((unsigned char)*c >= 0x80) *c = '?';
    text = json_string(ascii);
    free(ascii);
    return text;
}

json_t *json_of_time(struct timespec time)
{
    struct tm utc = {0};
    char text[TIME_TEXT_SIZE];
    gmtime_r(&time.tv_sec, &utc);
    size_t length = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + length, sizeof text - length, ".%09ldZ", time.tv_nsec);
    return json_string(text);
}

json_t *json_of_writer(const struct occfs_writer *writer)
{
    return json_pack("{s:I, s:I, s:I, s:o}", "uid", (json_int_t)writer->uid, "gid", (json_int_t)writer->gid, "pid",
                     (json_int_t)writer->pid, "command", json_of_text(writer->command));
}

json_t *json_of_version(const struct occfs_version *version)
{
    const struct occfs_writer *writer = &version->writer;
    json_t *parents = json_array();
    for (unsigned i = 0; i < version->parent_count; i++)
        json_array_append_new(parents, json_string(version->parents[i]));
    return json_pack("{s:s, s:I, s:o, s:s, s:I, s:I, s:I, s:o, s:o, s:I, s:s, s:o}", "token", version->token, "ordinal",
                     (json_int_t)version->ordinal, "parents", parents, "operation", version->operation, "uid",
                     (json_int_t)writer->uid, "gid", (json_int_t)writer->gid, "pid", (json_int_t)writer->pid, "command",
                     json_of_text(writer->command), "time", json_of_time(version->time), "size",
                     (json_int_t)version->size, "hash", version->hash, "message", json_of_text(version->message));
}

int json_print(json_t *object)
{
    int code = EXIT_DONE;
    if (!object || json_dumpf(object, stdout, JSON_COMPACT) != 0) {
        if (!ferror(stdout)) complain(NULL, "out of memory");
        code = EXIT_FAILURE_IO;
    }
    json_decref(object);
    putchar('\n');
    return code;
}

/* ---- for people ---- */

static struct tm local_of(struct timespec time)
{
    struct tm local = {0};
    localtime_r(&time.tv_sec, &local);
    return local;
}

void time_text(struct timespec time, char ret_text[TIME_TEXT_SIZE])
{
    struct tm local = local_of(time);
    strftime(ret_text, TIME_TEXT_SIZE, "%a %b %e %H:%M:%S %Y %z", &local);
}

void time_text_short(struct timespec time, char ret_text[TIME_TEXT_SIZE])
{
    struct tm local = local_of(time);
    strftime(ret_text, TIME_TEXT_SIZE, "%Y-%m-%d %H:%M:%S", &local);
}

const char *user_name(uid_t uid)
{
    static char name[64];
    static uid_t named = (uid_t)-1;
    if (uid == named && *name) return name; /* as a rule the one before */
    const struct passwd *entry = getpwuid(uid);
    if (entry) snprintf(name, sizeof name, "%s", entry->pw_name);
    else snprintf(name, sizeof name, "%lu", (unsigned long)uid);
    named = uid;
    return name;
}

void writer_text(const struct occfs_writer *writer, char ret_text[WHO_TEXT_SIZE])
{
    int length = snprintf(ret_text, WHO_TEXT_SIZE, "%s (uid %lu)", user_name(writer->uid), (unsigned long)writer->uid);
    if (writer->pid > 0 && length > 0 && length < WHO_TEXT_SIZE)
        snprintf(ret_text + length, WHO_TEXT_SIZE - (size_t)length, ", with %s (pid %d)", writer->command, writer->pid);
}
