/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arguments.h"
#include "command.h"
#include "spool.h"
#include "terminal.h"
#include "updating.h"
#include "verb.h"

/* ---- the command as a function of content ---- */

struct filter {
    const char *file;
    char *const *argv;
};

static int run_between(const struct filter *filter, int in, int out)
{
    char text[COMMAND_TEXT_SIZE];
    int status;
    int error = command_run(filter->argv, in, out, STDERR_FILENO, &status);
    if (error) {
        complain(filter->argv[0], "%s (nothing was changed)", strerror(-error));
        return EXIT_FAILURE_IO;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return EXIT_DONE;
    command_status_text(status, text);
    complain(filter->file, "%s %s (nothing was changed)", filter->argv[0], text);
    return EXIT_FAILURE_IO;
}

static int filter_content(void *context, const struct occfs_content *old, void **ret_data, size_t *ret_size)
{
    const struct filter *filter = context;
    int in = spool_open(), out = spool_open();
    int error = in < 0 ? in : out < 0 ? out : spool_append(in, old->data, old->size);
    if (!error) error = spool_rewind(in);
    int code = error ? EXIT_DONE : run_between(filter, in, out);
    if (!error && code == EXIT_DONE) error = spool_content(out, ret_data, ret_size);
    if (in >= 0) close(in);
    if (out >= 0) close(out);
    return error ? spool_failure(error) : code;
}

/* ---- the verb ---- */

static int run(int argc, char *argv[])
{
    struct updating updating = {0};
    for (int id; (id = option_next(argc, argv)) != -1;)
        updating_option(&updating, id);
    operands_check(argc, 2, -1);
    struct filter filter = {.file = argv[optind], .argv = argv + optind + 1};
    if (strcmp(filter.argv[0], "--") == 0 && !*++filter.argv) return misuse("no command");
    return updating_run(&updating, filter.file, filter_content, &filter);
}

const struct verb verb_of_update = {
    .name = "update",
    .operands = "FILE -- CMD [ARGUMENT...]",
    .summary = "change a file by a command, again after a conflict",
    .help = "Runs CMD with the content of FILE on its standard input, and commits what CMD prints against the very "
            "version that\n"
            "it was given. If somebody else was faster, all of it is done again. If CMD fails, FILE stays as it is.",
    .options = (const struct verb_option[]){UPDATING_OPTIONS, {0}},
    .operand = ARGUMENT_PATH,
    .takes_command = true,
    .run = run,
};
