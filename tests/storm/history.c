/* SPDX-License-Identifier: Apache-2.0 */

/* What is left when all are done, against what they were told. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "saver.h"

/* How often each content was found, by id. */
struct ledger {
    const struct storm *storm;
    uint64_t count; /* of ids */
    uint8_t *in_file, *in_backup, *in_sibling;
    uint64_t wanted; /* content whose places are told; 0: none */
};

static bool read_label(const char *path, struct content_label *ret_label)
{
    static uint8_t bytes[CONTENT_MAX + 1];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file >= 0 ? read_whole(file, bytes) : -1;
    if (file >= 0) close(file);
    return size >= 0 && content_check(bytes, (size_t)size, ret_label);
}

/* Who made the version, for people. */
static const char *author_of(const char *path)
{
    static char text[400];
    ssize_t length = getxattr(path, "user.occ.author", text, sizeof text - 1);
    text[length > 0 ? length : 0] = '\0';
    return text;
}

/* The newest ordinal in the history of a name, 0 if it has none. */
static unsigned long newest_ordinal(const struct storm *storm, const char *path)
{
    char history[PATH_SIZE + 8];
    snprintf(history, sizeof history, "%s@@", path);
    DIR *directory = opendir(history);
    unsigned long newest = 0;
    if (!directory) {
        if (errno != ENOENT) FAIL(storm, "%s: %s", history, strerror(errno));
        return 0;
    }
    for (struct dirent *entry; (entry = readdir(directory));) {
        unsigned long ordinal = strtoul(entry->d_name, NULL, 10);
        if (ordinal > newest) newest = ordinal;
    }
    closedir(directory);
    return newest;
}

/* Counts the contents of a history in `found`. `chain`: each must follow the one before. */
static void walk(struct ledger *ledger, const char *path, uint8_t *found, bool chain)
{
    const struct storm *storm = ledger->storm;
    struct content_label before = {0}, label;
    unsigned long newest = newest_ordinal(storm, path);
    if (chain && newest == 0) FAIL(storm, "%s: there is no history", path);
    for (unsigned long ordinal = 1; ordinal <= newest && (!storm->board->failed || ledger->wanted); ordinal++) {
        char version[PATH_SIZE + 40];
        snprintf(version, sizeof version, "%s@@/%lu", path, ordinal);
        if (!read_label(version, &label) || label.id > ledger->count) {
            struct stat attributes;
            bool empty = stat(version, &attributes) == 0 && attributes.st_size == 0;
            if (chain || (found == ledger->in_sibling && !(empty && storm->gaps)))
                FAIL(storm, "%s is not whole, by %s", version, author_of(version));
            continue; /* what another was about to write, moved over somebody's backup or beside it */
        }
        if (chain && ordinal > 1 && (label.parent != before.id || label.counter != before.counter + 1))
            FAIL(storm, "%s: content %llu was to replace %llu, and has replaced %llu; made by %s", version,
                 (unsigned long long)label.id, (unsigned long long)label.parent, (unsigned long long)before.id,
                 author_of(version));
        if (label.id == ledger->wanted) fprintf(stderr, "  it is in %s, by %s\n", version, author_of(version));
        if (found[label.id] < UINT8_MAX) found[label.id]++;
        before = label;
    }
}

void tell_history(const struct storm *storm, unsigned file)
{
    char path[PATH_SIZE], version[PATH_SIZE + 40];
    file_path(storm, file, path);
    unsigned long newest = newest_ordinal(storm, path), first = newest > 8 ? newest - 8 : 1;
    fprintf(stderr, "  %s:\n", path);
    for (unsigned long ordinal = first; ordinal <= newest; ordinal++) {
        struct content_label label;
        snprintf(version, sizeof version, "%s@@/%lu", path, ordinal);
        if (!read_label(version, &label)) label = (struct content_label){0};
        char token[80] = "";
        getxattr(version, "user.occ.version", token, sizeof token - 1);
        fprintf(stderr, "  %lu (%s): content %llu, the %llu. after %llu, by %s\n", ordinal, token,
                (unsigned long long)label.id, (unsigned long long)label.counter, (unsigned long long)label.parent,
                author_of(version));
    }
}

static void walk_siblings(struct ledger *ledger)
{
    const struct storm *storm = ledger->storm;
    DIR *directory = opendir(storm->directory);
    if (!directory) {
        FAIL(storm, "%s: %s", storm->directory, strerror(errno));
        return;
    }
    for (struct dirent *entry; (entry = readdir(directory));) {
        const char *dot = strrchr(entry->d_name, '.');
        char path[PATH_SIZE + 256];
        if (!dot || strcmp(dot, ".conflict") != 0) continue;
        snprintf(path, sizeof path, "%s/%s", storm->directory, entry->d_name);
        /* That of a backup has what is in the file as well. */
        walk(ledger, path, strstr(entry->d_name, ".bak.") ? ledger->in_backup : ledger->in_sibling, false);
    }
    closedir(directory);
}

static void judge(struct ledger *ledger, uint64_t id)
{
    const struct storm *storm = ledger->storm;
    const unsigned long long name = id;
    bool elsewhere = storm->gaps && ledger->in_backup[id] > 0;
    if (ledger->in_file[id] > 1) FAIL(storm, "content %llu is in %d versions", name, ledger->in_file[id]);
    switch ((enum outcome)storm->board->outcomes[id]) {
    case OUTCOME_NOTHING:
        if (ledger->in_file[id]) FAIL(storm, "content %llu was never offered to the file, and is a version", name);
        return;
    case OUTCOME_DONE: /* it may have gone where the file was moved to */
        if (!ledger->in_file[id] && !elsewhere) FAIL(storm, "lost: content %llu, whose save returned 0", name);
        return;
    case OUTCOME_CONFLICT:
        if (ledger->in_file[id]) FAIL(storm, "content %llu conflicted, and is a version", name);
        if (ledger->in_sibling[id] != 1 && !elsewhere)
            FAIL(storm, "content %llu conflicted and is kept %d times", name, ledger->in_sibling[id]);
        return;
    case OUTCOME_UNKNOWN:
        return;
    }
}

static void walk_all(struct ledger *ledger)
{
    const struct storm *storm = ledger->storm;
    for (unsigned file = 0; file < storm->files; file++) {
        char path[PATH_SIZE];
        file_path(storm, file, path);
        walk(ledger, path, ledger->in_file, true);
        for (unsigned number = 0; number < storm->savers; number++) {
            backup_path(storm, file, number, path);
            walk(ledger, path, ledger->in_backup, false);
        }
    }
    walk_siblings(ledger);
}

void check_histories(const struct storm *storm)
{
    uint64_t count = storm->board->attempts;
    struct ledger ledger = {.storm = storm,
                            .count = count,
                            .in_file = calloc(count + 1, 1),
                            .in_backup = calloc(count + 1, 1),
                            .in_sibling = calloc(count + 1, 1)};
    walk_all(&ledger);
    uint64_t id = 0;
    while (id < count && !storm->board->failed)
        judge(&ledger, ++id);
    if (storm->board->failed && id > 0) {
        ledger.wanted = id;
        walk_all(&ledger);
    }
    free(ledger.in_file);
    free(ledger.in_backup);
    free(ledger.in_sibling);
}
