/* SPDX-License-Identifier: Apache-2.0 */
#include "description.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "attribute.h"

/* ---- members; the first that is missing or wrong makes the whole fail ---- */

struct members {
    const json_t *object;
    bool failed;
};

static void read_text(struct members *members, const char *key, char *text, size_t size)
{
    const char *value = json_string_value(json_object_get(members->object, key));
    if (!value || strlen(value) >= size) members->failed = true;
    else memcpy(text, value, strlen(value) + 1);
}

static uint64_t read_number(struct members *members, const char *key, uint64_t most)
{
    const json_t *value = json_object_get(members->object, key);
    uint64_t number = (uint64_t)json_integer_value(value);
    if (!json_is_integer(value) || json_integer_value(value) < 0 || number > most) members->failed = true;
    return number;
}

/* NULL where the member is null or absent. */
static char *read_optional_text(struct members *members, const char *key)
{
    const json_t *value = json_object_get(members->object, key);
    if (!value || json_is_null(value)) return NULL;
    char *copy = json_is_string(value) ? strdup(json_string_value(value)) : NULL;
    if (!copy) members->failed = true;
    return copy;
}

/* Seconds since 1970 of a date and time in UTC. Not timegm(3), which looks for the local time zone first. */
static time_t seconds_of(const struct tm *parts)
{
    /* Years begin in March here, so that a leap day is the last one. */
    const long long month = (parts->tm_mon + 10) % 12, year = parts->tm_year + 1900LL - (parts->tm_mon < 2);
    const long long era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    const long long days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * month + 2) / 5 +
                           parts->tm_mday - 1 - 719468; /* from March 1st of year 0 to 1970 */
    return (time_t)(((days * 24 + parts->tm_hour) * 60 + parts->tm_min) * 60 + parts->tm_sec);
}

/* As 2026-11-24T14:58:55.147978470Z */
static struct timespec read_time(struct members *members, const char *key)
{
    enum { NS_DIGITS = 9 };
    char text[40] = "";
    struct tm parts = {0};
    long ns = 0;
    read_text(members, key, text, sizeof text);
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
    if (rest && *rest == '.' && strspn(rest + 1, "0123456789") == NS_DIGITS) {
        ns = strtol(rest + 1, NULL, 10);
        rest += 1 + NS_DIGITS;
    }
    if (!rest || strcmp(rest, "Z") != 0) members->failed = true;
    return (struct timespec){.tv_sec = seconds_of(&parts), .tv_nsec = ns};
}

static struct occfs_writer read_writer(struct members *members)
{
    struct occfs_writer writer = {.uid = (uid_t)read_number(members, "uid", UINT32_MAX)};
    writer.gid = (gid_t)read_number(members, "gid", UINT32_MAX);
    writer.pid = (pid_t)read_number(members, "pid", INT32_MAX);
    read_text(members, "command", writer.command, sizeof writer.command);
    return writer;
}

static void read_parents(struct members *members, struct occfs_version *version)
{
    const json_t *parents = json_object_get(members->object, "parents");
    if (!json_is_array(parents) || json_array_size(parents) > OCCFS_PARENTS_MAX) {
        members->failed = true;
        return;
    }
    version->parent_count = (unsigned)json_array_size(parents);
    for (unsigned i = 0; i < version->parent_count; i++) {
        const char *token = json_string_value(json_array_get(parents, i));
        if (!token || strlen(token) >= OCCFS_TOKEN_SIZE) members->failed = true;
        else strcpy(version->parents[i], token);
    }
}

/* ---- objects ---- */

static int read_version(const json_t *object, struct occfs_version *ret_version)
{
    struct members members = {.object = object, .failed = !json_is_object(object)};
    struct occfs_version version = {0};
    read_text(&members, "token", version.token, sizeof version.token);
    version.ordinal = read_number(&members, "ordinal", INT64_MAX);
    read_parents(&members, &version);
    read_text(&members, "operation", version.operation, sizeof version.operation);
    version.writer = read_writer(&members);
    version.time = read_time(&members, "time");
    version.size = read_number(&members, "size", INT64_MAX);
    read_text(&members, "hash", version.hash, sizeof version.hash);
    version.message = read_optional_text(&members, "message");
    if (members.failed) occfs_version_release(&version);
    else *ret_version = version;
    return members.failed ? -EPROTO : 0;
}

int description_version(const char *json, struct occfs_version *ret_version)
{
    json_t *object = json_loads(json, 0, NULL);
    int error = read_version(object, ret_version);
    json_decref(object);
    return error;
}

int description_conflict(const char *json, struct occfs_conflict *ret_conflict)
{
    json_t *object = json_loads(json, 0, NULL);
    struct members members = {.object = object, .failed = !json_is_object(object)};
    struct members writer = {.object = json_object_get(object, "writer")};
    struct occfs_conflict conflict = {0};
    read_text(&members, "target", conflict.target, sizeof conflict.target);
    read_text(&members, "base", conflict.base, sizeof conflict.base);
    read_text(&members, "head", conflict.head, sizeof conflict.head);
    read_text(&members, "operation", conflict.operation, sizeof conflict.operation);
    conflict.writer = read_writer(&writer);
    conflict.time = read_time(&members, "time");
    conflict.size = read_number(&members, "size", INT64_MAX);
    read_text(&members, "hash", conflict.hash, sizeof conflict.hash);
    conflict.retry_after_ms = (unsigned)read_number(&members, "retry_after_ms", UINT_MAX);
    conflict.sibling = read_optional_text(&members, "sibling");
    json_decref(object);
    if (members.failed || writer.failed) {
        occfs_conflict_release(&conflict);
        return -EPROTO;
    }
    *ret_conflict = conflict;
    return 0;
}

int description_token_fd(int fd, char ret_token[OCCFS_TOKEN_SIZE], bool *ret_made)
{
    struct occfs_version version;
    char *json;
    int error = attribute_get_fd(fd, "user.occ.commit", &json);
    if (error) return error;
    json_t *object = json_loads(json, 0, NULL);
    free(json);
    error = read_version(object, &version);
    if (!error) {
        strcpy(ret_token, version.token);
        *ret_made = json_is_true(json_object_get(object, "made"));
        occfs_version_release(&version);
    }
    json_decref(object);
    return error;
}
