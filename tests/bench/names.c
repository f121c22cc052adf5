/* SPDX-License-Identifier: Apache-2.0 */

/* Names and attributes: no content is read or written. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workload.h"

enum { FILES = 1000, TREE_FILES = 10000 };

static void make_files(const struct setting *setting)
{
    (void)setting;
    files_make(FILES, TINY);
}

static void make_tree(const struct setting *setting)
{
    (void)setting;
    tree_make(TREE_FILES, TINY);
}

/* A file for each operation. */
static void make_all_files(const struct setting *setting)
{
    files_make(setting->operations, SMALL);
}

static void make_whole_tree(const struct setting *setting)
{
    tree_make(setting->operations, TINY);
}

static void stat_present(unsigned number)
{
    char path[PATH_ROOM];
    struct stat attributes;
    if (stat(file_path(path, number % FILES), &attributes) != 0) die("stat %s", path);
}

static void stat_absent(unsigned number)
{
    char path[PATH_ROOM];
    struct stat attributes;
    snprintf(path, sizeof path, "absent-%u", number % FILES);
    if (stat(path, &attributes) == 0 || errno != ENOENT) die("stat %s", path);
}

static void look_up(unsigned number)
{
    char path[PATH_ROOM];
    struct stat attributes;
    if (lstat(tree_path(path, number), &attributes) != 0) die("lstat %s", path);
}

static void remove_file(unsigned number)
{
    char path[PATH_ROOM];
    if (unlink(file_path(path, number)) != 0) die("unlink %s", path);
}

static void make_and_remove_directory(unsigned number)
{
    char path[PATH_ROOM];
    if (mkdir(file_path(path, number), 0755) != 0) die("mkdir %s", path);
    if (rmdir(path) != 0) die("rmdir %s", path);
}

/* Lists a directory and looks at each entry, as find and git status do; returns the number of entries. */
static unsigned visit(unsigned directory)
{
    char path[PATH_ROOM];
    tree_path(path, directory * FILES_PER_DIRECTORY);
    *strchr(path, '/') = '\0';
    DIR *listing = opendir(path);
    if (!listing) die("opendir %s", path);
    unsigned entries = 0;
    for (struct dirent *entry; (entry = readdir(listing));) {
        struct stat attributes;
        if (fstatat(dirfd(listing), entry->d_name, &attributes, AT_SYMLINK_NOFOLLOW) != 0)
            die("lstat %s/%s", path, entry->d_name);
        entries++;
    }
    closedir(listing);
    if (entries < FILES_PER_DIRECTORY) die("%s is not listed whole", path);
    return entries;
}

static void walk(const struct setting *setting, struct measurement *measurement)
{
    enum { DIRECTORIES = TREE_FILES / FILES_PER_DIRECTORY };
    for (unsigned i = 0; i < DIRECTORIES; i++)
        visit(i);
    measurement_begin(measurement);
    for (unsigned i = 0; measurement->operations < setting->operations; i++)
        measurement_lap(measurement, visit(i % DIRECTORIES));
    measurement_end(measurement);
}

const struct workload name_workloads[] = {
    {"stat", "warm stat", "op/s", 0.95, 200000, FILES, .prepare = make_files, .operation = stat_present},
    {"walk", "warm walk with lstat, per entry", "op/s", 3, 200000, .prepare = make_tree, .measure = walk},
    {"absent", "stat of absent names", "op/s", 5, 50000, FILES, .operation = stat_absent},
    {"unlink", "unlink", "op/s", 1, 10000, .prepare = make_all_files, .operation = remove_file},
    {"mkdir", "mkdir, rmdir", "op/s", 1, 5000, .operation = make_and_remove_directory},
    {"lookup", "first lstat of 100,000 files", "op/s", 0, 100000, .alone = true, .cold = true,
     .prepare = make_whole_tree, .operation = look_up},
    {0}};
