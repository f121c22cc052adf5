/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_SIDE_H
#define MODEL_SIDE_H

#include <stdbool.h>
#include <stddef.h>

enum { SLOTS = 6 };
enum which_side { PLAIN, MOUNT, SIDES };

/*
 * One of the two trees on which everything is done: the plain directory, which is right, or the mount. Scripts know
 * descriptors by slot; the same slots are open on both sides.
 */
struct side {
    const char *name;
    int root;         /* descriptor of the directory in which relative paths begin */
    int slots[SLOTS]; /* descriptors, or -1 */
};

/* Makes base/name/ and base/name/root/, where the operations happen: what one ".." leads to is compared, too. */
bool side_make(const char *base, const char *name);
/* A side with nothing open. */
struct side side_none(const char *label);
/* Opens what side_make made. */
bool side_init(struct side *side, const char *base, const char *name);
/* Closes what is open. */
void side_release(struct side *side);
/* Makes the side's root the working directory. */
void side_enter(const struct side *side);
/* Removes base/name and all that is in it. */
void side_remove(const char *base, const char *name);

#endif
