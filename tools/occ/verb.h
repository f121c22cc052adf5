/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCC_VERB_H
#define OCC_VERB_H

#include <stdbool.h>

/* A verb of occ(1): one file each, one entry in the table of verbs.c, from which dispatch, help and completion are made. */

/* Exit codes: the same for all verbs. From sysexits.h where that has one. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_NO = 1,          /* there are differences; the answer is no; there is no such thing */
    EXIT_MISUSE = 2,      /* of options and arguments */
    EXIT_NOWHERE = 69,    /* not on an occfs mount, or its daemon is gone */
    EXIT_FAILURE_IO = 74, /* anything else that failed: input, output, rights, memory */
    EXIT_CONFLICT = 75,   /* somebody else was faster; what was to be written is kept, and told */
};

/* What an option's argument or an operand is, for completion. */
enum argument_kind {
    ARGUMENT_NONE, /* of an option: it takes none */
    ARGUMENT_TEXT,
    ARGUMENT_NUMBER,
    ARGUMENT_PATH,
    ARGUMENT_VERSION, /* FILE@@N: a file, or one of its versions */
    ARGUMENT_COMMAND,
    ARGUMENT_VERB,
    ARGUMENT_TOKEN,
    ARGUMENT_DIRECTORY,
    ARGUMENT_WORD, /* one of `words` */
};

struct verb_option {
    int id;           /* the letter, or a number from 256 on if it has none */
    const char *name; /* without the dashes */
    enum argument_kind kind;
    const char *argument; /* as help shows it; NULL if it takes none */
    const char *help;
    const char *words; /* of ARGUMENT_WORD: separated by '|' */
};

struct verb {
    const char *name;
    const char *operands;               /* as help shows them */
    const char *summary;                /* one line, for the list */
    const char *help;                   /* paragraphs for `occ help VERB` */
    const struct verb_option *options;  /* ends with a zeroed one; NULL: none but the common ones */
    enum argument_kind operand;         /* for completion */
    bool takes_command;                 /* options end at the first operand but one, or at -- */
    const char *words;                  /* the first operand is one of them, for completion: separated by '|'; NULL */
    int (*run)(int argc, char *argv[]); /* argv[0] is the verb; an exit code */
};

/* In the order in which help lists them; ends with NULL. One without a summary is not listed. */
extern const struct verb *const verbs[];

const struct verb *verb_find(const char *name); /* NULL */

/* The verb nearest to a mistyped name, by edit distance; NULL if none is near. */
const struct verb *verb_nearest(const char *name);

/* The verb that runs. */
extern const struct verb *verb_running;

/* Text for people on standard output. */
void verb_help(const struct verb *verb);
void verb_list(void);

#endif
