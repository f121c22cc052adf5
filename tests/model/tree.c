/* SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "content.h"
#include "listing.h"
#include "session.h"
#include "xattrs.h"

struct walk {
    struct session *session;
    struct complaint *complaint;
};

static void enter(const struct walk *walk, enum which_side which)
{
    side_enter(&walk->session->sides[which]);
}

static bool compare_content(const struct walk *walk, const char *path)
{
    int descriptors[SIDES] = {-1, -1};
    bool good = true;
    for (unsigned which = 0; good && which < SIDES; which++) {
        enter(walk, which);
        descriptors[which] = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        if (descriptors[which] < 0)
            good = complain(walk->complaint, "open", "%s: cannot be opened on the %s: %s", path,
                            walk->session->sides[which].name, strerrorname_np(errno));
    }
    if (good) good = content_same(descriptors, path, walk->complaint);
    for (unsigned which = 0; which < SIDES; which++)
        if (descriptors[which] >= 0) close(descriptors[which]);
    return good;
}

static bool compare_target(const struct walk *walk, const char *path)
{
    char targets[SIDES][PATH_MAX] = {"", ""};
    for (unsigned which = 0; which < SIDES; which++) {
        enter(walk, which);
        if (readlink(path, targets[which], PATH_MAX - 1) < 0)
            return complain(walk->complaint, "readlink", "%s: %s", path, strerrorname_np(errno));
    }
    if (strcmp(targets[PLAIN], targets[MOUNT]) == 0) return true;
    return complain(walk->complaint, "target", "%s: leads to \"%s\", on the mount to \"%s\"", path, targets[PLAIN],
                    targets[MOUNT]);
}

/* Adds what one xattr list names, and the values. */
static void read_xattrs(const char *path, struct outcome *outcome)
{
    char names[16 * 1024];
    uint8_t value[1024];
    outcome_clear(outcome);
    ssize_t size = llistxattr(path, names, sizeof names);
    if (size < 0) outcome_say(outcome, "%s\n", strerrorname_np(errno));
    size_t end = size > 0 ? xattrs_normalise(names, (size_t)size) : 0;
    for (size_t at = 0; at < end; at += strlen(names + at) + 1) {
        ssize_t length = lgetxattr(path, names + at, value, sizeof value);
        outcome_say(outcome, "%s %zd ", names + at, length);
        for (ssize_t i = 0; i < length; i++)
            outcome_say(outcome, "%02x", value[i]);
        outcome_say(outcome, "\n");
    }
}

static bool compare_xattrs(const struct walk *walk, const char *path)
{
    struct outcome *outcomes = walk->session->outcomes;
    struct complaint inner = {0};
    for (unsigned which = 0; which < SIDES; which++) {
        enter(walk, which);
        read_xattrs(path, &outcomes[which]);
    }
    if (outcome_same(&outcomes[PLAIN], &outcomes[MOUNT], &inner)) return true;
    return complain(walk->complaint, "xattrs", "%s: xattrs: %.1500s", path, inner.text);
}

static bool compare_directory(const struct walk *walk, const char *path);

static bool compare_object(const struct walk *walk, const char *path)
{
    struct facts facts[SIDES];
    for (unsigned which = 0; which < SIDES; which++) {
        enter(walk, which);
        facts[which] = facts_of_path(path, false);
    }
    const struct stat *status = &facts[PLAIN].status;
    bool hidden = rules_has_draft(&walk->session->rules, status->st_ino);
    if (!facts_same(&facts[PLAIN], &facts[MOUNT], hidden ? IGNORE_CONTENT : 0, path, walk->complaint) ||
        !inodes_match(&walk->session->inodes, &facts[PLAIN], &facts[MOUNT], path, walk->complaint) ||
        !compare_xattrs(walk, path))
        return false;
    if (S_ISREG(status->st_mode) && !hidden) return compare_content(walk, path);
    if (S_ISLNK(status->st_mode)) return compare_target(walk, path);
    if (S_ISDIR(status->st_mode)) return compare_directory(walk, path);
    return true;
}

static bool compare_names(const struct walk *walk, const char *path, const struct listing *plain,
                          const struct listing *mount)
{
    for (size_t i = 0; i < plain->count || i < mount->count; i++) {
        const char *a = i < plain->count ? plain->entries[i].name : NULL;
        const char *b = i < mount->count ? mount->entries[i].name : NULL;
        int order = !a ? 1 : !b ? -1 : strcmp(a, b);
        if (order == 0 && plain->entries[i].type == mount->entries[i].type) continue;
        return complain(walk->complaint, "names", "%s: \"%s\" is %s", path, order <= 0 ? a : b,
                        order < 0   ? "not listed on the mount"
                        : order > 0 ? "listed on the mount only"
                                    : "of another type in the mount's listing");
    }
    if (!mount->wrong[0]) return true;
    return complain(walk->complaint, "seekdir", "%s: on the mount %s", path, mount->wrong);
}

static bool compare_entries(const struct walk *walk, const char *path, const struct listing *mount)
{
    char below[PATH_MAX];
    for (size_t i = 0; i < mount->count; i++) {
        const struct listing_entry *entry = &mount->entries[i];
        if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0) continue;
        snprintf(below, sizeof below, "%s/%s", path, entry->name);
        if (!compare_object(walk, below)) return false;
        enter(walk, MOUNT);
        if (facts_of_path(below, false).status.st_ino != entry->ino)
            return complain(walk->complaint, "d_ino", "%s: stat gives another inode than the listing", below);
    }
    return true;
}

static bool compare_directory(const struct walk *walk, const char *path)
{
    struct listing listings[SIDES] = {0};
    int errors[SIDES];
    for (unsigned which = 0; which < SIDES; which++) {
        enter(walk, which);
        errors[which] = listing_read(path, &listings[which]);
    }
    bool good = errors[PLAIN] == errors[MOUNT];
    if (!good)
        complain(walk->complaint, "listing", "%s: cannot be listed (%d, %d)", path, errors[PLAIN], errors[MOUNT]);
    good = good && compare_names(walk, path, &listings[PLAIN], &listings[MOUNT]);
    good = good && compare_entries(walk, path, &listings[MOUNT]);
    for (unsigned which = 0; which < SIDES; which++)
        listing_release(&listings[which]);
    return good;
}

static bool compare_slot(const struct walk *walk, unsigned slot)
{
    char object[32];
    const int descriptors[SIDES] = {walk->session->sides[PLAIN].slots[slot], walk->session->sides[MOUNT].slots[slot]};
    snprintf(object, sizeof object, "descriptor %u", slot);
    const struct facts facts[SIDES] = {facts_of_descriptor(descriptors[PLAIN]),
                                       facts_of_descriptor(descriptors[MOUNT])};
    if (!facts_same(&facts[PLAIN], &facts[MOUNT], 0, object, walk->complaint) ||
        !inodes_match(&walk->session->inodes, &facts[PLAIN], &facts[MOUNT], object, walk->complaint))
        return false;
    if (!S_ISREG(facts[PLAIN].status.st_mode)) return true;
    off_t positions[SIDES];
    for (unsigned which = 0; which < SIDES; which++)
        positions[which] = lseek(descriptors[which], 0, SEEK_CUR);
    if (positions[PLAIN] != positions[MOUNT])
        return complain(walk->complaint, "position", "%s: at %lld, on the mount at %lld", object,
                        (long long)positions[PLAIN], (long long)positions[MOUNT]);
    if ((fcntl(descriptors[PLAIN], F_GETFL) & O_ACCMODE) == O_WRONLY) return true;
    bool good = content_same(descriptors, object, walk->complaint);
    for (unsigned which = 0; which < SIDES; which++)
        lseek(descriptors[which], positions[which], SEEK_SET);
    return good;
}

bool tree_compare(struct session *session, struct complaint *complaint)
{
    const struct walk walk = {.session = session, .complaint = complaint};
    for (unsigned slot = 0; slot < SLOTS; slot++)
        if (session->rules.slots[slot].used && !compare_slot(&walk, slot)) return false;
    return compare_object(&walk, "..");
}
