/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>

#include "arguments.h"
#include "described.h"
#include "mountpoints.h"
#include "terminal.h"
#include "verb.h"

enum { OPTION_JSON = 256 };

static int print_json(const struct mountpoint *mount, pid_t daemon)
{
    return json_print(json_pack("{s:o, s:o, s:o, s:o, s:o}", "mountpoint", json_of_text(mount->point), "store",
                                json_of_text(mount->store), "root", json_of_text(mount->root), "pid",
                                daemon ? json_integer(daemon) : json_null(), "options", json_of_text(mount->options)));
}

static int print_line(const struct mountpoint *mount, pid_t daemon)
{
    print_text(mount->point);
    printf("\t");
    print_text(mount->store);
    if (daemon) printf("\t%d\n", (int)daemon);
    else printf("\t-\n");
    return EXIT_DONE;
}

static int run(int argc, char *argv[])
{
    struct mountpoint_list list;
    bool json = false;
    int id, code = EXIT_DONE;
    while ((id = option_next(argc, argv)) != -1)
        json |= id == OPTION_JSON;
    operands_check(argc, 0, 0);
    int error = mountpoint_list_init(&list);
    if (error) return failure("/proc/self/mountinfo", error);
    if (list.count == 0) {
        tell(NULL, "nothing is mounted ('occfs STORE MOUNTPOINT' mounts a store)");
        code = EXIT_NO;
    }
    for (size_t i = 0; i < list.count && code != EXIT_FAILURE_IO; i++) {
        pid_t daemon = mountpoint_daemon(&list.mounts[i]);
        code = json ? print_json(&list.mounts[i], daemon) : print_line(&list.mounts[i], daemon);
    }
    mountpoint_list_release(&list);
    int end = pager_end();
    return end ? end : code;
}

const struct verb verb_of_mounts = {
    .name = "mounts",
    .operands = "",
    .summary = "list the occfs mounts",
    .help = "Lists the occfs mounts that can be seen from here: mountpoint, store, and the process that serves it, if "
            "that\n"
            "can be told ('-' if not). No mount is touched. Exits with 1 if there is none.",
    .options =
        (const struct verb_option[]){
            {OPTION_JSON, "json", ARGUMENT_NONE, NULL, "one JSON object a line", NULL},
            {0},
        },
    .run = run,
};
