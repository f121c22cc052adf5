/* SPDX-License-Identifier: Apache-2.0 */

/* occ: works with the versions of the files on occfs mounts. */

#include <stdio.h>
#include <string.h>

#include "terminal.h"
#include "verb.h"

int main(int argc, char *argv[])
{
    if (argc < 2) {
        verb_list();
        return EXIT_MISUSE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--version") == 0) {
        printf("occ %s\n", OCCFS_VERSION);
        return EXIT_DONE;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) name = "help";
    verb_running = verb_find(name);
    if (verb_running) return verb_running->run(argc - 1, argv + 1);

    const struct verb *nearest = verb_nearest(name);
    if (nearest) complain(name, "no such verb; did you mean '%s'?", nearest->name);
    else complain(name, "no such verb ('occ help' lists them)");
    return EXIT_MISUSE;
}
