/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_DRAW_H
#define MODEL_DRAW_H

#include "abilities.h"
#include "operation.h"
#include "random_numbers.h"

/* A random operation. It depends on the numbers and the abilities alone; whether it can be done now, rules.h says. */
struct operation draw_operation(struct random_numbers *numbers, const struct abilities *abilities);

#endif
