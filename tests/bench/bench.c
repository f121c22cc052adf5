/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench: one workload in one directory. tests/bench/run mounts what is compared and calls this program for each.
 */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workload.h"

static const struct workload *const themes[] = {small_file_workloads, name_workloads, large_file_workloads,
                                                repository_workloads, contended_workloads};
enum { THEMES = sizeof themes / sizeof themes[0], EXIT_USAGE = 2 };

static void usage(void)
{
    fprintf(stderr, "usage: bench [--scale X] [--optimistic] prepare|measure WORKLOAD DIR\n"
                    "       bench --list\n");
    exit(EXIT_USAGE);
}

unsigned scaled(const struct setting *setting, unsigned count)
{
    double product = count * setting->scale;
    return product < 1 ? 1 : (unsigned)product;
}

/* Each a line, a JSON object. */
static int list(void)
{
    for (unsigned theme = 0; theme < THEMES; theme++)
        for (const struct workload *workload = themes[theme]; workload->name; workload++)
            printf("{\"name\": \"%s\", \"title\": \"%s\", \"unit\": \"%s\", \"target\": %.2f, "
                   "\"alone\": %s, \"cold\": %s}\n",
                   workload->name, workload->title, workload->unit, workload->target,
                   workload->alone ? "true" : "false", workload->cold ? "true" : "false");
    return 0;
}

static const struct workload *find(const char *name)
{
    for (unsigned theme = 0; theme < THEMES; theme++)
        for (const struct workload *workload = themes[theme]; workload->name; workload++)
            if (strcmp(workload->name, name) == 0) return workload;
    fprintf(stderr, "bench: no workload is called %s (try 'bench --list')\n", name);
    exit(EXIT_USAGE);
}

static void measure(const struct setting *setting)
{
    const struct workload *workload = setting->workload;
    struct measurement measurement = {0};
    content(0); /* computed before the clock runs */
    if (workload->measure) {
        workload->measure(setting, &measurement);
    } else {
        for (unsigned i = 0; i < workload->warm_up; i++)
            workload->operation(i);
        measurement_begin(&measurement);
        for (unsigned i = 0; i < setting->operations; i++) {
            workload->operation(i);
            measurement_lap(&measurement, 1);
        }
        measurement_end(&measurement);
    }
    measurement_print(&measurement);
    measurement_release(&measurement);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"scale", 1, 0, 's'}, {"optimistic", 0, 0, 'o'}, {"list", 0, 0, 'l'}, {0}};
    struct setting setting = {.scale = 1};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 's') setting.scale = atof(optarg);
        else if (option == 'o') setting.optimistic = true;
        else if (option == 'l') return list();
        else usage();
    }
    if (argc - optind != 3 || !(setting.scale > 0)) usage();
    setting.workload = find(argv[optind + 1]);
    setting.operations = scaled(&setting, setting.workload->operations);
    if (chdir(argv[optind + 2]) != 0) die("%s", argv[optind + 2]);
    if (strcmp(argv[optind], "measure") == 0) measure(&setting);
    else if (strcmp(argv[optind], "prepare") != 0) usage();
    else if (setting.workload->prepare) setting.workload->prepare(&setting);
    return 0;
}
