/* SPDX-License-Identifier: Apache-2.0 */

/*
 * usage: listing DIR COUNT
 * DIR holds the files keep-0 to keep-(COUNT - 1). Reads it while other entries come and go, twice, and jumps to positions that
 * telldir gave: each file must be there exactly once, and behind its position. Says what is wrong and exits with 1.
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEP = 100, JUMPS = 500 };

static long file_count;
static unsigned char *seen; /* times, by number */
static long *positions;     /* of the entry, by number */

/* The number of keep-NUMBER; -1 for another name. */
static long number_of(const char *name)
{
    if (strncmp(name, "keep-", 5) != 0) return -1;
    long number = atol(name + 5);
    if (number >= file_count) errx(1, "%s: never made", name);
    return number;
}

/* Makes one entry and removes the one that was made before. */
static void come_and_go(int directory, long round)
{
    char name[64];
    snprintf(name, sizeof name, "other-%ld", round);
    int made = openat(directory, name, O_CREAT | O_WRONLY, 0644);
    if (made < 0 || close(made) != 0) err(1, "%s", name);
    if (round == 0) return;
    snprintf(name, sizeof name, "other-%ld", round - 1);
    if (unlinkat(directory, name, 0) != 0) err(1, "%s", name);
}

static void read_all(DIR *stream, bool changing)
{
    memset(seen, 0, (size_t)file_count);
    long position = telldir(stream), read = 0;
    for (struct dirent *entry; (entry = readdir(stream)); position = telldir(stream)) {
        if (changing && ++read % STEP == 0) come_and_go(dirfd(stream), read / STEP - 1);
        long number = number_of(entry->d_name);
        if (number < 0) continue;
        seen[number]++;
        positions[number] = position;
    }
    for (long number = 0; number < file_count; number++)
        if (seen[number] != 1) errx(1, "keep-%ld was listed %d times", number, seen[number]);
}

static void jump(DIR *stream, long number)
{
    seekdir(stream, positions[number]);
    struct dirent *entry = readdir(stream);
    /* What came meanwhile may stand there, too. */
    while (entry && strncmp(entry->d_name, "other-", 6) == 0)
        entry = readdir(stream);
    if (!entry) errx(1, "nothing is at the position of keep-%ld", number);
    if (number_of(entry->d_name) != number) errx(1, "%s is at the position of keep-%ld", entry->d_name, number);
}

int main(int argc, char **argv)
{
    if (argc != 3) errx(2, "usage: listing DIR COUNT");
    file_count = atol(argv[2]);
    seen = calloc((size_t)file_count, sizeof *seen);
    positions = calloc((size_t)file_count, sizeof *positions);
    DIR *stream = opendir(argv[1]);
    if (!stream || !seen || !positions) err(1, "%s", argv[1]);

    read_all(stream, true);
    rewinddir(stream);
    read_all(stream, false);
    srand(1);
    for (int i = 0; i < JUMPS; i++)
        jump(stream, rand() % file_count);
    rewinddir(stream);
    read_all(stream, false);
    closedir(stream);
    free(seen);
    free(positions);
    return 0;
}
