/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The last `@@` that has a version behind it, and not another component of the path. */
static const char *find_version(const char *text)
{
    const char *found = NULL;
    for (const char *at = strstr(text, "@@"); at; at = strstr(at + 1, "@@"))
        if (at > text && at[-1] != '/') found = at;
    if (!found) return NULL;
    const char *version = found + 2 + (found[2] == '/');
    return strchr(version, '/') ? NULL : found;
}

int place_init(struct place *place, const char *text)
{
    const char *at = find_version(text);
    *place = (struct place){.text = text};
    place->file = at ? strndup(text, (size_t)(at - text)) : strdup(text);
    if (!place->file) return -ENOMEM;
    if (!at) return 0;
    const char *version = at + 2 + (at[2] == '/');
    place->version = *version ? strdup(version) : NULL;
    if (place->version) return 0;
    int error = *version ? -ENOMEM : -EINVAL;
    place_release(place);
    return error;
}

void place_release(struct place *place)
{
    free(place->file);
    free(place->version);
    place->file = place->version = NULL;
}

int place_open(const struct place *place)
{
    if (place->version) return occfs_version_open(AT_FDCWD, place->file, place->version);
    int fd = open(place->file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return fd < 0 ? -errno : fd;
}
