/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_ACL_H
#define OCC_ACL_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"

/*
 * POSIX access control lists (the withdrawn POSIX 1003.1e draft 17, as acl(5) describes), in memory and in the format of the
 * attributes system.posix_acl_access and system.posix_acl_default (linux/posix_acl_xattr.h: u32 version 2, then u16 tag, u16
 * permissions, u32 id for each entry, all little-endian). The kernel checks permissions; this keeps lists and mode bits in
 * step.
 */
#define ACL_ACCESS_NAME "system.posix_acl_access"
#define ACL_DEFAULT_NAME "system.posix_acl_default"

/* In the order in which entries stand. The numbers are the format's. */
enum acl_tag {
    ACL_USER_OBJ = 0x01,
    ACL_USER = 0x02,
    ACL_GROUP_OBJ = 0x04,
    ACL_GROUP = 0x08,
    ACL_MASK = 0x10,
    ACL_OTHER = 0x20,
};

enum { ACL_ENTRIES_MAX = 4000 }; /* one record holds it */

struct acl_entry {
    uint16_t tag;
    uint16_t permissions; /* rwx as in a mode's lowest bits */
    uint32_t id;          /* of USER and GROUP */
};

struct acl {
    struct acl_entry *entries; /* owned */
    uint16_t count;
};

void acl_release(struct acl *acl);

/* ERR_INVAL for what is no valid list: entries in order, one each of USER_OBJ, GROUP_OBJ and OTHER, a MASK where there is a USER or GROUP. */
int acl_parse(struct slice value, struct acl *ret_acl);
void acl_encode(const struct acl *acl, struct buffer *value);

/* The permission bits that a file with this list has: the mask, if there is one, is what the group bits show. */
uint32_t acl_permissions(const struct acl *acl);
/* Whether the permission bits say it all. */
bool acl_is_minimal(const struct acl *acl);

/* What chmod does to the list. */
void acl_chmod(struct acl *acl, uint32_t permissions);

/* The list of a new file, which inherits this default list and is created with `mode`: takes away what the mode does not grant. The
 * new file's permission bits are those of the result. */
void acl_create(struct acl *acl, uint32_t mode);

#endif
