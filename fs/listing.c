/* SPDX-License-Identifier: Apache-2.0 */

/* Directories. Listings need no state: an entry's position is a property of its name (dirent_record.h). */

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "dirent_record.h"
#include "history_list.h"
#include "operations.h"

/* Positions of the two entries that are not stored; a stored one is above them. */
enum { POSITION_DOT = 1, POSITION_DOT_DOT = 2 };

struct listing {
    fuse_req_t request;
    struct filesystem *fs;
    uint64_t directory;
    bool plus;
    char *bytes;
    size_t size;
    size_t used;
    uint64_t position;     /* of the last entry taken */
    size_t position_begin; /* where in bytes the entries of that position begin: a hash collision goes together */
};

/* false: it does not fit. */
static bool entry_add(struct listing *listing, const char *name, const struct fuse_entry_param *entry,
                      uint64_t position)
{
    char *at = listing->bytes + listing->used;
    size_t room = listing->size - listing->used;
    size_t needed = listing->plus ? fuse_add_direntry_plus(listing->request, at, room, name, entry, (off_t)position)
                                  : fuse_add_direntry(listing->request, at, room, name, &entry->attr, (off_t)position);
    if (needed > room) return false;
    listing->used += needed;
    return true;
}

static int entry_take(void *context, uint64_t position, struct slice name, const struct dirent_record *dirent)
{
    struct listing *listing = context;
    char text[NAME_MAX_BYTES + 1];
    snprintf(text, sizeof text, "%.*s", (int)name.size, (const char *)name.data);
    struct fuse_entry_param entry = {.attr = {.st_ino = dirent->ino, .st_mode = dirent->type}};
    if (listing->plus) {
        int error = view_lookup(listing->fs, 0, dirent->ino, listing->directory, text, &entry);
        if (error == ERR_NOENT) return 0; /* removed since the scan began */
        if (error) return error;
    }
    if (position != listing->position) listing->position_begin = listing->used;
    listing->position = position;
    if (entry_add(listing, text, &entry, position)) return 0;
    if (listing->plus) view_forget(listing->fs, entry.ino, 1);
    /* Entries of one position come together or the next listing would go on behind them. */
    listing->used = listing->position_begin;
    return 1;
}

static int dots_take(struct listing *listing, off_t offset, const struct inode *directory)
{
    struct fuse_entry_param entry = {.attr = {.st_ino = directory->ino, .st_mode = S_IFDIR}};
    if (offset < POSITION_DOT && !entry_add(listing, ".", &entry, POSITION_DOT)) return 1;
    entry.attr.st_ino = directory->parent;
    if (offset < POSITION_DOT_DOT && !entry_add(listing, "..", &entry, POSITION_DOT_DOT)) return 1;
    return 0;
}

static void list(fuse_req_t request, fuse_ino_t node, size_t size, off_t offset, bool plus)
{
    struct filesystem *fs = filesystem_of(request);
    if (view_is_history(&fs->views, node)) {
        history_list(request, fs, node, size, offset, plus);
        return;
    }
    struct listing listing = {
        .request = request, .fs = fs, .directory = view_ino(&fs->views, node), .plus = plus, .size = size};
    struct inode directory;
    int error = listing.directory ? inode_get(fs->store, listing.directory, &directory) : ERR_STALE;
    listing.bytes = malloc(size);
    if (!error && !listing.bytes) error = ERR_NOMEM;
    if (!error) error = dots_take(&listing, offset, &directory);
    uint64_t position = offset > POSITION_DOT_DOT ? (uint64_t)offset : POSITION_DOT_DOT;
    if (!error && directory.nlink > 0)
        error = dirent_scan(fs->store, listing.directory, position, entry_take, &listing);
    if (error == 0 && offset == 0) access_note(fs, node);
    if (error < 0) reply_error(request, error);
    else fuse_reply_buf(request, listing.bytes, listing.used);
    free(listing.bytes);
}

void op_opendir(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file_info)
{
    (void)node;
    (void)file_info;
    /* Not needed, and the kernel then keeps listings in its cache without asking again. */
    fuse_reply_err(request, error_errno(ERR_NOSYS));
}

void op_readdir(fuse_req_t request, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *file_info)
{
    (void)file_info;
    list(request, node, size, offset, false);
}

void op_readdirplus(fuse_req_t request, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *file_info)
{
    (void)file_info;
    list(request, node, size, offset, true);
}

void op_fsyncdir(fuse_req_t request, fuse_ino_t node, int data_only, struct fuse_file_info *file_info)
{
    (void)node;
    (void)data_only;
    (void)file_info;
    struct filesystem *fs = filesystem_of(request);
    workers_about_to_block(&fs->workers);
    reply_error(request, kv_sync(fs->store->kv));
}
