/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORM_SAVER_H
#define STORM_SAVER_H

#include "storm.h"

/*
 * Editors: a process loads a file by name, thinks, and saves it in one of the ways that programs have. It holds nothing open
 * meanwhile; that it has read an older version is known of the process alone, so each is a process of one thread. In runs with crashes
 * the daemon forgets that, and the version's token says it.
 */
enum way {
    WAY_RENAME,   /* a temporary file is renamed over it */
    WAY_IN_PLACE, /* opened and overwritten */
    WAY_TRUNCATE, /* opened with O_TRUNC */
    WAY_BACKUP,   /* renamed to a backup, created anew */
    WAY_ANEW,     /* removed, created anew */
    WAYS,
};

/* A word of --ways, as a bit; 0 if it is none. */
unsigned saver_way(const char *word);

void saver_run(const struct storm *storm, unsigned number, uint64_t seed);

/* The name that process `number` moves a file away to. */
void backup_path(const struct storm *storm, unsigned file, unsigned number, char path[PATH_SIZE]);

#endif
