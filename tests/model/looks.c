/* SPDX-License-Identifier: Apache-2.0 */
#include "looks.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "kinds.h"
#include "session.h"

/* Fills `parent` with the directory that the path's last name is in. */
static void parent_of(const char *path, char parent[PATH_MAX])
{
    snprintf(parent, PATH_MAX, "%s", path);
    size_t length = strlen(parent);
    while (length > 0 && parent[length - 1] == '/')
        length--;
    while (length > 0 && parent[length - 1] != '/')
        length--;
    if (length == 0) strcpy(parent, ".");
    else parent[length] = '\0';
}

static void look_at_path(struct looks *looks, unsigned index, const char *path, bool follow, enum which_side which)
{
    looks->facts[index][which] = facts_of_path(path, follow);
    snprintf(looks->objects[index], sizeof looks->objects[index], "\"%.200s\"", path);
    looks->taken[index] = looks->by_path[index] = true;
}

static void look_at_slots(struct looks *looks, unsigned index, const struct side *side,
                          const struct operation *operation, enum which_side which)
{
    size_t number = 0;
    for (const char *letter = operation->kind->arguments; *letter; letter++) {
        if (is_path_letter(*letter)) continue;
        int64_t slot = operation->number[number++];
        if (*letter != 's' || index >= LOOKS_MAX) continue;
        if (side->slots[slot] >= 0) {
            looks->facts[index][which] = facts_of_descriptor(side->slots[slot]);
            snprintf(looks->objects[index], sizeof looks->objects[index], "descriptor %d", (int)slot);
            looks->taken[index] = true;
        }
        index++;
    }
}

void looks_take(struct looks *looks, const struct session *session, const struct operation *operation)
{
    char parent[PATH_MAX];
    *looks = (struct looks){0};
    for (unsigned which = 0; which < SIDES; which++) {
        unsigned index = 0;
        side_enter(&session->sides[which]);
        for (size_t i = 0; i < PATHS_MAX && operation->path[i]; i++) {
            parent_of(operation->path[i], parent);
            look_at_path(looks, index++, operation->path[i], false, which);
            look_at_path(looks, index++, operation->path[i], true, which);
            look_at_path(looks, index++, parent, true, which);
        }
        look_at_slots(looks, index, &session->sides[which], operation, which);
    }
}

bool looks_agree(const struct looks *before, const struct looks *after, struct session *session,
                 const struct operation *operation, struct complaint *complaint)
{
    /* ext4 leaves ctime alone when the value is the same as before. */
    bool may_move = kind_is(operation, "setxattr") || kind_is(operation, "fsetxattr");
    for (unsigned i = 0; i < LOOKS_MAX; i++) {
        const struct facts *facts = after->facts[i];
        if (!after->taken[i]) continue;
        bool hidden = after->by_path[i] && rules_has_draft(&session->rules, facts[PLAIN].status.st_ino);
        if (!facts_same(&facts[PLAIN], &facts[MOUNT], hidden ? IGNORE_CONTENT : 0, after->objects[i], complaint) ||
            !inodes_match(&session->inodes, &facts[PLAIN], &facts[MOUNT], after->objects[i], complaint))
            return false;
        if (before->taken[i] && !hidden && session->place->fine_times &&
            !facts_moved_alike(before->facts[i], facts, may_move, after->objects[i], complaint))
            return false;
    }
    return true;
}
