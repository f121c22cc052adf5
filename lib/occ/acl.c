/* SPDX-License-Identifier: Apache-2.0 */
#include "acl.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

enum { FORMAT = 2, HEADER_SIZE = 4, ENTRY_SIZE = 8, NO_ID = -1 };

void acl_release(struct acl *acl)
{
    free(acl->entries);
    *acl = (struct acl){0};
}

static bool names_an_id(uint16_t tag)
{
    return tag == ACL_USER || tag == ACL_GROUP;
}

static bool is_valid(const struct acl *acl)
{
    unsigned seen = 0;
    for (unsigned i = 0; i < acl->count; i++) {
        const struct acl_entry *entry = &acl->entries[i];
        bool one_tag = entry->tag != 0 && (entry->tag & (entry->tag - 1)) == 0 && entry->tag <= ACL_OTHER;
        if (!one_tag || entry->permissions > 7) return false;
        if (i > 0 && entry->tag < acl->entries[i - 1].tag) return false;
        if ((seen & entry->tag) && !names_an_id(entry->tag)) return false;
        if (names_an_id(entry->tag) && entry->id == (uint32_t)NO_ID) return false;
        seen |= entry->tag;
    }
    const unsigned needed = ACL_USER_OBJ | ACL_GROUP_OBJ | ACL_OTHER;
    return (seen & needed) == needed && (!(seen & (ACL_USER | ACL_GROUP)) || (seen & ACL_MASK));
}

static struct acl_entry entry_decode(const uint8_t *bytes)
{
    uint16_t tag, permissions;
    uint32_t id;
    memcpy(&tag, bytes, sizeof tag);
    memcpy(&permissions, bytes + 2, sizeof permissions);
    memcpy(&id, bytes + 4, sizeof id);
    return (struct acl_entry){.tag = le16toh(tag), .permissions = le16toh(permissions), .id = le32toh(id)};
}

int acl_parse(struct slice value, struct acl *ret_acl)
{
    uint32_t format;
    if (value.size < HEADER_SIZE || (value.size - HEADER_SIZE) % ENTRY_SIZE != 0) return ERR_INVAL;
    size_t count = (value.size - HEADER_SIZE) / ENTRY_SIZE;
    memcpy(&format, value.data, sizeof format);
    if (le32toh(format) != FORMAT || count == 0 || count > ACL_ENTRIES_MAX) return ERR_INVAL;
    struct acl acl = {.entries = malloc(count * sizeof *acl.entries), .count = (uint16_t)count};
    if (!acl.entries) return ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        acl.entries[i] = entry_decode((const uint8_t *)value.data + HEADER_SIZE + i * ENTRY_SIZE);
    if (!is_valid(&acl)) {
        acl_release(&acl);
        return ERR_INVAL;
    }
    *ret_acl = acl;
    return 0;
}

void acl_encode(const struct acl *acl, struct buffer *value)
{
    const uint32_t format = htole32(FORMAT);
    buffer_append(value, SLICE(&format, sizeof format));
    for (unsigned i = 0; i < acl->count; i++) {
        const struct acl_entry *entry = &acl->entries[i];
        const uint16_t tag = htole16(entry->tag), permissions = htole16(entry->permissions);
        const uint32_t id = htole32(names_an_id(entry->tag) ? entry->id : (uint32_t)NO_ID);
        buffer_append(value, SLICE(&tag, sizeof tag));
        buffer_append(value, SLICE(&permissions, sizeof permissions));
        buffer_append(value, SLICE(&id, sizeof id));
    }
}

static struct acl_entry *find(const struct acl *acl, enum acl_tag tag)
{
    for (unsigned i = 0; i < acl->count; i++)
        if (acl->entries[i].tag == tag) return &acl->entries[i];
    return NULL;
}

/* The entry that the group bits of the mode show. */
static struct acl_entry *group_class(const struct acl *acl)
{
    struct acl_entry *mask = find(acl, ACL_MASK);
    return mask ? mask : find(acl, ACL_GROUP_OBJ);
}

uint32_t acl_permissions(const struct acl *acl)
{
    return (uint32_t)find(acl, ACL_USER_OBJ)->permissions << 6 | (uint32_t)group_class(acl)->permissions << 3 |
           find(acl, ACL_OTHER)->permissions;
}

bool acl_is_minimal(const struct acl *acl)
{
    return acl->count == 3;
}

void acl_chmod(struct acl *acl, uint32_t permissions)
{
    find(acl, ACL_USER_OBJ)->permissions = permissions >> 6 & 7;
    group_class(acl)->permissions = permissions >> 3 & 7;
    find(acl, ACL_OTHER)->permissions = permissions & 7;
}

void acl_create(struct acl *acl, uint32_t mode)
{
    acl_chmod(acl, acl_permissions(acl) & mode);
}
