/* SPDX-License-Identifier: Apache-2.0 */
#include "json_spacing.h"

#include <string.h>

static const struct slice nothing = {"", 0}, one_space = {" ", 1}, two_spaces = {"  ", 2};

static struct slice behind(struct slice space, size_t offset)
{
    return SLICE((const uint8_t *)space.data + offset, space.size - offset);
}

static bool has_line_break(struct slice space)
{
    return space.size > 0 && memchr(space.data, '\n', space.size);
}

struct slice spacing_last_line(struct slice space)
{
    const uint8_t *at = space.size > 0 ? memrchr(space.data, '\n', space.size) : NULL;
    if (!at) return nothing;
    size_t offset = (size_t)(at - (const uint8_t *)space.data);
    return behind(space, offset > 0 && at[-1] == '\r' ? offset - 1 : offset);
}

/* What is behind the line break of a last line. */
static struct slice indent_of(struct slice last_line)
{
    const uint8_t *bytes = last_line.data;
    return last_line.size == 0 ? nothing : behind(last_line, bytes[0] == '\r' ? 2 : 1);
}

/* The innermost that stands on a line of its own, of a value and what it is in; the root if none does. */
static const struct json_node *line_owner(const struct json_node *node)
{
    while (node->parent && !has_line_break(node->before))
        node = node->parent;
    return node;
}

struct slice spacing_line_indent(const struct json_node *node)
{
    return indent_of(spacing_last_line(line_owner(node)->before));
}

struct slice spacing_line_break(const struct json_node *node)
{
    node = line_owner(node);
    struct slice line = spacing_last_line(node->before);
    if (line.size == 0) line = spacing_last_line(node->after);
    return line.size == 0 ? nothing : SLICE(line.data, *(const uint8_t *)line.data == '\r' ? 2 : 1);
}

/* The colon of the member that the value is, or is in, if it stands on one line. */
static struct slice colon_around(const struct json_node *node)
{
    while (node && !node->member)
        node = node->parent;
    return !node || has_line_break(node->member->colon) ? nothing : node->member->colon;
}

static struct slice colon_in_or_around(const struct json_node *container)
{
    bool inside = container->kind == JSON_OBJECT && container->last;
    return colon_around(inside ? container->last : container);
}

static bool ends_in_space(struct slice colon)
{
    return colon.size > 0 && ((const uint8_t *)colon.data)[colon.size - 1] != ':';
}

struct slice spacing_between(const struct json_node *container)
{
    struct slice before = container->last->before;
    /* Blank lines set groups apart; what is new joins the group before it. */
    if (has_line_break(before)) return spacing_last_line(before);
    if (container->count == 1 && ends_in_space(colon_in_or_around(container))) return one_space;
    return before;
}

struct slice spacing_colon(const struct json_node *object)
{
    struct slice colon = colon_in_or_around(object);
    if (colon.size > 0) return colon;
    return has_line_break(object->text) ? SLICE(": ", 2) : SLICE(":", 1);
}

/* ---- the first child ---- */

/* By how much a container's children are indented deeper than it: as much as it, or what it is in, is deeper than what is
 * around that. */
static struct slice indent_unit(const struct json_node *container)
{
    for (const struct json_node *node = line_owner(container); node->parent; node = line_owner(node->parent)) {
        struct slice own = spacing_line_indent(node), outer = spacing_line_indent(node->parent);
        if (own.size >= outer.size && slice_equal(SLICE(own.data, outer.size), outer)) return behind(own, outer.size);
    }
    return two_spaces;
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* The space behind a container's opening bracket and before its closing one, as it was parsed. */
static void parsed_spacing(const struct json_node *container, struct slice *ret_before, struct slice *ret_after)
{
    const uint8_t *first = (const uint8_t *)container->text.data + 1, *last = first + container->text.size - 2;
    const uint8_t *before = first, *after = last;
    while (before < last && is_space(*before))
        before++;
    while (after > first && is_space(after[-1]))
        after--;
    *ret_before = SLICE(first, (size_t)(before - first));
    *ret_after = SLICE(after, (size_t)(last - after));
}

int spacing_only_child(struct json_tree *tree, const struct json_node *container, struct slice *ret_before,
                       struct slice *ret_after)
{
    struct slice before, after, line, unit = indent_unit(container);
    parsed_spacing(container, &before, &after);
    /* Where children were until they were removed, what they had shows how it is to be, but not how deep it is now. */
    line = container->changed ? SLICE("", 0) : spacing_last_line(after);
    if (line.size == 0 && container->parent) line = spacing_last_line(container->before);
    if (line.size > 0) {
        uint8_t *joined;
        int error = json_arena_take(&tree->arena, line.size + unit.size, &joined);
        if (error) return error;
        memcpy(joined, line.data, line.size);
        if (unit.size > 0) memcpy(joined + line.size, unit.data, unit.size);
        before = SLICE(joined, line.size + unit.size);
        after = line;
    }
    *ret_before = before;
    *ret_after = after;
    return 0;
}

/* ---- what comes from elsewhere ---- */

struct settling {
    struct json_tree *tree;
    struct slice from, to;   /* what the lines begin with, and are to begin with */
    struct slice line_break; /* what they are to end with; empty: as they do */
    struct buffer line;      /* scratch */
};

/* Where the innermost last container has its closing bracket on a line of its own: that line's indentation was the value's. */
static bool indent_of_value(const struct json_node *node, struct slice *ret_indent)
{
    for (; node->last; node = node->last) {
        struct slice line = spacing_last_line(node->last->after);
        if (line.size == 0) continue;
        *ret_indent = indent_of(line);
        return true;
    }
    return false;
}

static void append_indent(struct settling *settling, struct slice indent)
{
    struct slice from = settling->from;
    bool deeper = indent.size >= from.size && slice_equal(SLICE(indent.data, from.size), from);
    if (deeper) buffer_append(&settling->line, settling->to);
    buffer_append(&settling->line, deeper ? behind(indent, from.size) : indent);
}

static int settle_space(struct settling *settling, struct slice *space)
{
    const uint8_t *bytes = space->data;
    if (!has_line_break(*space)) return 0;
    buffer_clear(&settling->line);
    size_t last = 0;
    for (size_t i = 0; i < space->size; i++) {
        if (bytes[i] != '\n') continue;
        size_t end = i > last && bytes[i - 1] == '\r' ? i - 1 : i;
        buffer_append(&settling->line, SLICE(bytes + last, end - last));
        buffer_append(&settling->line,
                      settling->line_break.size > 0 ? settling->line_break : SLICE(bytes + end, i + 1 - end));
        last = i + 1;
    }
    append_indent(settling, behind(*space, last));
    int error = buffer_failed(&settling->line);
    return error ? error : json_tree_keep(settling->tree, buffer_slice(&settling->line), space);
}

static int settle_children(struct settling *settling, struct json_node *node)
{
    if (!node->changed && !has_line_break(node->text)) return 0;
    for (struct json_node *child = node->first; child; child = child->next) {
        int error = settle_space(settling, &child->before);
        if (!error && child->member) error = settle_space(settling, &child->member->colon);
        if (!error) error = settle_children(settling, child);
        if (!error) error = settle_space(settling, &child->after);
        if (error) return error;
    }
    node->changed = true;
    return 0;
}

int spacing_settle(struct json_tree *tree, struct json_node *node)
{
    struct settling settling = {.tree = tree, .to = spacing_line_indent(node), .line_break = spacing_line_break(node)};
    if (!indent_of_value(node, &settling.from)) return 0;
    int error = settle_children(&settling, node);
    buffer_release(&settling.line);
    return error;
}
