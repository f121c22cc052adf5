/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_OCC_ATTRIBUTES_H
#define OCC_OCC_ATTRIBUTES_H

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

#include "version.h"

struct filesystem;

/*
 * What can be read of user.occ.*, the attributes that are occfs's interface for scripts; all others of these names are absent.
 * By path they speak of the head, through a descriptor of the version which that shows. What can be set of them is in
 * xattrs.c and draft_attributes.c; everything else is ERR_PERM there.
 */
#define OCC_ATTRIBUTES "user.occ."
#define OCC_VERSION_ATTRIBUTE "user.occ.version"
#define OCC_POLICY_ATTRIBUTE "user.occ.policy"
#define OCC_MESSAGE_ATTRIBUTE "user.occ.message"
#define OCC_REQUEST_ATTRIBUTE "user.occ.request"
#define OCC_RESOLVES_ATTRIBUTE "user.occ.resolves"
#define OCC_DISCARD_ATTRIBUTE "user.occ.discard"

/* Appends the value. ERR_NODATA when the file has no such attribute, ERR_STALE for a node that names nothing. */
int occ_attribute_get(struct filesystem *fs, fuse_ino_t node, const char *name, struct buffer *value);

/* The same of one version, whatever shows it: ERR_NODATA for what is the file's. */
int occ_attribute_of_version(struct store *store, const struct version *version, const char *name,
                             struct buffer *value);

/* Appends the names, each with a NUL, of those that copies shall carry along. */
void occ_attributes_list(struct filesystem *fs, fuse_ino_t node, struct buffer *names);

#endif
