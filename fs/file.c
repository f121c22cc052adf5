/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"

#include <stdlib.h>
#include <string.h>

static struct handed_name **handed_name_link(struct file *file, uint64_t directory, const char *name)
{
    struct handed_name **link = &file->names;
    while (*link && ((*link)->directory != directory || strcmp((*link)->name, name) != 0))
        link = &(*link)->next;
    return link;
}

struct handed_name *handed_name_find(const struct file *file, uint64_t directory, const char *name)
{
    return *handed_name_link((struct file *)file, directory, name);
}

bool handed_name_add(struct file *file, uint64_t directory, const char *name)
{
    if (handed_name_find(file, directory, name)) return true;
    struct handed_name *handed = malloc(sizeof *handed);
    char *copy = strdup(name);
    if (!handed || !copy) {
        free(handed);
        free(copy);
        return false;
    }
    *handed = (struct handed_name){.directory = directory, .name = copy, .next = file->names};
    file->names = handed;
    return true;
}

void handed_name_remove(struct file *file, uint64_t directory, const char *name)
{
    struct handed_name **link = handed_name_link(file, directory, name);
    struct handed_name *handed = *link;
    if (!handed) return;
    *link = handed->next;
    free(handed->name);
    free(handed);
}

void handed_names_free(struct file *file)
{
    while (file->names)
        handed_name_remove(file, file->names->directory, file->names->name);
}
