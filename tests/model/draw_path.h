/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_DRAW_PATH_H
#define MODEL_DRAW_PATH_H

#include <stdbool.h>

#include "random_numbers.h"

/*
 * A path of a few names out of a few, so that most of them meet something. `letter`: of what it mostly is (operation.h).
 * `target`: for a symlink; such a path has no ".." in it, so that nothing leads out of the subtree. Allocated.
 */
char *draw_path(struct random_numbers *numbers, char letter, bool target);

#endif
