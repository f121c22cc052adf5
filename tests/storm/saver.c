/* SPDX-License-Identifier: Apache-2.0 */
#include "saver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

struct saver {
    const struct storm *storm;
    unsigned number; /* of the process */
    uint64_t random;
    uint8_t *bytes;

    /* The file in work. */
    unsigned file;
    char path[PATH_SIZE];
    struct content_label loaded;
    char token[128];
    ssize_t token_length;
};

static bool chance(struct saver *saver, unsigned one_in)
{
    return random_next(&saver->random) % one_in == 0;
}

static void think(struct saver *saver, unsigned us)
{
    usleep((useconds_t)(random_next(&saver->random) % us));
}

void backup_path(const struct storm *storm, unsigned file, unsigned number, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "%s/storm-%u.bak.%u", storm->directory, file, number);
}

/* ---- loading ---- */

/* A file that is just being created anew is empty: what it will replace is its history's newest. Says its size, -1 if it cannot be had. */
static ssize_t read_what_is_replaced(struct saver *saver)
{
    char path[PATH_SIZE + 140];
    snprintf(path, sizeof path, "%s@@/%s", saver->path, saver->token);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file >= 0 ? read_whole(file, saver->bytes) : -1;
    int error = errno;
    if (file >= 0) close(file);
    errno = error;
    if (size < 0 && !storm_absent(saver->storm)) FAIL(saver->storm, "read %s: %s", path, strerror(error));
    return size;
}

static bool load(struct saver *saver)
{
    const struct storm *storm = saver->storm;
    uint64_t sample = storm->board->acknowledged[saver->file];
    int file = open(saver->path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        if (!storm_absent(storm)) FAIL(storm, "open %s: %s", saver->path, strerror(errno));
        think(saver, 500);
        return false;
    }
    ssize_t size = read_whole(file, saver->bytes);
    if (size >= 0) saver->token_length = fgetxattr(file, "user.occ.version", saver->token, sizeof saver->token - 1);
    if ((size < 0 || saver->token_length < 0) && !storm_daemon_gone(storm))
        FAIL(storm, "read %s: %s", saver->path, strerror(errno));
    close(file);
    if (size < 0 || saver->token_length < 0) return false;
    saver->token[saver->token_length] = '\0';
    bool anew = size == 0 && storm->gaps;
    if (anew) {
        if (!chance(saver, 8)) return false;
        size = read_what_is_replaced(saver);
        if (size < 0) return false;
    }
    if (!content_check(saver->bytes, (size_t)size, &saver->loaded))
        FAIL(storm, "torn read of %s by a saver (%zd bytes)", saver->path, size);
    else if (saver->loaded.counter < sample)
        FAIL(storm, "%s: a saver read %llu after %llu was acknowledged, from %s%s", saver->path,
             (unsigned long long)saver->loaded.counter, (unsigned long long)sample,
             anew ? "what is replaced by the empty " : "", saver->token);
    return !storm->board->failed;
}

/* ---- saving ---- */

static enum outcome outcome_of(struct saver *saver, const char *call, const char *path, int result)
{
    if (result == 0) return OUTCOME_DONE;
    if (errno == EAGAIN) return OUTCOME_CONFLICT;
    if (!storm_daemon_gone(saver->storm)) FAIL(saver->storm, "%s %s: %s", call, path, strerror(errno));
    return OUTCOME_UNKNOWN;
}

/* Through an open descriptor, which is closed. `base`: after a crash only the token tells what was read. */
static enum outcome write_and_close(struct saver *saver, int file, const char *path, size_t size, bool base)
{
    if (base && saver->storm->crash &&
        fsetxattr(file, "user.occ.version", saver->token, (size_t)saver->token_length, 0) != 0 && errno != EAGAIN) {
        enum outcome outcome = outcome_of(saver, "fsetxattr", path, -1);
        close(file);
        return outcome;
    }
    int result = writer_write(file, saver->bytes, size, false, &saver->random) ? 0 : -1;
    enum outcome outcome = outcome_of(saver, "write", path, result);
    if (result == 0 && chance(saver, 8)) outcome = outcome_of(saver, "fsync", path, fsync(file));
    result = close(file);
    return outcome == OUTCOME_DONE ? outcome_of(saver, "close", path, result) : outcome;
}

static enum outcome save_by_rename(struct saver *saver, size_t size)
{
    char temporary[PATH_SIZE + 60];
    snprintf(temporary, sizeof temporary, "%s.tmp.%u", saver->path, saver->number);
    if (chance(saver, 2)) /* a name that was never there, or one that has a history by now */
        snprintf(temporary, sizeof temporary, "%s.%llx", saver->path, (unsigned long long)random_next(&saver->random));
    int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    enum outcome outcome = outcome_of(saver, "create", temporary, file < 0 ? -1 : 0);
    if (file >= 0) outcome = write_and_close(saver, file, temporary, size, false);
    if (outcome == OUTCOME_CONFLICT) FAIL(saver->storm, "%s: nobody else writes it", temporary);
    if (outcome == OUTCOME_DONE && saver->storm->crash)
        outcome = outcome_of(saver, "setxattr", temporary,
                             setxattr(temporary, "user.occ.version", saver->token, (size_t)saver->token_length, 0));
    if (outcome == OUTCOME_DONE) outcome = outcome_of(saver, "rename", temporary, rename(temporary, saver->path));
    else outcome = OUTCOME_NOTHING;
    if (outcome != OUTCOME_CONFLICT) return outcome;
    if (chance(saver, 3) && outcome_of(saver, "rename", temporary, rename(temporary, saver->path)) == OUTCOME_DONE)
        FAIL(saver->storm, "%s: a rename that conflicted went through when it was repeated", temporary);
    outcome_of(saver, "unlink", temporary, unlink(temporary));
    return OUTCOME_CONFLICT;
}

static enum outcome save_on(struct saver *saver, size_t size, int flags)
{
    int file = open(saver->path, O_WRONLY | O_CLOEXEC | flags);
    if (file >= 0) return write_and_close(saver, file, saver->path, size, true);
    if (!storm_absent(saver->storm)) FAIL(saver->storm, "open %s: %s", saver->path, strerror(errno));
    return OUTCOME_NOTHING;
}

static enum outcome save_in_place(struct saver *saver, size_t size)
{
    return save_on(saver, size, 0);
}

static enum outcome save_truncated(struct saver *saver, size_t size)
{
    return save_on(saver, size, O_TRUNC);
}

/* Once the name is free it must be taken again, however often the daemon dies. `flags`: O_EXCL if it may be another's by now. */
static enum outcome create_anew(struct saver *saver, size_t size, int flags)
{
    int file;
    do {
        file = open(saver->path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
    } while (file < 0 && storm_daemon_gone(saver->storm) && !saver->storm->board->failed);
    if (file >= 0) return write_and_close(saver, file, saver->path, size, true);
    if (errno != EEXIST) FAIL(saver->storm, "create %s: %s", saver->path, strerror(errno));
    return OUTCOME_NOTHING;
}

static enum outcome save_with_backup(struct saver *saver, size_t size)
{
    char backup[PATH_SIZE];
    backup_path(saver->storm, saver->file, saver->number, backup);
    /* Somebody may have committed on the last backup. */
    enum outcome outcome = OUTCOME_UNKNOWN;
    if (rename(saver->path, backup) == 0) outcome = OUTCOME_DONE;
    else if (errno == EAGAIN || (errno == ENOENT && !saver->storm->crash)) outcome = OUTCOME_NOTHING;
    else outcome = outcome_of(saver, "rename", saver->path, -1);
    if (outcome == OUTCOME_NOTHING) return outcome;
    bool exclusive = outcome == OUTCOME_UNKNOWN || chance(saver, 2);
    outcome = create_anew(saver, size, exclusive ? O_EXCL : O_TRUNC);
    if (chance(saver, 2) && unlink(backup) != 0 && !storm_absent(saver->storm))
        FAIL(saver->storm, "unlink %s: %s", backup, strerror(errno));
    return outcome;
}

static enum outcome save_anew(struct saver *saver, size_t size)
{
    if (unlink(saver->path) != 0 && !storm_absent(saver->storm))
        FAIL(saver->storm, "unlink %s: %s", saver->path, strerror(errno));
    return create_anew(saver, size, O_EXCL);
}

static const struct {
    const char *word;
    enum outcome (*save)(struct saver *saver, size_t size);
    bool seen; /* a save that has succeeded is at the name, not in somebody's backup */
} ways[WAYS] = {
    [WAY_RENAME] = {"rename", save_by_rename, true},
    [WAY_IN_PLACE] = {"in-place", save_in_place, false},
    [WAY_TRUNCATE] = {"truncate", save_truncated, false},
    [WAY_BACKUP] = {"backup", save_with_backup, false},
    [WAY_ANEW] = {"anew", save_anew, false},
};

unsigned saver_way(const char *word)
{
    for (unsigned way = 0; way < WAYS; way++)
        if (strcmp(ways[way].word, word) == 0) return 1U << way;
    return 0;
}

/* ---- a session ---- */

static enum outcome save(struct saver *saver)
{
    unsigned way;
    do {
        way = (unsigned)(random_next(&saver->random) % WAYS);
    } while (!(saver->storm->ways & 1U << way));
    struct content_label label;
    size_t size = content_draw_size(&saver->random);
    attempt_begin(saver->storm, &saver->loaded, saver->bytes, size, &saver->random, &label);
    enum outcome outcome = ways[way].save(saver, size);
    bool seen = ways[way].seen || !saver->storm->gaps;
    attempt_end(saver->storm, saver->file, &label, outcome, seen);
    if (outcome != OUTCOME_DONE || !seen) return outcome == OUTCOME_DONE ? OUTCOME_NOTHING : outcome;
    saver->loaded = label;
    return OUTCOME_DONE;
}

void saver_run(const struct storm *storm, unsigned number, uint64_t seed)
{
    struct saver saver = {
        .storm = storm, .number = number, .random = seed | 1, .bytes = malloc(CONTENT_MAX + 1), .file = FILES_MAX};
    while (saver.bytes && !storm->board->stop && !storm->board->failed) {
        /* At times it saves again what it has saved, or tries again blindly what conflicted: that must conflict again. */
        saver.file = (unsigned)(random_next(&saver.random) % storm->files);
        file_path(storm, saver.file, saver.path);
        if (!load(&saver)) continue;
        enum outcome outcome;
        do {
            if (chance(&saver, 3)) think(&saver, 4000);
            outcome = save(&saver);
        } while ((outcome == OUTCOME_CONFLICT || (outcome == OUTCOME_DONE && !storm->crash)) && chance(&saver, 4));
    }
    free(saver.bytes);
}
