/* SPDX-License-Identifier: Apache-2.0 */

/* Files of 4 KiB, opened, changed or read, and closed. */

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "workload.h"

enum { FILES = 100 };

static void make_files(const struct setting *setting)
{
    (void)setting;
    files_make(FILES, SMALL);
}

static void create(unsigned number)
{
    char path[PATH_ROOM];
    file_put(file_path(path, number), O_CREAT | O_EXCL, SMALL, number);
}

/* Never with the bytes that are there: that would be no new version. */
static void overwrite(unsigned number)
{
    char path[PATH_ROOM];
    file_put(file_path(path, number % FILES), 0, SMALL, FILES + number);
}

static void save(unsigned number)
{
    char path[PATH_ROOM];
    file_path(path, number % FILES);
    file_put("temporary", O_CREAT | O_EXCL, SMALL, FILES + number);
    if (rename("temporary", path) != 0) die("rename to %s", path);
}

static void append(unsigned number)
{
    char path[PATH_ROOM];
    file_put(file_path(path, number % FILES), O_APPEND, TINY, number);
}

static void write_durably(unsigned number)
{
    char path[PATH_ROOM];
    int file = open(file_path(path, number % FILES), O_WRONLY | O_CLOEXEC);
    if (file < 0) die("open %s", path);
    if (write(file, content(FILES + number), SMALL) != SMALL) die("write %s", path);
    if (fsync(file) != 0) die("fsync %s", path);
    if (close(file) != 0) die("close %s", path);
}

static void read_whole(unsigned number)
{
    char path[PATH_ROOM], bytes[SMALL];
    int file = open(file_path(path, number % FILES), O_RDONLY | O_CLOEXEC);
    if (file < 0) die("open %s", path);
    if (read(file, bytes, sizeof bytes) != SMALL) die("read %s", path);
    if (close(file) != 0) die("close %s", path);
}

const struct workload small_file_workloads[] = {
    {"create", "create 4 KiB, close", "op/s", 1.3, 10000, .operation = create},
    {"overwrite", "overwrite 4 KiB, close", "op/s", 1.1, 10000, .prepare = make_files, .operation = overwrite},
    {"save", "save by temporary and rename", "op/s", 1.3, 5000, .prepare = make_files, .operation = save},
    {"append", "append 100 B, close", "op/s", 0.8, 20000, .prepare = make_files, .operation = append},
    {"fsync", "4 KiB write, fsync, close", "op/s", 0.9, 1000, .prepare = make_files, .operation = write_durably},
    {"read", "warm open, read 4 KiB, close", "op/s", 1.5, 20000, FILES, .prepare = make_files, .operation = read_whole},
    {0}};
