/* SPDX-License-Identifier: Apache-2.0 */

/* One large file: in pieces of 1 MiB from begin to end, or of 4 KiB at random places. */

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "workload.h"

enum { SEQUENTIAL_MIB = 1024, RANDOM_MIB = 256 };
static const char name[] = "large";

static int open_large(int flags)
{
    int file = open(name, flags | O_CLOEXEC, 0644);
    if (file < 0) die("open %s", name);
    return file;
}

static void close_large(int file)
{
    if (close(file) != 0) die("close %s", name);
}

/* `measurement` may be NULL. */
static void write_pieces(int file, unsigned count, struct measurement *measurement)
{
    for (unsigned i = 0; i < count; i++) {
        if (write(file, content(i), MIB) != MIB) die("write %s", name);
        if (measurement) measurement_lap(measurement, 1);
    }
}

static void make(unsigned size_mib)
{
    int file = open_large(O_WRONLY | O_CREAT | O_EXCL);
    write_pieces(file, size_mib, NULL);
    close_large(file);
}

static void make_sequential(const struct setting *setting)
{
    make(setting->operations);
}

static void make_random(const struct setting *setting)
{
    make(scaled(setting, RANDOM_MIB));
}

static void write_sequential(const struct setting *setting, struct measurement *measurement)
{
    measurement_begin(measurement);
    int file = open_large(O_WRONLY | O_CREAT | O_EXCL);
    write_pieces(file, setting->operations, measurement);
    close_large(file);
    measurement_end(measurement);
}

/* `measurement` may be NULL. */
static void read_pieces(unsigned count, struct measurement *measurement)
{
    static char bytes[MIB];
    int file = open_large(O_RDONLY);
    for (unsigned i = 0; i < count; i++) {
        if (read(file, bytes, MIB) != MIB) die("read %s", name);
        if (measurement) measurement_lap(measurement, 1);
    }
    close_large(file);
}

static void read_sequential(const struct setting *setting, struct measurement *measurement)
{
    if (!setting->workload->cold) read_pieces(setting->operations, NULL);
    measurement_begin(measurement);
    read_pieces(setting->operations, measurement);
    measurement_end(measurement);
}

static off_t random_place(const struct setting *setting, struct random_data *random)
{
    int32_t number;
    random_r(random, &number);
    return (off_t)((unsigned)number % (scaled(setting, RANDOM_MIB) * (MIB / SMALL))) * SMALL;
}

/* The close, which commits all of it, is not timed. */
static void access_random(const struct setting *setting, struct measurement *measurement)
{
    struct random_data random = {0};
    char state[64], bytes[SMALL];
    initstate_r(1, state, sizeof state, &random);
    bool writing = !setting->workload->cold;
    int file = open_large(writing ? O_RDWR : O_RDONLY);
    measurement_begin(measurement);
    for (unsigned i = 0; i < setting->operations; i++) {
        off_t place = random_place(setting, &random);
        ssize_t done = writing ? pwrite(file, content(i), SMALL, place) : pread(file, bytes, SMALL, place);
        if (done != SMALL) die("%s %s", writing ? "write" : "read", name);
        measurement_lap(measurement, 1);
    }
    measurement_end(measurement);
    close_large(file);
}

const struct workload large_file_workloads[] = {
    {"write-large", "sequential write 1 GiB, close", "MiB/s", 0.5, SEQUENTIAL_MIB, .measure = write_sequential},
    {"read-large", "sequential read 1 GiB, warm", "MiB/s", 2, SEQUENTIAL_MIB, .prepare = make_sequential,
     .measure = read_sequential},
    {"read-large-cold", "sequential read 1 GiB, cold", "MiB/s", 1, SEQUENTIAL_MIB, .cold = true,
     .prepare = make_sequential, .measure = read_sequential},
    {"write-random", "random 4 KiB write in 256 MiB", "op/s", 1, 20000, .prepare = make_random,
     .measure = access_random},
    {"read-random", "random 4 KiB read in 256 MiB, cold", "op/s", 0, 5000, .cold = true, .prepare = make_random,
     .measure = access_random},
    {0}};
