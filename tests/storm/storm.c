/* SPDX-License-Identifier: Apache-2.0 */

/*
 * storm: many processes and threads read, change and commit a few files of a directory at once. Checks that no update is
 * lost, no read is torn, none is older than a commit that had returned, and that no error but EAGAIN is seen. SIGTERM ends it before its
 * time: then it checks.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "saver.h"

enum { WATCHDOG_S = 60 };

void storm_fail(const struct storm *storm, const char *where, int line, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (!atomic_exchange(&storm->board->failed, true))
        fprintf(stderr, "storm: FAILED (seed %llu): %s (%s:%d)\n", (unsigned long long)storm->seed, text, where, line);
}

bool storm_daemon_gone(const struct storm *storm)
{
    bool gone = errno == ENOTCONN || errno == ECONNABORTED || errno == EIO || errno == ENOENT || errno == ESHUTDOWN;
    if (!storm->crash || !gone) return false;
    usleep(20000);
    return true;
}

bool storm_absent(const struct storm *storm)
{
    return (storm->gaps && errno == ENOENT) || storm_daemon_gone(storm);
}

void file_path(const struct storm *storm, unsigned file, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "%s/storm-%u", storm->directory, file);
}

static void make_files(const struct storm *storm)
{
    uint64_t random = storm->seed | 1;
    uint8_t bytes[64];
    for (unsigned file = 0; file < storm->files; file++) {
        char path[PATH_SIZE];
        struct content_label label;
        file_path(storm, file, path);
        attempt_begin(storm, &(struct content_label){.counter = (uint64_t)-1}, bytes, sizeof bytes, &random, &label);
        int made = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0644);
        if (made < 0 || write(made, bytes, sizeof bytes) != sizeof bytes || close(made) != 0) {
            fprintf(stderr, "storm: cannot make %s: %s\n", path, strerror(errno));
            exit(2);
        }
        storm->board->outcomes[label.id] = OUTCOME_DONE;
    }
}

struct thread_argument {
    const struct storm *storm;
    uint64_t seed;
    unsigned who;
};

/* Every third is a reader; with savers, all that are neither one nor among the first two others. */
static void *thread_main(void *argument)
{
    const struct thread_argument *thread = argument;
    const struct storm *storm = thread->storm;
    bool writes = storm->savers ? thread->who < storm->savers + 2 : thread->who % 3 != 2;
    if (thread->who < storm->savers) saver_run(storm, thread->who, thread->seed);
    else if (writes) writer_run(storm, thread->seed);
    else reader_run(storm, thread->seed);
    return NULL;
}

/* One process: itself, and beside it threads. */
static void process_main(const struct storm *storm, unsigned number)
{
    unsigned beside = number < storm->threads % storm->processes ? 1 : 0;
    beside += storm->threads / storm->processes;
    pthread_t threads[16];
    struct thread_argument arguments[16];
    if (beside > 15) beside = 15;
    for (unsigned i = 0; i <= beside; i++) {
        unsigned who = number + i * storm->processes;
        arguments[i] =
            (struct thread_argument){.storm = storm,
                                     .seed = (storm->seed + 1) * 6364136223846793005ULL + who * 1442695040888963407ULL,
                                     .who = who};
        if (i > 0 && pthread_create(&threads[i], NULL, thread_main, &arguments[i]) != 0) beside = i - 1;
    }
    thread_main(&arguments[0]);
    for (unsigned i = 1; i <= beside; i++)
        pthread_join(threads[i], NULL);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Where the stuck ones are, for the log; then the end of all of them. */
static void report_stuck(const pid_t *processes, unsigned count)
{
    fprintf(stderr, "storm: FAILED: no progress for %d s\n", WATCHDOG_S);
    for (unsigned i = 0; i < count; i++) {
        char path[64], text[256] = "";
        snprintf(path, sizeof path, "/proc/%d/wchan", processes[i]);
        int file = open(path, O_RDONLY);
        if (file >= 0 && read(file, text, sizeof text - 1) > 0) fprintf(stderr, "  %d: %s\n", processes[i], text);
        if (file >= 0) close(file);
        kill(processes[i], SIGKILL);
    }
}

static volatile sig_atomic_t told_to_stop;

static void take_signal(int signal)
{
    (void)signal;
    told_to_stop = 1;
}

static void run(const struct storm *storm)
{
    pid_t processes[256];
    for (unsigned i = 0; i < storm->processes; i++) {
        processes[i] = fork();
        if (processes[i] == 0) {
            process_main(storm, i);
            _exit(0);
        }
    }
    signal(SIGTERM, take_signal);
    double end = now() + storm->seconds, moved = now();
    uint64_t progress = 0;
    unsigned left = storm->processes;
    while (left > 0) {
        while (left > 0 && waitpid(-1, NULL, WNOHANG) > 0)
            left--;
        if (now() >= end || told_to_stop) storm->board->stop = true;
        if (storm->board->progress != progress) {
            progress = storm->board->progress;
            moved = now();
        }
        if (now() - moved > WATCHDOG_S) {
            storm->board->failed = true;
            report_stuck(processes, storm->processes);
            moved = now() + 3600;
        }
        usleep(10000);
    }
}

static bool read_counter(const char *path, uint64_t *ret_counter)
{
    static uint8_t bytes[CONTENT_MAX + 1];
    struct content_label label;
    int file = open(path, O_RDONLY);
    ssize_t size = file >= 0 ? read_whole(file, bytes) : -1;
    if (file >= 0) close(file);
    if (size < 0 || !content_check(bytes, (size_t)size, &label)) return false;
    *ret_counter = label.counter;
    return true;
}

static void check_end(const struct storm *storm)
{
    const struct board *board = storm->board;
    for (unsigned file = 0; file < storm->files; file++) {
        char path[PATH_SIZE];
        uint64_t counter, commits = board->commits[file];
        file_path(storm, file, path);
        if (!read_counter(path, &counter)) FAIL(storm, "%s: cannot be read whole at the end", path);
        else if ((counter < commits && !storm->gaps) || counter > commits + board->unknown[file])
            FAIL(storm, "%s: %llu commits returned 0 and %llu are unknown, the file counts %llu", path,
                 (unsigned long long)commits, (unsigned long long)board->unknown[file], (unsigned long long)counter);
    }
    if (!storm->plain && !board->failed) check_histories(storm);
}

static void usage(void)
{
    fprintf(stderr,
            "usage: storm [--processes N] [--threads N] [--files N] [--seconds N] [--seed N] [--crash] [--flock] DIR\n"
            "       storm --savers WAY,... [--files N] [--seconds N] [--seed N] [--crash] DIR\n"
            "ways: rename in-place truncate backup anew\n");
    exit(2);
}

static void take_savers(struct storm *storm, char *words)
{
    for (char *word = strtok(words, ","); word; word = strtok(NULL, ",")) {
        unsigned way = saver_way(word);
        if (way == 0) usage();
        storm->ways |= way;
    }
    storm->savers = 8;
    storm->processes = 14;
    storm->threads = 0;
    storm->gaps = storm->ways & (1U << WAY_BACKUP | 1U << WAY_ANEW);
}

int main(int argc, char **argv)
{
    struct storm storm = {.processes = 16, .threads = 16, .files = 4, .seconds = 10, .seed = (uint64_t)time(NULL)};
    static const struct option options[] = {{"processes", 1, 0, 'p'}, {"threads", 1, 0, 't'}, {"files", 1, 0, 'n'},
                                            {"seconds", 1, 0, 's'},   {"seed", 1, 0, 'r'},    {"crash", 0, 0, 'c'},
                                            {"flock", 0, 0, 'l'},     {"savers", 1, 0, 'v'},  {0}};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (option) {
        case 'p':
            storm.processes = (unsigned)atoi(optarg);
            break;
        case 't':
            storm.threads = (unsigned)atoi(optarg);
            break;
        case 'n':
            storm.files = (unsigned)atoi(optarg);
            break;
        case 's':
            storm.seconds = atof(optarg);
            break;
        case 'r':
            storm.seed = strtoull(optarg, NULL, 10);
            break;
        case 'c':
            storm.crash = true;
            break;
        case 'l':
            storm.plain = true;
            break;
        case 'v':
            take_savers(&storm, optarg);
            break;
        default:
            usage();
        }
    }
    if (optind + 1 != argc || storm.files < 1 || storm.files > FILES_MAX || storm.processes < 1 ||
        storm.processes > 256)
        usage();
    storm.directory = argv[optind];
    storm.board = mmap(NULL, sizeof *storm.board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (storm.board == MAP_FAILED) return 2;
    printf("storm: seed %llu\n", (unsigned long long)storm.seed);
    fflush(stdout);
    make_files(&storm);
    run(&storm);
    if (!storm.board->failed) check_end(&storm);
    for (unsigned file = 0; file < storm.files && storm.board->failed && !storm.plain; file++)
        tell_history(&storm, file);
    uint64_t commits = 0;
    for (unsigned file = 0; file < storm.files; file++)
        commits += storm.board->commits[file];
    printf("storm: %llu commits, %llu conflicts, %llu reads: %s\n", (unsigned long long)commits,
           (unsigned long long)storm.board->conflicts, (unsigned long long)storm.board->reads,
           storm.board->failed ? "FAILED" : "ok");
    return storm.board->failed;
}
