/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_NODE_H
#define OCC_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "content_reader.h"
#include "version.h"

/*
 * The node table: what the kernel calls inodes. A nodeid is an index into the table with the slot's generation in
 * the upper half, so that one that was forgotten names nothing; the root is 1.
 */
struct file;
struct open_draft;

enum view_state {
    VIEW_OTHER,      /* a directory, symlink or special file: no view */
    VIEW_PUBLISHED,  /* the head, handed out by name, immutable */
    VIEW_SUPERSEDED, /* an older version; serves who has it open, redirects who opens it */
    VIEW_RESERVED,   /* fresh, for one thread that was told to look the name up again */
    VIEW_DRAFT,      /* one writer's draft */
    VIEW_REPORT,     /* nothing: who opens it is told something (report.h) */
    VIEW_LIVE,       /* of a live file: what everybody sees and changes */

    /* history_view.h. None of these is a file of the store. */
    VIEW_HISTORY,      /* the directory `f@@` */
    VIEW_VERSION,      /* a version in it, immutable */
    VIEW_VERSION_LINK, /* `f@@TOKEN`: leads to `f@@/TOKEN` */
};

struct node {
    uint64_t id;
    uint32_t index;
    uint32_t generation;
    uint64_t lookups; /* the kernel's references, as FORGET counts them */
    pid_t first_tid;  /* who looked it up first */
    pid_t maker_tid;  /* of a created file: whose CREATE it was */
    bool found;     /* it was looked up by somebody else, or the kernel may keep it: an OPEN of it may be on its way */
    unsigned opens; /* handles */
    unsigned reserved; /* reservations that name it */
    struct file *file;
    struct node *next_of_file;
    enum view_state state;

    /* Where it was looked up last; of a directory its place in the tree. */
    uint64_t directory; /* ino, 0 if never */
    char *name;
    bool several_names; /* it was looked up under more than one: an open does not tell by which */

    /* The version shown, as the inode told it when the view was made; of a DRAFT the one that it was opened on. */
    struct version_id version;
    uint64_t lineage; /* the file's when it was looked up: the history of the name that led here; of history 0 */
    uint64_t size;
    uint64_t allocated;
    struct timespec mtime;
    bool abandoned;     /* VERSION: what a killed writer left */
    uint32_t told_mode; /* VERSION: the kernel decides by it who may write */

    struct content_reader *reader; /* from the first READ until the last handle goes */
    struct open_draft *draft;      /* DRAFT */
};

struct node_table {
    struct node **slots; /* by index; NULL: free */
    uint32_t *generations;
    uint32_t capacity;
    uint32_t first_free; /* no free slot below it */
    uint32_t count;
};

int node_table_init(struct node_table *table);
void node_table_release(struct node_table *table);

/* A new node of the file, with no references; NULL when out of memory. */
struct node *node_new(struct node_table *table, struct file *file, enum view_state state);
/* Takes it out of the table and its file's list and frees it. */
void node_free(struct node_table *table, struct node *node);

/* NULL for an id that names nothing. */
struct node *node_find(const struct node_table *table, uint64_t id);

/* Whether that is where it was looked up last. */
bool node_is_at(const struct node *node, uint64_t directory, const char *name);

/* Remembers where the node was looked up. Without memory it stays as it was. */
void node_set_place(struct node *node, uint64_t directory, const char *name);

#endif
