/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_CONTENT_H
#define MODEL_CONTENT_H

#include "complaint.h"

/*
 * Whether two descriptors, open for reading, give the same bytes. Where the plain file has a large hole only its ends are
 * looked at. `descriptors` are the plain one and that on the mount; their positions move.
 */
bool content_same(const int descriptors[2], const char *object, struct complaint *complaint);

#endif
