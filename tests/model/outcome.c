/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool outcome_init(struct outcome *outcome)
{
    *outcome = (struct outcome){.data = malloc(OUTCOME_MAX)};
    return outcome->data;
}

void outcome_release(struct outcome *outcome)
{
    free(outcome->data);
    outcome->data = NULL;
}

void outcome_clear(struct outcome *outcome)
{
    *outcome = (struct outcome){.data = outcome->data};
}

void outcome_set(struct outcome *outcome, int64_t result)
{
    outcome->error = result < 0 ? errno : 0;
    outcome->result = result;
}

void outcome_say(struct outcome *outcome, const char *format, ...)
{
    size_t left = OUTCOME_MAX - outcome->size;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf((char *)outcome->data + outcome->size, left, format, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t)length < left) outcome->size += (size_t)length;
    outcome->is_text = true;
}

static const char *result_text(const struct outcome *outcome, char text[64])
{
    if (outcome->error) snprintf(text, 64, "%s", strerrorname_np(outcome->error));
    else snprintf(text, 64, "%lld", (long long)outcome->result);
    return text;
}

static bool complain_about_data(const struct outcome *plain, const struct outcome *mount, struct complaint *complaint)
{
    if (plain->is_text || mount->is_text)
        return complain(complaint, "text", "expected:\n%.*s\nthe mount says:\n%.*s", (int)plain->size, plain->data,
                        (int)mount->size, mount->data);
    if (plain->size != mount->size)
        return complain(complaint, "length", "expected %zu bytes, the mount gives %zu", plain->size, mount->size);
    size_t at = 0, wrong = 0;
    while (at < plain->size && plain->data[at] == mount->data[at])
        at++;
    for (size_t i = at; i < plain->size; i++)
        wrong += plain->data[i] != mount->data[i];
    return complain(complaint, "data", "%zu of %zu bytes are wrong, from byte %zu: expected %02x, the mount gives %02x",
                    wrong, plain->size, at, plain->data[at], mount->data[at]);
}

bool outcome_same(const struct outcome *plain, const struct outcome *mount, struct complaint *complaint)
{
    char expected[64], got[64];
    if (plain->result != mount->result || plain->error != mount->error)
        return complain(complaint, "result", "expected %s, the mount returns %s", result_text(plain, expected),
                        result_text(mount, got));
    if (plain->size != mount->size || memcmp(plain->data, mount->data, plain->size) != 0)
        return complain_about_data(plain, mount, complaint);
    return true;
}
