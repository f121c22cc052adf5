/* SPDX-License-Identifier: Apache-2.0 */

/*
 * model: does random operations on a mount and on a plain directory in lockstep, and compares everything that can be
 * observed. What a plain directory does is right. A sequence that shows a difference is shrunk and printed as a script.
 */
#include "model.h"

#include <dirent.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tree.h"

static int usage(void)
{
    fputs("usage: model [OPTION...] MOUNT PLAIN\n"
          "MOUNT and PLAIN are directories, the second on an ordinary filesystem.\n"
          "  --seed N         of the first sequence; each has another (default: the time)\n"
          "  --operations N   of a sequence (3000)\n"
          "  --processes N    at once, each on subtrees of its own (1)\n"
          "  --seconds N      sequences one after the other until then (one sequence)\n"
          "  --shared         several descriptors of a file, for live files\n"
          "  --set-id         modes with set-user-id and set-group-id bits, too\n"
          "  --shrink N       seconds to shrink a failing sequence (60)\n"
          "  --keep           leave the trees, for --compare\n"
          "  --compare        only compare the trees that were left\n"
          "  --replay FILE    run a script\n",
          stderr);
    return 2;
}

static bool run_processes(const struct model *model)
{
    bool good = true;
    for (unsigned i = 0; i < model->processes; i++) {
        pid_t process = fork();
        if (process < 0) return false;
        if (process == 0) _exit(!explore(model, i));
    }
    for (unsigned i = 0; i < model->processes; i++) {
        int status;
        good = wait(&status) > 0 && status == 0 && good;
    }
    return good;
}

static bool run_script(const struct model *model, const char *path)
{
    struct sequence sequence;
    struct complaint complaint;
    size_t at;
    char name[32];
    if (!sequence_read(path, &sequence)) return false;
    snprintf(name, sizeof name, "replay-%d", getpid());
    bool good = session_replay(&model->place, name, &sequence, &at, &complaint);
    if (!good) {
        printf("model: %s: FAILED: ", path);
        if (at < sequence.count) operation_print(&sequence.operations[at], stdout);
        else printf("at the end\n");
        printf("%s: %s\n", complaint.what, complaint.text);
    }
    sequence_release(&sequence);
    return good;
}

static bool compare_one(const struct model *model, const char *name)
{
    struct session session;
    struct complaint complaint = {0};
    bool good = session_begin(&session, &model->place, name, false) && tree_compare(&session, &complaint);
    session_end(&session, true);
    if (!good) printf("model: %s: FAILED: %s: %s\n", name, complaint.what, complaint.text);
    return good;
}

static bool compare_all(const struct model *model)
{
    unsigned compared = 0;
    bool good = true;
    DIR *directory = opendir(model->place.directories[PLAIN]);
    if (!directory) return false;
    for (const struct dirent *entry; (entry = readdir(directory));) {
        if (strncmp(entry->d_name, "model-", 6) != 0) continue;
        good = compare_one(model, entry->d_name) && good;
        compared++;
    }
    closedir(directory);
    printf("model: %u trees compared: %s\n", compared, good ? "ok" : "FAILED");
    return good && compared > 0;
}

/* Absolute: the working directory changes all the time. */
static bool find_place(struct model *model, char **directories)
{
    static char paths[SIDES][PATH_MAX];
    model->place.directories[MOUNT] = realpath(directories[0], paths[MOUNT]);
    model->place.directories[PLAIN] = realpath(directories[1], paths[PLAIN]);
    if (!model->place.directories[MOUNT] || !model->place.directories[PLAIN]) {
        perror("model");
        return false;
    }
    umask(022);
    bool found = abilities_find(model->place.directories[PLAIN], model->place.directories[MOUNT], &model->abilities);
    model->place.fine_times = model->abilities.fine_times;
    return found;
}

int main(int argc, char **argv)
{
    struct model model = {.seed = (uint64_t)time(NULL), .operations = 3000, .processes = 1, .shrink_seconds = 60};
    const char *script = NULL;
    bool compare = false, set_id = false;
    static const struct option options[] = {{"seed", 1, 0, 'r'},
                                            {"operations", 1, 0, 'n'},
                                            {"processes", 1, 0, 'p'},
                                            {"seconds", 1, 0, 's'},
                                            {"shared", 0, 0, 'l'},
                                            {"set-id", 0, 0, 'i'},
                                            {"shrink", 1, 0, 'd'},
                                            {"keep", 0, 0, 'k'},
                                            {"compare", 0, 0, 'c'},
                                            {"replay", 1, 0, 'f'},
                                            {0}};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'r') model.seed = strtoull(optarg, NULL, 10);
        else if (option == 'n') model.operations = (unsigned)atoi(optarg);
        else if (option == 'p') model.processes = (unsigned)atoi(optarg);
        else if (option == 's') model.seconds = atof(optarg);
        else if (option == 'l') model.place.shared = true;
        else if (option == 'i') set_id = true;
        else if (option == 'd') model.shrink_seconds = atof(optarg);
        else if (option == 'k') model.keep = true;
        else if (option == 'c') compare = true;
        else if (option == 'f') script = optarg;
        else return usage();
    }
    if (optind + 2 != argc || model.processes < 1 || model.operations < 1) return usage();
    if (!find_place(&model, argv + optind)) return 2;
    model.abilities.set_id = set_id;
    if (script) return !run_script(&model, script);
    if (compare) return !compare_all(&model);
    printf("model: seed %llu\n", (unsigned long long)model.seed);
    abilities_print(&model.abilities);
    fflush(stdout);
    return !run_processes(&model);
}
