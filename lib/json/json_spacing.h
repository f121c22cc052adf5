/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_JSON_SPACING_H
#define OCC_JSON_SPACING_H

#include "json_tree.h"

/*
 * How what stands in a tree is laid out, and so how what is new there should be. A value "stands on a line of its own" if a
 * line break is in the space before it. Line breaks are LF and CRLF.
 */

/* The space from its last line break (CRLF whole) on; empty if there is none. */
struct slice spacing_last_line(struct slice space);

/* The space at the beginning of the line on which a value of the tree begins. */
struct slice spacing_line_indent(const struct json_node *node);

/* The line break that the lines around a value end with; empty if the text has but one line. */
struct slice spacing_line_break(const struct json_node *node);

/* What comes between a comma and the next child; the container has one at least. */
struct slice spacing_between(const struct json_node *container);

/* What comes between key and value of a new member. */
struct slice spacing_colon(const struct json_node *object);

/* What comes before and behind the only child of a container that has none yet. Kept in the tree: ERR_NOMEM, ERR_TOOBIG. */
int spacing_only_child(struct json_tree *tree, const struct json_node *container, struct slice *ret_before,
                       struct slice *ret_after);

/*
 * Moves the lines of a value that has come from elsewhere to where it now is, and ends them as lines end there. Only if it
 * can be told from its last line how far they were indented there: else they stay as they are. ERR_NOMEM, ERR_TOOBIG.
 */
int spacing_settle(struct json_tree *tree, struct json_node *node);

#endif
