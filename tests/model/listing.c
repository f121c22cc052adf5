/* SPDX-License-Identifier: Apache-2.0 */
#include "listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool add(struct listing *listing, const struct dirent *entry)
{
    struct listing_entry *entries = realloc(listing->entries, (listing->count + 1) * sizeof *entries);
    if (!entries) return false;
    listing->entries = entries;
    struct listing_entry *last = &entries[listing->count++];
    strcpy(last->name, entry->d_name);
    last->type = entry->d_type;
    last->ino = entry->d_ino;
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct listing_entry *)a)->name, ((const struct listing_entry *)b)->name);
}

/* Goes back to where `from` entries had been read, and reads on from there while the entries are in order still. */
static void read_again(DIR *directory, long position, struct listing *listing, size_t from)
{
    seekdir(directory, position);
    for (size_t i = from; i <= listing->count; i++) {
        errno = 0;
        const struct dirent *entry = readdir(directory);
        const char *got = entry ? entry->d_name : errno ? strerrorname_np(errno) : "the end";
        const char *expected = i < listing->count ? listing->entries[i].name : "the end";
        if (strcmp(got, expected) == 0) continue;
        snprintf(listing->wrong, sizeof listing->wrong, "entry %zu of %zu was \"%s\", read again it is \"%s\"", i,
                 listing->count, expected, got);
        return;
    }
}

int listing_read(const char *path, struct listing *ret_listing)
{
    enum { REMEMBERED = 3 };
    struct listing listing = {0};
    DIR *directory = opendir(path);
    if (!directory) return errno;
    long position = -1;
    errno = 0;
    for (const struct dirent *entry; (entry = readdir(directory)); errno = 0) {
        if (!add(&listing, entry)) break;
        if (listing.count == REMEMBERED) position = telldir(directory);
    }
    int error = errno;
    if (!error && position >= 0) read_again(directory, position, &listing, REMEMBERED);
    closedir(directory);
    if (error) {
        listing_release(&listing);
        return error;
    }
    qsort(listing.entries, listing.count, sizeof *listing.entries, by_name);
    for (size_t i = 1; i < listing.count; i++)
        if (by_name(&listing.entries[i - 1], &listing.entries[i]) == 0)
            snprintf(listing.wrong, sizeof listing.wrong, "\"%s\" is listed twice", listing.entries[i].name);
    *ret_listing = listing;
    return 0;
}

void listing_release(struct listing *listing)
{
    free(listing->entries);
    *listing = (struct listing){0};
}
