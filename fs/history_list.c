/* SPDX-License-Identifier: Apache-2.0 */

/* The listing of `f@@`. It needs no state: an entry's position says which version it is. */
#include "history_list.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "filesystem.h"
#include "history_name.h"
#include "history_view.h"

/* The two entries that are no versions come first; what writers left that were killed is listed up to KILLED_MAX at one version. */
enum {
    POSITION_DOT = 1,
    POSITION_DOT_DOT = 2,
    POSITION_FIRST = 3,
    KILLED_BITS = 12,
    KILLED_MAX = (1 << KILLED_BITS) - 1
};

struct history_listing {
    fuse_req_t request;
    struct filesystem *fs;
    const struct history_place *place;
    bool plus;
    char *bytes;
    size_t size, used;
};

/* false: it does not fit. */
static bool entry_add(struct history_listing *listing, const char *name, const struct fuse_entry_param *entry,
                      off_t position)
{
    char *at = listing->bytes + listing->used;
    size_t room = listing->size - listing->used;
    size_t needed = listing->plus ? fuse_add_direntry_plus(listing->request, at, room, name, entry, position)
                                  : fuse_add_direntry(listing->request, at, room, name, &entry->attr, position);
    if (needed > room) return false;
    listing->used += needed;
    return true;
}

static int take(void *context, const struct version *version, unsigned killed)
{
    struct history_listing *listing = context;
    if (killed > KILLED_MAX) return 0;
    char name[HISTORY_ENTRY_SIZE];
    const struct history_entry version_entry = {.version = *version, .killed = killed};
    struct fuse_entry_param entry = {.attr = {.st_mode = S_IFREG}};
    off_t position = (off_t)((version->id.ordinal << KILLED_BITS) + killed + POSITION_FIRST);
    history_entry_name(version->id.ordinal, killed, name);
    int error = history_entry_view(listing->fs, listing->place, &version_entry, &entry);
    if (error) return error;
    /* Looked up one by one for `ls -l`, ten thousand of them must not be asked for again. */
    entry.entry_timeout = entry.attr_timeout = HISTORY_TIMEOUT;
    bool fits = entry_add(listing, name, &entry, position);
    if (!fits || !listing->plus) view_forget(listing->fs, entry.ino, 1);
    return !fits;
}

static int dots_take(struct history_listing *listing, off_t offset)
{
    struct fuse_entry_param entry = {.attr = {.st_ino = listing->place->directory, .st_mode = S_IFDIR}};
    if (offset < POSITION_DOT && !entry_add(listing, ".", &entry, POSITION_DOT)) return 1;
    return offset < POSITION_DOT_DOT && !entry_add(listing, "..", &entry, POSITION_DOT_DOT);
}

/* From the kernel's cache. */
static void listing_drop(struct filesystem *fs, fuse_ino_t node)
{
    struct expiry expiry;
    expiry_init(&expiry, fs);
    expiry_add_directory(&expiry, node);
    expiry_run(&expiry);
}

void history_list(fuse_req_t request, struct filesystem *fs, fuse_ino_t node, size_t size, off_t offset, bool plus)
{
    struct history_place place;
    struct history_listing listing = {.request = request, .fs = fs, .place = &place, .plus = plus, .size = size};
    uint64_t ordinal = 0;
    unsigned killed = 0;
    if (offset >= POSITION_FIRST) {
        uint64_t last = (uint64_t)offset - POSITION_FIRST;
        ordinal = last >> KILLED_BITS;
        killed = (unsigned)(last & KILLED_MAX) + 1;
    }
    int error = history_place_of(fs, node, &place);
    listing.bytes = malloc(size);
    if (!error && !listing.bytes) error = ERR_NOMEM;
    if (!error) error = dots_take(&listing, offset);
    if (!error) error = history_scan(fs->store, &place.history.head, ordinal, killed, take, &listing);
    if (error < 0) fuse_reply_err(request, error_errno(error));
    else fuse_reply_buf(request, listing.bytes, listing.used);
    free(listing.bytes);
    /* Whoever lists it next shall ask: for what is there then, and for all attributes at once if he looks at them. */
    if (!error && listing.used == 0) listing_drop(fs, node);
}
