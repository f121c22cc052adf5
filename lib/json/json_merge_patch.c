/* SPDX-License-Identifier: Apache-2.0 */
#include "json_merge_patch.h"

#include "json_apply.h"
#include "json_edit.h"
#include "json_members.h"
#include "json_pointer.h"
#include "json_value.h"

struct merge {
    struct json_tree *tree;
    const struct json_tree *patch;
    struct json_error *error;
};

/* An error about a member of the patch, with its path. */
static int wrong_member(const struct merge *merge, enum json_error_kind kind, const struct json_node *member,
                        const char *what)
{
    struct buffer path = {0};
    json_pointer_write(member, &path);
    int error = buffer_failed(&path);
    if (!error) {
        size_t offset =
            (size_t)((const uint8_t *)member->member->key_text.data - (const uint8_t *)merge->patch->text.data);
        error = json_error_at(merge->error, kind, merge->patch->text, offset, "%.*s %s",
                              json_error_width(buffer_slice(&path)), (const char *)path.data, what);
    }
    buffer_release(&path);
    return error;
}

/* ---- values that are new as a whole ---- */

static int check_repeated(const struct merge *merge, const struct json_node *object)
{
    struct json_members members;
    int error = json_members_init(&members, object);
    if (!error && members.repeated_count > 0)
        error = wrong_member(merge, JSON_MALFORMED_PATCH, members.repeated[0].node, "is in the patch twice");
    json_members_release(&members);
    return error;
}

/* Of a copy of `patch`: takes out what is null, in objects within objects, and refuses keys that are there twice. */
static int strip(const struct merge *merge, const struct json_node *patch, struct json_node *copy)
{
    if (patch->kind != JSON_OBJECT) return 0;
    int error = check_repeated(merge, patch);
    const struct json_node *member = patch->first;
    for (struct json_node *child = copy->first, *next; !error && child; child = next, member = member->next) {
        next = child->next;
        if (child->kind == JSON_NULL) json_edit_remove(child);
        else error = strip(merge, member, child);
    }
    return error;
}

static int copy_stripped(const struct merge *merge, const struct json_node *patch, struct json_node **ret_copy)
{
    struct json_node *copy;
    int error = json_tree_copy(merge->tree, patch, &copy);
    if (!error) error = strip(merge, patch, copy);
    if (!error) *ret_copy = copy;
    return error;
}

/* ---- the merge ---- */

static int merge_value(const struct merge *merge, struct json_node *target, const struct json_node *patch);

static int replace(const struct merge *merge, struct json_node *target, const struct json_node *patch)
{
    struct json_node *copy;
    bool equal = false;
    int error = patch->kind == JSON_OBJECT ? 0 : json_value_equal(target, patch, &equal);
    if (error || equal) return error;
    error = copy_stripped(merge, patch, &copy);
    return error ? error : json_edit_replace(merge->tree, target, copy);
}

static int append(const struct merge *merge, struct json_node *object, const struct json_node *member)
{
    struct json_node *copy;
    int error = copy_stripped(merge, member, &copy);
    if (error) return error;
    return json_edit_append(merge->tree, object, member->member->key, member->member->key_text, copy);
}

/* What the patch's members do to those of the target: first all that is to be there, then what is not, so that what comes
 * into an object in place of what goes is laid out as that was. */
static int merge_members(const struct merge *merge, const struct json_members *members, struct json_node *target,
                         const struct json_node *patch, bool removing)
{
    int error = 0;
    for (const struct json_node *member = patch->first; !error && member; member = member->next) {
        struct json_node *found = json_members_find(members, member->member->key);
        if (removing != (member->kind == JSON_NULL)) continue;
        if (removing && found) json_edit_remove(found);
        else if (found) error = merge_value(merge, found, member);
        else if (!removing) error = append(merge, target, member);
    }
    return error;
}

/* Refuses a patch of a key that the target has twice. */
static int check_target(const struct merge *merge, const struct json_members *members, const struct json_node *patch)
{
    if (members->repeated_count == 0) return 0;
    for (const struct json_node *member = patch->first; member; member = member->next)
        if (json_members_repeats(members, member->member->key))
            return wrong_member(merge, JSON_AMBIGUOUS, member, "is ambiguous: it is in the document twice");
    return 0;
}

static int merge_value(const struct merge *merge, struct json_node *target, const struct json_node *patch)
{
    if (patch->kind != JSON_OBJECT || target->kind != JSON_OBJECT) return replace(merge, target, patch);
    struct json_members members = {0};
    int error = check_repeated(merge, patch);
    if (!error) error = json_members_init(&members, target);
    if (!error) error = check_target(merge, &members, patch);
    if (!error) error = merge_members(merge, &members, target, patch, false);
    if (!error) error = merge_members(merge, &members, target, patch, true);
    json_members_release(&members);
    return error;
}

static int merge_document(struct json_tree *tree, const struct json_tree *patch, struct json_error *error)
{
    const struct merge merge = {.tree = tree, .patch = patch, .error = error};
    return merge_value(&merge, tree->root, patch->root);
}

int json_merge_patch_apply(struct slice document, struct slice patch, struct buffer *ret_document,
                           struct json_error *ret_error)
{
    struct json_tree tree;
    int error = json_tree_parse(&tree, patch, ret_error);
    if (error == ERR_INVAL) ret_error->kind = JSON_BAD_PATCH;
    if (error) return error;
    error = json_apply(document, &tree, merge_document, ret_document, ret_error);
    json_tree_release(&tree);
    if (error != ERR_TOOBIG) return error;
    return json_error_at(ret_error, JSON_TOO_BIG, patch, 0,
                         "the result would be larger than %d MiB, or take more memory than allowed",
                         JSON_TEXT_MAX >> 20);
}
