/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Several processes count in a few files: read, think, write. Either they lock the file with flock meanwhile, or they
 * try again until the close does not conflict. No count may be lost.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "workload.h"

enum { SAMPLES_MAX = 1 << 18, DURATION_MS = 3000 };

/* What a file holds. No two updates write the same bytes: what the head has already is no conflict for anybody. */
struct record {
    uint64_t counter;
    uint64_t process, update; /* who made it what it is */
    uint64_t rest[13];
};

/* What a process has done; in memory shared with the first one. */
struct tally {
    uint64_t updates, conflicts;
    double samples[SAMPLES_MAX]; /* seconds, of the first updates */
};

static void make_counters(const struct setting *setting)
{
    char path[PATH_ROOM];
    const struct record record = {0};
    for (unsigned i = 0; i < setting->workload->contention.files; i++) {
        int file = open(file_path(path, i), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (file < 0 || write(file, &record, sizeof record) != sizeof record || close(file) != 0) die("make %s", path);
    }
}

static void think(unsigned ms)
{
    if (ms == 0) return;
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    nanosleep(&time, NULL);
}

static void read_record(int file, const char *path, struct record *ret_record)
{
    if (pread(file, ret_record, sizeof *ret_record, 0) != sizeof *ret_record) die("read %s", path);
}

/* false: somebody else was first. */
static bool update(const struct setting *setting, const char *path, unsigned process, uint64_t number)
{
    struct record record;
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) die("open %s", path);
    if (!setting->optimistic && flock(file, LOCK_EX) != 0) die("flock %s", path);
    read_record(file, path, &record);
    record.counter++;
    record.process = process;
    record.update = number;
    think(setting->workload->contention.think_ms);
    if (pwrite(file, &record, sizeof record, 0) != sizeof record) die("write %s", path);
    if (close(file) == 0) return true;
    if (!setting->optimistic || errno != EAGAIN) die("close %s", path);
    return false;
}

/* One process: its updates go round the files, each is tried until it is done. */
static void count(const struct setting *setting, unsigned process, int64_t end_ns, struct tally *tally)
{
    char path[PATH_ROOM];
    for (;;) {
        file_path(path, (unsigned)((process + tally->updates) % setting->workload->contention.files));
        int64_t began_ns = clock_monotonic_ns(), now_ns = began_ns;
        while (now_ns < end_ns && !update(setting, path, process, tally->updates)) {
            tally->conflicts++;
            now_ns = clock_monotonic_ns();
        }
        if (now_ns >= end_ns) return;
        if (tally->updates < SAMPLES_MAX)
            tally->samples[tally->updates] = (double)(clock_monotonic_ns() - began_ns) / NS_PER_S;
        tally->updates++;
    }
}

static void run_processes(const struct setting *setting, struct tally *tallies)
{
    unsigned processes = setting->workload->contention.processes;
    int64_t end_ns = clock_monotonic_ns() + (int64_t)scaled(setting, DURATION_MS) * (NS_PER_S / 1000);
    for (unsigned i = 0; i < processes; i++) {
        pid_t process = fork();
        if (process < 0) die("fork");
        if (process > 0) continue;
        count(setting, i, end_ns, &tallies[i]);
        _exit(0);
    }
    int status = 0;
    bool failed = false;
    while (wait(&status) > 0)
        failed = failed || status != 0;
    if (failed) exit(1); /* it has said why */
}

static void add_up(const struct setting *setting, const struct tally *tallies, struct measurement *measurement)
{
    unsigned processes = setting->workload->contention.processes;
    uint64_t smallest = UINT64_MAX, largest = 0;
    for (unsigned i = 0; i < processes; i++) {
        const struct tally *tally = &tallies[i];
        for (uint64_t sample = 0; sample < tally->updates && sample < SAMPLES_MAX; sample++)
            measurement_sample(measurement, tally->samples[sample]);
        measurement->operations += tally->updates;
        if (tally->updates < smallest) smallest = tally->updates;
        if (tally->updates > largest) largest = tally->updates;
        measurement->conflicts += tally->conflicts;
    }
    double total = measurement->operations > 0 ? (double)measurement->operations : 1;
    measurement->contended = true;
    measurement->share_smallest = (double)smallest / total;
    measurement->share_largest = (double)largest / total;
}

static void check_counters(const struct setting *setting, uint64_t updates)
{
    char path[PATH_ROOM];
    uint64_t sum = 0;
    for (unsigned i = 0; i < setting->workload->contention.files; i++) {
        int file = open(file_path(path, i), O_RDONLY | O_CLOEXEC);
        if (file < 0) die("open %s", path);
        struct record record;
        read_record(file, path, &record);
        sum += record.counter;
        close(file);
    }
    errno = 0;
    if (sum != updates)
        die("%llu updates were made, %llu are counted", (unsigned long long)updates, (unsigned long long)sum);
}

static void contend(const struct setting *setting, struct measurement *measurement)
{
    size_t size = setting->workload->contention.processes * sizeof(struct tally);
    struct tally *tallies = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (tallies == MAP_FAILED) die("memory for samples");
    measurement_begin(measurement);
    run_processes(setting, tallies);
    measurement_end(measurement);
    add_up(setting, tallies, measurement);
    munmap(tallies, size);
    check_counters(setting, measurement->operations);
}

/* Named after the processes, the files, and the time to think. */
#define CONTENDED(processes, files, think_ms, target)                                                                  \
    {                                                                                                                  \
        "contended-" #processes "x" #files "-" #think_ms "ms",                                                         \
            "read-modify-write, " #processes " on " #files ", " #think_ms " ms", "op/s", target,                       \
            .contention = {processes, files, think_ms}, .prepare = make_counters, .measure = contend                   \
    }

const struct workload contended_workloads[] = {
    CONTENDED(1, 1, 0, 3), CONTENDED(4, 1, 0, 0), CONTENDED(4, 1, 1, 1),  CONTENDED(4, 1, 10, 0),
    CONTENDED(4, 4, 0, 0), CONTENDED(4, 4, 1, 0), CONTENDED(4, 4, 10, 0), {0}};
