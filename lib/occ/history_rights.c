/* SPDX-License-Identifier: Apache-2.0 */
#include "history_rights.h"

#include <string.h>
#include <sys/stat.h>

#include "acl.h"
#include "acl_record.h"
#include "xattr.h"

enum { R = 4, W = 2, X = 1, CLASSES_R = 0444, CLASSES_W = 0222, CLASSES_RX = 0555 };

uint32_t history_directory_mode(const struct history *history)
{
    uint32_t readers = history->now.mode & CLASSES_R;
    return S_IFDIR | readers | readers >> 2;
}

static uint16_t enter_or_nothing(uint16_t permissions)
{
    return permissions & R ? R | X : 0;
}

static uint16_t without_writing(uint16_t permissions)
{
    return (uint16_t)(permissions & ~W);
}

/* Changes the permissions of every entry. */
static int list_map(struct buffer *list, uint16_t (*map)(uint16_t permissions))
{
    struct acl acl;
    int error = acl_parse(buffer_slice(list), &acl);
    if (error) return error == ERR_INVAL ? ERR_DAMAGED : error;
    for (unsigned i = 0; i < acl.count; i++)
        acl.entries[i].permissions = map(acl.entries[i].permissions);
    buffer_clear(list);
    acl_encode(&acl, list);
    acl_release(&acl);
    return buffer_failed(list);
}

int history_directory_acl(struct store *store, const struct history *history, struct buffer *ret_list)
{
    if (hash128_is_zero(&history->now.acl)) return ERR_NODATA;
    int error = history->ino ? xattr_get(store, history->ino, SLICE_STRING(ACL_ACCESS_NAME), ret_list)
                             : acl_record_get(store, &history->now.acl, ret_list);
    return error ? error : list_map(ret_list, enter_or_nothing);
}

void history_rights_limit(const struct file_rights *limit, struct version *version)
{
    bool same_list = hash128_equal(&version->acl, &limit->acl);
    uint32_t granted = version->mode & limit->mode;
    if (version->uid != limit->uid) granted &= ~0700U;
    if (version->gid != limit->gid || !same_list) granted &= ~0070U;
    if (!same_list) version->acl = (struct hash128){0};
    version->mode = (version->mode & ~0777U) | (granted & 0777);
}

static bool writable(const struct history *history, const struct version *version)
{
    const struct file_rights *now = &history->now;
    return history->ino && !version->abandoned && version->uid == now->uid && version->gid == now->gid &&
           hash128_equal(&version->acl, &now->acl);
}

uint32_t history_version_mode(const struct history *history, const struct version *version)
{
    uint32_t writers = writable(history, version) ? history->now.mode & CLASSES_W : 0;
    return S_IFREG | (version->mode & CLASSES_RX) | writers;
}

int history_version_acl(struct store *store, const struct history *history, const struct version *version,
                        struct buffer *ret_list)
{
    if (hash128_is_zero(&version->acl)) return ERR_NODATA;
    int error = acl_record_get(store, &version->acl, ret_list);
    if (error || writable(history, version)) return error;
    return list_map(ret_list, without_writing);
}
